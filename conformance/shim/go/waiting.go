package main

import "sync"

// calls are those that wait for a connection or a channel. Its end is told to them and by NotifyClose, in either order:
// it is an event only if no call has answered, or will answer, with it. A call that waits for nothing, such as basic.ack,
// may be under way when the end comes, and answer with success all the same.
type calls struct {
	mutex     sync.Mutex
	open      int
	endIsTold bool
	held      func()
}

func (it *calls) begin() {
	it.mutex.Lock()
	defer it.mutex.Unlock()
	it.open++
}

func (it *calls) end(withItsEnd bool) {
	it.mutex.Lock()
	defer it.mutex.Unlock()
	it.open--
	it.endIsTold = it.endIsTold || withItsEnd
	it.tellHeld()
}

func (it *calls) beginAnew() {
	it.mutex.Lock()
	defer it.mutex.Unlock()
	it.endIsTold, it.held = false, nil
}

// tellEnd tells the end as an event, unless a call answers with it.
func (it *calls) tellEnd(event func()) {
	it.mutex.Lock()
	defer it.mutex.Unlock()
	it.held = event
	it.tellHeld()
}

func (it *calls) tellHeld() {
	if it.open > 0 || it.held == nil {
		return
	}
	if !it.endIsTold {
		it.held()
	}
	it.held = nil
}
