// Publisher confirms as streadway/amqp has them: a Go channel brings them in the order of the publications.
package main

import (
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const library = "streadway-amqp"

// confirms is what a channel has to remember for them; nil as long as it has none.
type confirms chan amqp.Confirmation

// isClosed is asked after an error of a call. The notification has been sent by then, but perhaps nobody has read it.
func (it *channel) isClosed() bool {
	select {
	case <-it.closed:
		return true
	case <-time.After(50 * time.Millisecond):
		return false
	}
}

func (it *channel) confirm() error {
	if it.confirms == nil {
		it.confirms = it.NotifyPublish(make(chan amqp.Confirmation, 1024))
		if it.asynchronous {
			go func() {
				for one := range it.confirms {
					it.tell(one.Ack, one.DeliveryTag)
				}
			}()
		}
	}
	return it.Confirm(false)
}

// publish gives what to wait with, if the answer of the broker is to be waited for.
func (it *channel) publish(exchange, key string, mandatory bool, message amqp.Publishing) (func() error, error) {
	err := it.Publish(exchange, key, mandatory, false, message)
	if err != nil || it.confirms == nil || it.asynchronous {
		return nil, err
	}
	return it.waitForConfirmation, nil
}

func (it *channel) waitForConfirmation() error {
	confirmation, open := <-it.confirms
	if !open {
		<-it.closed
		if it.end != nil {
			return it.end
		}
		return amqp.ErrClosed
	}
	if !confirmation.Ack {
		return errNacked
	}
	return nil
}
