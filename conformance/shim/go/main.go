// A client under test: amqp091-go, driven by JSON lines (see README.md in the folder above).
//
// Every request is a goroutine, and so is every Go channel the library notifies on. What ends a channel or the
// connection is told by NotifyClose as well as by the call that waits: an event only if no call waited.
package main

import (
	"bufio"
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
	about, number := current, it.number("channel", 1)
	if about != nil {
		about.waiting.begin()
		about.waitingOn(number).begin()
	}
	operation, known := operations[name]
	result, err := object(nil), error(unsupported("this shim has no operation "+name))
	if known {
		result, err = operation(it)
	}
	answer := answerTo(id, result, err, name == "connect" || current == nil || current.connection.IsClosed())
	if about != nil { // Before the answer: what ends from then on is an event.
		about.mutex.Lock()
		on := about.channels[number]
		about.mutex.Unlock()
		about.waitingOn(number).end(on != nil && err != nil && on.isClosed())
		about.waiting.end(err != nil && about.connection.IsClosed())
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

// version is that of the library the program was built with.
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
	say(object{"hello": object{"contract": 1, "library": library, "version": version(),
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
