#!/usr/bin/python3
"""A client under test: pika's BlockingConnection, driven by JSON lines (see README.md in this folder).

A thread reads the requests into a queue. The main thread alternates between serving the connection, where deliveries
and the other events come from, and working on one request. What pika documents as an error becomes an answer; any
other exception ends the program with a traceback, because for a client library that is a finding.
"""
import calendar
import datetime
import sys
import threading

import pika
from pika import exceptions

from contract import Unsupported, body_from_json, event, value_from_json, value_to_json
from pika_values import DOCUMENTED, content_to_json, described, refused_by_pika
from serving import BlockingShim


class Shim(BlockingShim):
    def __init__(self):
        super().__init__()
        self.told = set()  # channels whose end the harness knows of

    # --- serving -------------------------------------------------------------------------------------------------

    def serve(self, seconds):
        """One turn of pika's loop. What ends here unasked is an event."""
        if self.connection is None:
            return
        try:
            self.connection.process_data_events(time_limit=seconds)
        except exceptions.ChannelClosedByBroker:
            pass  # Found below, with the number of the channel.
        except DOCUMENTED as error:
            event("connection.close", **described(error))
            if not self.connection.is_open:  # Otherwise pika complains and leaves it open: so do we.
                self.forget_connection()
                return
        self.tell_closed_channels()

    def tell_closed_channels(self):
        for number, channel in self.channels.items():
            if channel.is_closed and number not in self.told:
                self.told.add(number)
                reason = channel._closing_reason  # No public name: a blocking channel raises it at the next call.
                event("channel.close", channel=number, code=getattr(reason, "reply_code", None),
                      text=getattr(reason, "reply_text", repr(reason)))

    def answer_to(self, request):
        try:
            return self.perform(request)
        except Unsupported as refusal:
            return {"unsupported": str(refusal)}
        except DOCUMENTED as error:
            self.note_end((request.get("with") or {}).get("channel", 1), error)
            return {"error": described(error, connecting=request["op"] == "connect")}
        except (TypeError, ValueError) as error:
            if not refused_by_pika(error):
                raise
            return {"error": {"kind": "invalid_argument", "code": None, "text": str(error)}}

    def note_end(self, number, error):
        if self.connection is not None and not self.connection.is_open:
            self.forget_connection()
        elif isinstance(error, exceptions.ChannelClosedByBroker):
            self.told.add(number)

    def forget_connection(self):
        self.connection = None
        self.channels.clear()
        self.told.clear()

    def drop_connection(self):
        connection, self.connection = self.connection, None
        self.channels.clear()
        self.told.clear()
        if connection is not None and connection.is_open:
            try:
                connection.close()
            except exceptions.AMQPError as error:
                print(f"closing: {error!r}", file=sys.stderr)

    def opened(self):
        if self.connection is None:
            raise exceptions.ConnectionWrongStateError("there is no connection")
        return self.connection

    def channel(self, number):
        self.opened()
        return super().channel(number)

    # --- connection and channel ----------------------------------------------------------------------------------

    def do_connect(self, host, port, user, password, vhost, heartbeat=None, channel_max=None, frame_max=None,
                   timeout=10, blocked_timeout=None):
        self.drop_connection()
        limits = {name: value for name, value in
                  {"heartbeat": heartbeat, "channel_max": channel_max, "frame_max": frame_max,
                   "blocked_connection_timeout": blocked_timeout}.items() if value is not None}
        self.connection = pika.BlockingConnection(pika.ConnectionParameters(
            host=host, port=port, virtual_host=vhost, credentials=pika.PlainCredentials(user, password),
            connection_attempts=1, socket_timeout=timeout, stack_timeout=timeout, **limits))
        self.connection.add_on_connection_blocked_callback(
            lambda _, frame: event("connection.blocked", reason=frame.method.reason))
        self.connection.add_on_connection_unblocked_callback(lambda _, frame: event("connection.unblocked"))
        return {"server_properties": value_to_json(self.connection._impl.server_properties)}

    def do_close(self):
        connection = self.opened()
        connection.close()
        self.forget_connection()

    def do_channel__open(self, channel=1):
        opened = self.opened().channel()
        opened.add_on_return_callback(lambda _, method, properties, body: event(
            "basic.return", channel=channel, reply_code=method.reply_code, reply_text=method.reply_text,
            exchange=method.exchange, routing_key=method.routing_key, **content_to_json(properties, body)))
        opened.add_on_cancel_callback(lambda frame: event(
            "basic.cancel", channel=channel, consumer_tag=frame.method.consumer_tag))
        self.channels[channel] = opened
        self.told.discard(channel)

    def do_channel__close(self, channel=1):
        self.channel(channel).close()
        self.told.add(channel)

    def do_wait(self, seconds):
        done = threading.Event()
        timer = threading.Timer(seconds, done.set)
        timer.start()
        while not done.is_set() and self.connection is not None:
            self.serve(min(seconds, 0.05))
        timer.cancel()

    # --- exchanges and queues ------------------------------------------------------------------------------------

    def do_exchange__declare(self, exchange, type="direct", passive=False, durable=False, auto_delete=False,
                             internal=False, arguments=None, channel=1):
        self.channel(channel).exchange_declare(exchange, type, passive, durable, auto_delete, internal,
                                               value_from_json(arguments))

    def do_exchange__bind(self, destination, source, routing_key="", arguments=None, channel=1):
        self.channel(channel).exchange_bind(destination, source, routing_key, value_from_json(arguments))

    def do_exchange__unbind(self, destination, source, routing_key="", arguments=None, channel=1):
        self.channel(channel).exchange_unbind(destination, source, routing_key, value_from_json(arguments))

    def do_queue__declare(self, queue="", passive=False, durable=False, exclusive=False, auto_delete=False,
                          arguments=None, channel=1):
        ok = self.channel(channel).queue_declare(queue, passive, durable, exclusive, auto_delete,
                                                 value_from_json(arguments)).method
        return {"queue": ok.queue, "message_count": ok.message_count, "consumer_count": ok.consumer_count}

    def do_queue__bind(self, queue, exchange, routing_key=None, arguments=None, channel=1):
        self.channel(channel).queue_bind(queue, exchange, routing_key, value_from_json(arguments))

    def do_queue__unbind(self, queue, exchange, routing_key=None, arguments=None, channel=1):
        self.channel(channel).queue_unbind(queue, exchange, routing_key, value_from_json(arguments))

    def do_queue__purge(self, queue, channel=1):
        return {"message_count": self.channel(channel).queue_purge(queue).method.message_count}

    def do_queue__delete(self, queue, if_unused=False, if_empty=False, channel=1):
        return {"message_count": self.channel(channel).queue_delete(queue, if_unused, if_empty).method.message_count}

    # --- basic ---------------------------------------------------------------------------------------------------

    def do_basic__publish(self, exchange="", routing_key="", mandatory=False, properties=None, body="", channel=1):
        fields = value_from_json(properties or {})
        if isinstance(fields.get("timestamp"), datetime.datetime):
            fields["timestamp"] = calendar.timegm(fields["timestamp"].utctimetuple())
        publisher = self.channel(channel)
        publisher.basic_publish(exchange, routing_key, body_from_json(body), pika.BasicProperties(**fields), mandatory)
        return {"confirmed": True} if publisher._delivery_confirmation else {}

    def do_basic__consume(self, queue, consumer_tag=None, auto_ack=False, exclusive=False, no_local=False,
                          arguments=None, channel=1):
        if no_local:
            raise Unsupported("BlockingChannel.basic_consume has no no_local")

        def delivered(_, method, properties, body):
            event("basic.deliver", channel=channel, consumer_tag=method.consumer_tag,
                  delivery_tag=method.delivery_tag, redelivered=method.redelivered, exchange=method.exchange,
                  routing_key=method.routing_key, **content_to_json(properties, body))

        tag = self.channel(channel).basic_consume(queue, delivered, auto_ack, exclusive, consumer_tag,
                                                  value_from_json(arguments))
        return {"consumer_tag": tag}

    def do_basic__get(self, queue, auto_ack=False, channel=1):
        method, properties, body = self.channel(channel).basic_get(queue, auto_ack)
        if method is None:
            return {"message": None}
        return {"message": {"delivery_tag": method.delivery_tag, "redelivered": method.redelivered,
                            "exchange": method.exchange, "routing_key": method.routing_key,
                            "message_count": method.message_count, **content_to_json(properties, body)}}

    def do_basic__nack(self, delivery_tag, multiple=False, requeue=True, channel=1):
        self.channel(channel).basic_nack(delivery_tag, multiple, requeue)

    def do_confirm__select(self, channel=1):
        self.channel(channel).confirm_delivery()


def main():
    Shim().run("pika", pika.__version__)


if __name__ == "__main__":
    main()
