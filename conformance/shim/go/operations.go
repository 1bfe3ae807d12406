// The operations of the contract, each a call of the library.
package main

import (
	"fmt"
	"net/url"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// operations is filled here and not where it is declared, as its functions use it through workOn.
var operations map[string]func(arguments) (object, error)

func init() {
	operations = map[string]func(arguments) (object, error){
		"connect": connect,
		"close":   func(arguments) (object, error) { return nil, closeOpened() },
		"channel.open": func(it arguments) (object, error) {
			about, err := opened()
			if err == nil {
				_, err = about.openChannel(it.number("channel", 1))
			}
			return nil, err
		},
		"channel.close": on(func(it arguments, c *channel) error { return c.Close() }),
		"wait": func(it arguments) (object, error) {
			time.Sleep(time.Duration(it.number("seconds", 0)) * time.Second)
			return nil, nil
		},
		"confirm.select": on(func(it arguments, c *channel) error {
			return c.confirm()
		}),
		"confirm.asynchronous": on(func(it arguments, c *channel) error {
			c.asynchronous = true
			return c.confirm()
		}),
		"tx.select":   on(func(it arguments, c *channel) error { return c.Tx() }),
		"tx.commit":   on(func(it arguments, c *channel) error { return c.TxCommit() }),
		"tx.rollback": on(func(it arguments, c *channel) error { return c.TxRollback() }),
		"exchange.delete": on(func(it arguments, c *channel) error {
			return c.ExchangeDelete(it.text("exchange"), it.flag("if_unused"), false)
		}),
		"exchange.declare": on(func(it arguments, c *channel) error {
			declare := c.ExchangeDeclare
			if it.flag("passive") {
				declare = c.ExchangeDeclarePassive
			}
			kind := it.text("type")
			if kind == "" {
				kind = "direct"
			}
			return declare(it.text("exchange"), kind, it.flag("durable"), it.flag("auto_delete"), it.flag("internal"), false, it.table())
		}),
		"exchange.bind": on(func(it arguments, c *channel) error {
			return c.ExchangeBind(it.text("destination"), it.text("routing_key"), it.text("source"), false, it.table())
		}),
		"exchange.unbind": on(func(it arguments, c *channel) error {
			return c.ExchangeUnbind(it.text("destination"), it.text("routing_key"), it.text("source"), false, it.table())
		}),
		"queue.declare": queueDeclare,
		"queue.bind": on(func(it arguments, c *channel) error {
			return c.QueueBind(it.text("queue"), it.text("routing_key"), it.text("exchange"), false, it.table())
		}),
		"queue.unbind": on(func(it arguments, c *channel) error {
			return c.QueueUnbind(it.text("queue"), it.text("routing_key"), it.text("exchange"), it.table())
		}),
		"queue.purge": counting(func(it arguments, c *channel) (int, error) { return c.QueuePurge(it.text("queue"), false) }),
		"queue.delete": counting(func(it arguments, c *channel) (int, error) {
			return c.QueueDelete(it.text("queue"), it.flag("if_unused"), it.flag("if_empty"), false)
		}),
		"basic.qos": on(func(it arguments, c *channel) error {
			return c.Qos(int(it.number("prefetch_count", 0)), int(it.number("prefetch_size", 0)), it.flag("global"))
		}),
		"basic.publish": basicPublish,
		"basic.consume": basicConsume,
		"basic.get":     basicGet,
		"basic.cancel":  on(func(it arguments, c *channel) error { return c.Cancel(it.text("consumer_tag"), false) }),
		"basic.ack":     on(func(it arguments, c *channel) error { return c.Ack(it.tag(), it.flag("multiple")) }),
		"basic.nack":    on(func(it arguments, c *channel) error { return c.Nack(it.tag(), it.flag("multiple"), it.requeue()) }),
		"basic.reject":  on(func(it arguments, c *channel) error { return c.Reject(it.tag(), it.requeue()) }),
		"basic.recover": on(func(it arguments, c *channel) error { return c.Recover(it.flag("requeue")) }),
	}
}

func channelOf(it arguments) (*channel, error) {
	about, err := opened()
	if err != nil {
		return nil, err
	}
	number := it.number("channel", 1)
	about.mutex.Lock()
	found := about.channels[number]
	about.mutex.Unlock()
	if found != nil {
		return found, nil
	}
	return about.openChannel(number)
}

func on(act func(arguments, *channel) error) func(arguments) (object, error) {
	return func(it arguments) (object, error) {
		c, err := channelOf(it)
		if err == nil {
			err = act(it, c)
		}
		return nil, err
	}
}

func counting(act func(arguments, *channel) (int, error)) func(arguments) (object, error) {
	return func(it arguments) (object, error) {
		c, err := channelOf(it)
		if err != nil {
			return nil, err
		}
		count, err := act(it, c)
		return object{"message_count": count}, err
	}
}

func connect(it arguments) (object, error) {
	if it.has("blocked_timeout") {
		return nil, unsupported("amqp091-go has no limit for the time a connection is blocked")
	}
	if err := closeCurrent(); err != nil {
		return nil, err
	}
	target := url.URL{Scheme: "amqp", Host: fmt.Sprintf("%s:%d", it.text("host"), it.number("port", 5672)),
		User: url.UserPassword(it.text("user"), it.text("password"))}
	if it.has("heartbeat") { // The only way to turn them off: 0 in the configuration means the default.
		target.RawQuery = fmt.Sprintf("heartbeat=%d", it.number("heartbeat", 0))
	}
	timeout := time.Duration(it.number("timeout", 10)) * time.Second
	config := amqp.Config{Vhost: it.text("vhost"), FrameSize: int(it.number("frame_max", 0)), Dial: amqp.DefaultDial(timeout)}
	set(&config.ChannelMax, it.number("channel_max", 0))
	made, err := amqp.DialConfig(target.String(), config)
	if err != nil {
		return nil, err
	}
	current = &session{connection: made, channels: map[int64]*channel{}, onChannels: map[int64]*calls{}}
	current.watch()
	return object{"channel_max": made.Config.ChannelMax, "frame_max": made.Config.FrameSize,
		"heartbeat": int(made.Config.Heartbeat / time.Second), "server_properties": toJSON(made.Properties)}, nil
}

// set is for a field whose type depends on the release.
func set[Number int | uint16](field *Number, value int64) { *field = Number(value) }

func closeOpened() error {
	if _, err := opened(); err != nil {
		return err
	}
	return closeCurrent()
}

func queueDeclare(it arguments) (object, error) {
	c, err := channelOf(it)
	if err != nil {
		return nil, err
	}
	declare := c.QueueDeclare
	if it.flag("passive") {
		declare = c.QueueDeclarePassive
	}
	queue, err := declare(it.text("queue"), it.flag("durable"), it.flag("auto_delete"), it.flag("exclusive"), false, it.table())
	return object{"queue": queue.Name, "message_count": queue.Messages, "consumer_count": queue.Consumers}, err
}

func basicPublish(it arguments) (object, error) {
	c, err := channelOf(it)
	if err != nil {
		return nil, err
	}
	message, err := it.message()
	if err != nil {
		return nil, err
	}
	c.returned() // What came back earlier is told already.
	wait, err := c.publish(it.text("exchange"), it.text("routing_key"), it.flag("mandatory"), message)
	if err != nil || wait == nil {
		return nil, err
	}
	if err := wait(); err != nil {
		return nil, err
	}
	if returned := c.returned(); len(returned) > 0 {
		return nil, fmt.Errorf("%w: %s", errReturned, returned[0].ReplyText)
	}
	return object{"confirmed": true}, nil
}

// tell is how a confirmation becomes an event: after whatever came back before it.
func (it *channel) tell(acknowledged bool, tag uint64) {
	name := "basic.ack"
	if !acknowledged {
		name = "basic.nack"
	}
	it.returned()
	event(name, object{"channel": it.number, "delivery_tag": tag, "multiple": false})
}

var consumers atomic.Int64

func basicConsume(it arguments) (object, error) {
	c, err := channelOf(it)
	if err != nil {
		return nil, err
	}
	tag := it.text("consumer_tag")
	if tag == "" { // The library makes one up and tells nobody, so applications that want to know choose it.
		tag = fmt.Sprintf("shim-%d", consumers.Add(1))
	}
	deliveries, err := c.Consume(it.text("queue"), tag, it.flag("auto_ack"), it.flag("exclusive"), it.flag("no_local"), false, it.table())
	if err != nil {
		return nil, err
	}
	go func() {
		for one := range deliveries {
			event("basic.deliver", with(content(properties(one), one.Body), object{"channel": c.number,
				"consumer_tag": one.ConsumerTag, "delivery_tag": one.DeliveryTag, "redelivered": one.Redelivered,
				"exchange": one.Exchange, "routing_key": one.RoutingKey}))
		}
	}()
	return object{"consumer_tag": tag}, nil
}

func basicGet(it arguments) (object, error) {
	c, err := channelOf(it)
	if err != nil {
		return nil, err
	}
	one, found, err := c.Get(it.text("queue"), it.flag("auto_ack"))
	if err != nil || !found {
		return object{"message": nil}, err
	}
	return object{"message": with(content(properties(one), one.Body), object{"delivery_tag": one.DeliveryTag,
		"redelivered": one.Redelivered, "exchange": one.Exchange, "routing_key": one.RoutingKey,
		"message_count": one.MessageCount})}, nil
}

func (it arguments) tag() uint64 { return uint64(it.number("delivery_tag", 0)) }

func (it arguments) requeue() bool { return !it.has("requeue") || it.flag("requeue") }

func (it arguments) table() amqp.Table {
	table, _ := fromJSON(it.given["arguments"]).(amqp.Table)
	return table
}
