// Publisher confirms as amqp091-go has them: every publication gives a promise of its confirmation.
package main

import (
	"context"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const library = "amqp091-go"

// confirms is what a channel has to remember for them: nothing.
type confirms struct{}

func (it *channel) isClosed() bool { return it.IsClosed() }

func (it *channel) confirm() error { return it.Confirm(false) }

// publish gives what to wait with, if the answer of the broker is to be waited for.
func (it *channel) publish(exchange, key string, mandatory bool, message amqp.Publishing) (func() error, error) {
	confirmation, err := it.PublishWithDeferredConfirm(exchange, key, mandatory, false, message)
	if err != nil || confirmation == nil {
		return nil, err
	}
	if it.asynchronous {
		go func() { it.tell(confirmation.Wait(), confirmation.DeliveryTag) }()
		return nil, nil
	}
	return func() error { return it.waitFor(confirmation) }, nil
}

// waitFor is how the answer to a publication is awaited. A channel that ends is told by WaitContext as if it were a nack.
func (it *channel) waitFor(confirmation *amqp.DeferredConfirmation) error {
	acked, err := confirmation.WaitContext(context.Background())
	if err != nil || acked {
		return err
	}
	select {
	case <-it.closed:
		if it.end != nil {
			return it.end
		}
		return amqp.ErrClosed
	case <-time.After(100 * time.Millisecond):
		return errNacked
	}
}
