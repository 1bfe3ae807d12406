// JSON of the contract to values of the library and back.
package main

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"time"
	"unicode/utf8"

	amqp "github.com/rabbitmq/amqp091-go"
)

func (it arguments) has(name string) bool {
	value, given := it.given[name]
	return given && value != nil
}

func (it arguments) text(name string) string {
	text, _ := it.given[name].(string)
	return text
}

func (it arguments) flag(name string) bool {
	flag, _ := it.given[name].(bool)
	return flag
}

func (it arguments) number(name string, otherwise int64) int64 {
	number, given := it.given[name].(json.Number)
	if !given {
		return otherwise
	}
	value, err := number.Int64()
	if err != nil {
		panic(err)
	}
	return value
}

func (it arguments) message() (amqp.Publishing, error) {
	given, _ := it.given["properties"].(object)
	fields := arguments{given}
	if fields.has("cluster_id") {
		return amqp.Publishing{}, unsupported("amqp.Publishing has no cluster id")
	}
	headers, _ := fromJSON(given["headers"]).(amqp.Table)
	message := amqp.Publishing{Headers: headers, ContentType: fields.text("content_type"),
		ContentEncoding: fields.text("content_encoding"), DeliveryMode: uint8(fields.number("delivery_mode", 0)),
		Priority: uint8(fields.number("priority", 0)), CorrelationId: fields.text("correlation_id"),
		ReplyTo: fields.text("reply_to"), Expiration: fields.text("expiration"), MessageId: fields.text("message_id"),
		Type: fields.text("type"), UserId: fields.text("user_id"), AppId: fields.text("app_id"), Body: it.body()}
	if fields.has("timestamp") {
		message.Timestamp = time.Unix(fields.number("timestamp", 0), 0)
	}
	return message, nil
}

func (it arguments) body() []byte {
	if octets, is := it.given["body"].(object); is {
		body, err := hex.DecodeString(octets["hex"].(string))
		if err != nil {
			panic(err)
		}
		return body
	}
	return []byte(it.text("body"))
}

func fromJSON(value any) any {
	switch it := value.(type) {
	case json.Number:
		if whole, err := it.Int64(); err == nil {
			if whole >= math.MinInt32 && whole <= math.MaxInt32 {
				return int32(whole)
			}
			return whole
		}
		double, err := it.Float64()
		if err != nil {
			panic(err)
		}
		return double
	case []any:
		list := make([]any, 0, len(it))
		for _, item := range it {
			list = append(list, fromJSON(item))
		}
		return list
	case object:
		return tableFromJSON(it)
	}
	return value
}

func tableFromJSON(it object) any {
	if octets, is := it["!x"].(string); is {
		decoded, err := hex.DecodeString(octets)
		if err != nil {
			panic(err)
		}
		return decoded
	}
	if seconds, is := it["!T"].(json.Number); is {
		whole, _ := seconds.Int64()
		return time.Unix(whole, 0)
	}
	if decimal, is := it["!D"].([]any); is {
		scale, _ := decimal[0].(json.Number).Int64()
		digits, _ := decimal[1].(json.Number).Int64()
		return amqp.Decimal{Scale: uint8(scale), Value: int32(digits)}
	}
	table := amqp.Table{}
	for name, item := range it {
		table[name] = fromJSON(item)
	}
	return table
}

func toJSON(value any) any {
	switch it := value.(type) {
	case []byte:
		return object{"!x": hex.EncodeToString(it)}
	case time.Time:
		return object{"!T": it.Unix()}
	case amqp.Decimal:
		return object{"!D": []any{it.Scale, it.Value}}
	case []any:
		list := make([]any, 0, len(it))
		for _, item := range it {
			list = append(list, toJSON(item))
		}
		return list
	case amqp.Table:
		table := object{}
		for name, item := range it {
			table[name] = toJSON(item)
		}
		return table
	}
	return value
}

// properties are those that are there; the library has no word for one that is there and empty.
func properties[Message amqp.Delivery | amqp.Return](message Message) object {
	var one amqp.Delivery
	switch it := any(message).(type) {
	case amqp.Delivery:
		one = it
	case amqp.Return:
		one = amqp.Delivery{Headers: it.Headers, ContentType: it.ContentType, ContentEncoding: it.ContentEncoding,
			DeliveryMode: it.DeliveryMode, Priority: it.Priority, CorrelationId: it.CorrelationId, ReplyTo: it.ReplyTo,
			Expiration: it.Expiration, MessageId: it.MessageId, Timestamp: it.Timestamp, Type: it.Type,
			UserId: it.UserId, AppId: it.AppId}
	}
	present := object{}
	for name, text := range map[string]string{"content_type": one.ContentType, "content_encoding": one.ContentEncoding,
		"correlation_id": one.CorrelationId, "reply_to": one.ReplyTo, "expiration": one.Expiration,
		"message_id": one.MessageId, "type": one.Type, "user_id": one.UserId, "app_id": one.AppId} {
		if text != "" {
			present[name] = text
		}
	}
	for name, number := range map[string]uint8{"delivery_mode": one.DeliveryMode, "priority": one.Priority} {
		if number != 0 {
			present[name] = number
		}
	}
	if len(one.Headers) > 0 {
		present["headers"] = toJSON(one.Headers)
	}
	if !one.Timestamp.IsZero() {
		present["timestamp"] = one.Timestamp.Unix()
	}
	return present
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
