// A connection and its channels: what the library notifies of becomes events.
package main

import (
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"
)

// session is a connection and what is known of it; another connect makes another.
type session struct {
	connection *amqp.Connection
	mutex      sync.Mutex
	channels   map[int64]*channel // by the number the harness uses
	waiting    calls              // for the connection or any channel
	onChannels map[int64]*calls   // and for one of them
}

// channel is one of the library and what its notifications said.
type channel struct {
	*amqp.Channel
	session      *session
	number       int64
	closed       chan struct{}
	end          *amqp.Error
	confirms     confirms
	asynchronous bool
	flush        chan chan []amqp.Return
}

var current *session

func opened() (*session, error) {
	if current == nil {
		return nil, amqp.ErrClosed
	}
	return current, nil
}

func (it *session) waitingOn(number int64) *calls {
	it.mutex.Lock()
	defer it.mutex.Unlock()
	if it.onChannels[number] == nil {
		it.onChannels[number] = &calls{}
	}
	return it.onChannels[number]
}

func (it *session) openChannel(number int64) (*channel, error) {
	made, err := it.connection.Channel()
	if err != nil {
		return nil, err
	}
	it.waitingOn(number).beginAnew()
	opened := &channel{Channel: made, session: it, number: number, closed: make(chan struct{}),
		flush: make(chan chan []amqp.Return)}
	go opened.watchClose(made.NotifyClose(make(chan *amqp.Error, 1)))
	go opened.watchReturns(made.NotifyReturn(make(chan amqp.Return)))
	go opened.watchCancels(made.NotifyCancel(make(chan string, 1)))
	it.mutex.Lock()
	it.channels[number] = opened
	it.mutex.Unlock()
	return opened, nil
}

func (it *channel) watchClose(notified chan *amqp.Error) {
	it.end = <-notified
	close(it.closed)
	if it.end == nil || it.session.connection.IsClosed() {
		return
	}
	told := described(it.end, false)
	it.session.waitingOn(it.number).tellEnd(func() {
		event("channel.close", object{"channel": it.number, "code": told["code"], "text": told["text"]})
	})
}

// watchReturns gives whoever asks by flush what came back since the last time: all that came before the question.
func (it *channel) watchReturns(notified chan amqp.Return) {
	var returned []amqp.Return
	for {
		select {
		case one, open := <-notified:
			if !open {
				notified = nil
				continue
			}
			returned = append(returned, one)
			event("basic.return", with(content(properties(one), one.Body), object{"channel": it.number,
				"reply_code": one.ReplyCode, "reply_text": one.ReplyText, "exchange": one.Exchange,
				"routing_key": one.RoutingKey}))
		case answer := <-it.flush:
			answer <- returned
			returned = nil
		}
	}
}

func (it *channel) returned() []amqp.Return {
	answer := make(chan []amqp.Return)
	it.flush <- answer
	return <-answer
}

func (it *channel) watchCancels(notified chan string) {
	for tag := range notified {
		event("basic.cancel", object{"channel": it.number, "consumer_tag": tag})
	}
}

func (it *session) watch() {
	closed := it.connection.NotifyClose(make(chan *amqp.Error, 1))
	blocked := it.connection.NotifyBlocked(make(chan amqp.Blocking, 16))
	go func() {
		for one := range blocked {
			if one.Active {
				event("connection.blocked", object{"reason": one.Reason})
			} else {
				event("connection.unblocked", object{})
			}
		}
	}()
	go func() {
		if end := <-closed; end != nil {
			it.waiting.tellEnd(func() { event("connection.close", described(end, true)) })
		}
	}()
}

func closeCurrent() error {
	it := current
	current = nil
	if it == nil || it.connection.IsClosed() {
		return nil
	}
	return it.connection.Close()
}
