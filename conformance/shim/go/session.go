// A connection and its channels: what the library notifies of becomes events.
package main

import (
	"sync"
	"sync/atomic"

	amqp "github.com/rabbitmq/amqp091-go"
)

// session is a connection and what is known of it; another connect makes another.
type session struct {
	connection *amqp.Connection
	mutex      sync.Mutex
	channels   map[int64]*channel // by the number the harness uses
	pending    int                // requests that wait for the connection or any channel
	pendingOn  map[int64]int      // and for one of them
	told       bool               // a request was answered with the end of the connection
	end        *amqp.Error
}

// channel is one of the library and what its notifications said.
type channel struct {
	*amqp.Channel
	session      *session
	number       int64
	told         atomic.Bool // a request was answered with its end
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

func (it *session) openChannel(number int64) (*channel, error) {
	made, err := it.connection.Channel()
	if err != nil {
		return nil, err
	}
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
	end := <-notified
	it.session.mutex.Lock()
	it.end = end
	waiting := it.session.pendingOn[it.number] > 0 || it.told.Load()
	it.session.mutex.Unlock()
	close(it.closed)
	if end != nil && !waiting && !it.session.connection.IsClosed() {
		told := described(end, false)
		event("channel.close", object{"channel": it.number, "code": told["code"], "text": told["text"]})
	}
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
		end := <-closed
		it.mutex.Lock()
		it.end = end
		waiting := it.pending > 0 || it.told
		it.mutex.Unlock()
		if end != nil && !waiting {
			event("connection.close", described(end, true))
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
