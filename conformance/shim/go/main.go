// A client under test: amqp091-go, driven by JSON lines (see README.md in the folder above).
//
// Every request is a goroutine, and so is every Go channel the library notifies on. What ends a channel or the
// connection is told by NotifyClose as well as by the call that waits: an event only if no call waited.
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	amqp "github.com/rabbitmq/amqp091-go"
)

type object = map[string]any

// arguments are those of a request: its numbers stay as they were written until somebody asks.
type arguments struct{ given object }

type unsupported string

func (why unsupported) Error() string { return string(why) }

var (
	errNacked   = errors.New("the broker nacked it")
	errReturned = errors.New("the message came back")
)

var output sync.Mutex

func say(message any) {
	line, err := json.Marshal(message)
	if err != nil {
		panic(err)
	}
	output.Lock()
	defer output.Unlock()
	os.Stdout.Write(append(line, '\n'))
}

func event(name string, details object) { say(object{"event": name, "with": details}) }

// session is a connection and what is known of it; another connect makes another.
type session struct {
	connection *amqp.Connection
	mutex      sync.Mutex
	channels   map[int64]*channel // by the number the harness uses
	pending    int                // requests that wait for the connection or any channel
	told       bool               // a request was answered with the end of the connection
	end        *amqp.Error
}

// channel is one of the library and what its notifications said.
type channel struct {
	*amqp.Channel
	session      *session
	number       int64
	pending      int
	told         bool
	closed       chan struct{}
	end          *amqp.Error
	confirms     bool
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
	waiting := it.pending > 0 || it.told
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

// kindOf reads an error of the library; only the state of the connection says what a reply of the broker was about.
func kindOf(err error, ofConnection bool) string {
	var reply *amqp.Error
	var failed net.Error
	switch {
	case errors.Is(err, errNacked):
		return "nacked"
	case errors.Is(err, errReturned):
		return "returned"
	case errors.As(err, &failed) && failed.Timeout():
		return "timeout"
	case errors.Is(err, amqp.ErrCredentials), errors.Is(err, amqp.ErrSASL):
		return "authentication_failed"
	case errors.Is(err, amqp.ErrClosed):
		return "wrong_state"
	case errors.Is(err, amqp.ErrChannelMax):
		return "other"
	case errors.As(err, &reply) && reply.Server && ofConnection:
		return "connection_closed"
	case errors.As(err, &reply) && reply.Server:
		return "channel_closed"
	case errors.Is(err, io.EOF), strings.HasSuffix(err.Error(), `"EOF"`), strings.Contains(err.Error(), "read tcp"):
		return "connection_lost"
	case errors.Is(err, amqp.ErrFieldType):
		return "invalid_argument"
	case errors.As(err, &reply):
		return "protocol_error"
	case errors.As(err, &failed):
		return "connection_refused"
	}
	return "invalid_argument"
}

func described(err error, ofConnection bool) object {
	told := object{"kind": kindOf(err, ofConnection), "code": nil, "text": err.Error()}
	var reply *amqp.Error
	if errors.As(err, &reply) && (reply.Server || told["kind"] == "authentication_failed") {
		told["code"], told["text"] = reply.Code, reply.Reason
	}
	return told
}

func workOn(request object) {
	name, id := request["op"].(string), request["id"]
	given, _ := request["with"].(object)
	it := arguments{given}
	about := current
	var on *channel
	if about != nil {
		about.mutex.Lock()
		about.pending++
		if on = about.channels[it.number("channel", 1)]; on != nil {
			on.pending++
		}
		about.mutex.Unlock()
	}
	operation, known := operations[name]
	result, err := object(nil), error(unsupported("this shim has no operation "+name))
	if known {
		result, err = operation(it)
	}
	answer := answerTo(id, result, err, name == "connect" || current == nil || current.connection.IsClosed())
	if about != nil { // Before the answer: what ends from then on is an event.
		about.mutex.Lock()
		about.pending--
		about.told = about.told || err != nil && about.connection.IsClosed()
		if on != nil {
			on.pending--
			on.told = on.told || err != nil && on.IsClosed()
		}
		about.mutex.Unlock()
	}
	say(answer)
}

func answerTo(id any, result object, err error, ofConnection bool) object {
	var refusal unsupported
	switch {
	case errors.As(err, &refusal):
		return object{"id": id, "unsupported": string(refusal)}
	case err != nil:
		return object{"id": id, "error": described(err, ofConnection)}
	case result == nil:
		return object{"id": id, "result": object{}}
	}
	return object{"id": id, "result": result}
}

func closeCurrent() error {
	it := current
	current = nil
	if it == nil || it.connection.IsClosed() {
		return nil
	}
	return it.connection.Close()
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "github.com/rabbitmq/amqp091-go" {
				return strings.TrimPrefix(module.Version, "v")
			}
		}
	}
	return "unknown"
}

func main() {
	names := make([]string, 0, len(operations))
	for name := range operations {
		names = append(names, name)
	}
	sort.Strings(names)
	say(object{"hello": object{"contract": 1, "library": "amqp091-go", "version": version(),
		"language": runtime.Version(), "operations": names}})
	input := bufio.NewReader(os.Stdin)
	for {
		line, err := input.ReadBytes('\n')
		if len(strings.TrimSpace(string(line))) > 0 {
			decoder := json.NewDecoder(strings.NewReader(string(line)))
			decoder.UseNumber()
			var request object
			if err := decoder.Decode(&request); err != nil {
				panic(err)
			}
			go workOn(request)
		}
		if err != nil {
			break
		}
	}
	if err := closeCurrent(); err != nil {
		fmt.Fprintln(os.Stderr, "closing:", err)
	}
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

func content(present object, body []byte) object {
	if utf8.Valid(body) {
		return object{"properties": present, "body": string(body)}
	}
	return object{"properties": present, "body": object{"hex": hex.EncodeToString(body)}}
}

func with(one, other object) object {
	for name, value := range other {
		one[name] = value
	}
	return one
}
