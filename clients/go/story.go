// The story with amqp091-go: confirms awaited one by one or deferred, notifications on Go channels, and a redial loop
// around NotifyClose.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const (
	messages = 100
	prefetch = 10
	patience = 5 * time.Second
)

var url, events, work, dead, rpc string

func step(format string, values ...any) {
	fmt.Printf("step: "+format+"\n", values...)
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Output(2, err.Error())
		os.Exit(1)
	}
}

func expect(good bool, format string, values ...any) {
	if !good {
		log.Output(2, fmt.Sprintf(format, values...))
		os.Exit(1)
	}
}

func declare(channel *amqp.Channel) amqp.Queue {
	check(channel.ExchangeDeclare(events, "topic", true, false, false, false, nil))
	check(channel.ExchangeDeclare(dead, "fanout", true, false, false, false, nil))
	must(channel.QueueDeclare(dead, true, false, false, false, nil))
	check(channel.QueueBind(dead, "", dead, false, nil))
	queue := must(channel.QueueDeclare(work, true, false, false, false, amqp.Table{"x-dead-letter-exchange": dead}))
	check(channel.QueueBind(work, "order.#", events, false, nil))
	return queue
}

func publish(channel *amqp.Channel, exchange, key string, message amqp.Publishing) *amqp.DeferredConfirmation {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return must(channel.PublishWithDeferredConfirmWithContext(ctx, exchange, key, true, false, message))
}

func publishWithConfirms(channel *amqp.Channel) {
	check(channel.Confirm(false))
	var confirmations []*amqp.DeferredConfirmation
	for number := 0; number < messages; number++ {
		body := []byte(strconv.Itoa(number))
		message := amqp.Publishing{DeliveryMode: amqp.Persistent, ContentType: "text/plain", Body: body}
		confirmations = append(confirmations, publish(channel, events, "order.created", message))
	}
	confirmed := 0
	for _, confirmation := range confirmations {
		if confirmation.Wait() {
			confirmed++
		}
	}
	step("confirmed %d", confirmed)
}

// next is the next value of a Go channel that gets one soon.
func next[T any](values <-chan T, what string) T {
	select {
	case value, open := <-values:
		expect(open, "%s: closed", what)
		return value
	case <-time.After(patience):
		expect(false, "%s: nothing came", what)
	}
	panic("unreachable")
}

func consumeWithPrefetch(connection *amqp.Connection) {
	channel := must(connection.Channel())
	check(channel.Qos(prefetch, 0, false))
	deliveries := must(channel.Consume(work, "worker", false, false, false, false, nil))
	for number := 0; number < messages; {
		var last amqp.Delivery
		for unacknowledged := 0; unacknowledged < prefetch; unacknowledged++ {
			last = next(deliveries, "consume")
			expect(string(last.Body) == strconv.Itoa(number), "expected %d, got %s", number, last.Body)
			number++
		}
		select {
		case <-deliveries:
			expect(false, "more than the prefetch count came")
		case <-time.After(10 * time.Millisecond):
		}
		check(last.Ack(true))
	}
	check(channel.Cancel("worker", false))
	_, open := <-deliveries
	expect(!open, "a delivery after the cancellation")
	check(channel.Close())
	step("consumed %d in order, at most %d unacknowledged", messages, prefetch)
}

func publishUnroutable(channel *amqp.Channel) {
	returns := channel.NotifyReturn(make(chan amqp.Return, 1))
	confirmation := publish(channel, events, "nobody.cares", amqp.Publishing{Body: []byte("lost")})
	returned := next(returns, "return")
	expect(string(returned.Body) == "lost", "returned %s", returned.Body)
	expect(confirmation.Wait(), "a returned message is confirmed as well")
	step("returned %d %s", returned.ReplyCode, returned.ReplyText)
}

// get is the next message of a queue that gets it soon.
func get(channel *amqp.Channel, queue string) amqp.Delivery {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		delivery, found, err := channel.Get(queue, false)
		check(err)
		if found {
			return delivery
		}
	}
	expect(false, "no message came to %s", queue)
	panic("unreachable")
}

