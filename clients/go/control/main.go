// The control story with amqp091-go: time, cut connections and crashes over HTTP, from a test in Go.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const patience = 5 * time.Second

var broker, queue, control string

func step(text string) { fmt.Println("step: " + text) }

func check(err error) {
	if err != nil {
		log.Output(2, err.Error())
		os.Exit(1)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func expect(good bool, format string, values ...any) {
	if !good {
		log.Output(2, fmt.Sprintf(format, values...))
		os.Exit(1)
	}
}

// ask gives what the API says; an answer other than 2xx ends the program.
func ask[T any](method, path string, body any) (answer T) {
	octets := must(json.Marshal(body))
	if body == nil {
		octets = nil
	}
	request := must(http.NewRequest(method, control+path, bytes.NewReader(octets)))
	response := must(http.DefaultClient.Do(request))
	defer response.Body.Close()
	text := must(io.ReadAll(response.Body))
	expect(response.StatusCode < 300, "%s %s: %s %s", method, path, response.Status, text)
	if len(text) > 0 {
		check(json.Unmarshal(text, &answer))
	}
	return answer
}

type deadline struct {
	Kind, Queue string
	In          float64
}

type clock struct {
	Now      float64
	Next     *deadline `json:"next_deadline"`
	Reached  *deadline
	Advanced float64
}

type message struct{ Body string }

type object map[string]any

// dial asks for no heartbeats: they would keep wall time. The library takes the broker's word then, which is none, too.
func dial() (*amqp.Connection, error) { return amqp.Dial(broker + "?heartbeat=0") }

func connect() (*amqp.Connection, *amqp.Channel) {
	connection := must(dial())
	return connection, must(connection.Channel())
}

func publish(channel *amqp.Channel, body string) *amqp.DeferredConfirmation {
	sent := amqp.Publishing{DeliveryMode: amqp.Persistent, Body: []byte(body)}
	return must(channel.PublishWithDeferredConfirm("", queue, false, false, sent))
}

func expire(channel *amqp.Channel) {
	arguments := amqp.Table{"x-message-ttl": int32(30 * 60 * 1000)}
	must(channel.QueueDeclare(queue, true, false, false, false, arguments))
	expect(publish(channel, "late").Wait(), "not confirmed")
	due := ask[clock]("GET", "/clock", nil).Next
	expect(due != nil && *due == deadline{"message_expiry", queue, 1800}, "due is %+v", due)
	ask[clock]("POST", "/clock/advance", object{"by": "30m"})
	_, found, err := channel.Get(queue, true)
	check(err)
	expect(!found, "the message is still there")
	step("expired after 30 minutes")
}

type fault struct {
	Id    string
	Fired int
}

func confirmLate(channel *amqp.Channel) {
	rule := ask[fault]("POST", "/faults", object{"do": object{"late_confirms": "1h"}})
	late := publish(channel, "delayed")
	for began := time.Now(); ask[[]fault]("GET", "/faults", nil)[0].Fired == 0; time.Sleep(20 * time.Millisecond) {
		expect(time.Since(began) < patience, "the fault did not act")
	}
	expect(!late.Acked(), "confirmed in spite of the fault")
	ask[clock]("POST", "/clock/advance", object{"by": "1h"})
	expect(late.Wait(), "not confirmed")
	ask[any]("DELETE", "/faults/"+rule.Id, nil)
	expect(len(ask[[]fault]("GET", "/faults", nil)) == 0, "the fault is still there")
	step("confirmed late by a fault")
}

func drop(connection *amqp.Connection, channel *amqp.Channel) *amqp.Connection {
	expect(publish(channel, "kept").Wait(), "not confirmed")
	rows := ask[[]message]("GET", "/messages?queue="+url.QueryEscape(queue), nil)
	expect(len(rows) == 1 && rows[0].Body == "kept", "in the queue: %v", rows)
	open := ask[[]struct{ Connection int }]("GET", "/connections", nil)
	lost := connection.NotifyClose(make(chan *amqp.Error, 1))
	ask[any]("POST", fmt.Sprintf("/connections/%d/drop", open[0].Connection), nil)
	end(lost)
	again, _ := connect()
	step("dropped, and connected again")
	return again
}

// end waits until a connection is lost.
func end(lost <-chan *amqp.Error) {
	select {
	case <-lost:
	case <-time.After(patience):
		expect(false, "the connection did not end")
	}
}

func crash(connection *amqp.Connection) *amqp.Connection {
	lost := connection.NotifyClose(make(chan *amqp.Error, 1))
	ask[any]("POST", "/broker/crash", nil)
	end(lost)
	_, err := dial()
	expect(err != nil, "a broker without power takes connections")
	ask[any]("POST", "/broker/start", nil)
	connection, channel := connect()
	kept, found, err := channel.Get(queue, true)
	check(err)
	expect(found && string(kept.Body) == "kept" && kept.Redelivered, "got %v, %s", found, kept.Body)
	step("crashed, and nothing persistent was lost")
	return connection
}

func reset(connection *amqp.Connection) {
	lost := connection.NotifyClose(make(chan *amqp.Error, 1))
	ask[any]("POST", "/reset", nil)
	end(lost)
	expect(len(ask[[]any]("GET", "/queues", nil)) == 0, "there is a queue after the reset")
	expect(ask[clock]("GET", "/clock", nil).Now == 0, "the clock did not go back")
	step("reset")
}

func main() {
	log.SetFlags(log.Lshortfile)
	broker, queue, control = os.Args[1], os.Args[2]+".orders", os.Args[3]
	connection, channel := connect()
	check(channel.Confirm(false))
	expire(channel)
	confirmLate(channel)
	reset(crash(drop(connection, channel)))
}