func deadLetter(channel *amqp.Channel) {
	var reasons [2]any
	for number, expiration := range [2]string{"", "10"} {
		publish(channel, events, "order.late", amqp.Publishing{Expiration: expiration, Body: []byte("dead")})
		if expiration == "" {
			delivery := get(channel, work)
			check(delivery.Reject(false))
		}
		delivery := get(channel, dead)
		death := delivery.Headers["x-death"].([]any)[0].(amqp.Table)
		expect(death["queue"] == work && death["exchange"] == events && death["count"] == int64(1), "%v", death)
		reasons[number] = death["reason"]
		check(delivery.Ack(false))
	}
	step("dead-lettered %s, %s", reasons[0], reasons[1])
}

func serve(channel *amqp.Channel, requests <-chan amqp.Delivery) {
	request := next(requests, "request")
	number := must(strconv.Atoi(string(request.Body)))
	reply := amqp.Publishing{CorrelationId: request.CorrelationId, Body: []byte(strconv.Itoa(number * 7))}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	check(channel.PublishWithContext(ctx, "", request.ReplyTo, false, false, reply))
	check(request.Ack(false))
}

func call(connection *amqp.Connection) {
	server, client := must(connection.Channel()), must(connection.Channel())
	must(server.QueueDeclare(rpc, false, false, true, false, nil))
	requests := must(server.Consume(rpc, "", false, false, false, false, nil))
	replies := must(client.Consume("amq.rabbitmq.reply-to", "", true, false, false, false, nil))
	go serve(server, requests)
	publish(client, "", rpc, amqp.Publishing{ReplyTo: "amq.rabbitmq.reply-to", CorrelationId: "c1", Body: []byte("6")})
	reply := next(replies, "reply")
	expect(reply.CorrelationId == "c1", "a reply to %s", reply.CorrelationId)
	check(client.Close())
	step("answered %s", reply.Body)
}

func connect() *amqp.Connection {
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		connection, err := amqp.DialConfig(url, amqp.Config{Properties: amqp.Table{"connection_name": "story"}})
		if err == nil {
			return connection
		}
		expect(time.Now().Before(end), "cannot connect: %v", err)
	}
}

func reconnect(connection *amqp.Connection) (*amqp.Connection, *amqp.Channel) {
	lost := connection.NotifyClose(make(chan *amqp.Error, 1))
	fmt.Println("restart")
	next(lost, "the end of the connection")
	connection = connect()
	channel := must(connection.Channel())
	declare(channel)
	check(channel.Confirm(false))
	expect(publish(channel, events, "order.again", amqp.Publishing{Body: []byte("after")}).Wait(), "not confirmed")
	again := get(channel, work)
	expect(string(again.Body) == "after", "got %s", again.Body)
	check(again.Ack(false))
	step("recovered")
	return connection, channel
}

func end(connection *amqp.Connection, channel *amqp.Channel) {
	for _, queue := range []string{work, dead} {
		must(channel.QueueDelete(queue, false, false, false))
	}
	for _, exchange := range []string{events, dead} {
		check(channel.ExchangeDelete(exchange, false, false))
	}
	check(channel.Close())
	check(connection.Close())
	step("closed")
}

func main() {
	log.SetFlags(log.Lshortfile)
	amqp.SetLogger(log.New(os.Stdout, "amqp091-go: ", 0))
	url = os.Args[1]
	prefix := os.Args[2]
	events, work, dead, rpc = prefix+".events", prefix+".work", prefix+".dead", prefix+".rpc"

	connection := connect()
	channel := must(connection.Channel())
	queue := declare(channel)
	step("declared, %d messages, %d consumers", queue.Messages, queue.Consumers)
	publishWithConfirms(channel)
	consumeWithPrefetch(connection)
	publishUnroutable(channel)
	deadLetter(channel)
	call(connection)
	end(reconnect(connection))
}
