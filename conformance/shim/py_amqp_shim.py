#!/usr/bin/python3
"""A client under test: py-amqp, the library below kombu and Celery, driven by JSON lines (see README.md in this folder).

A thread reads the requests; the main thread alternates between drain_events, where everything comes from, and one
request. Heartbeats are the application's business in py-amqp: `heartbeat_tick` is called as often as it asks for.
"""
import socket
import time

import amqp
from amqp import exceptions

from contract import Unsupported, event, value_from_json, value_to_json
from py_amqp_values import DOCUMENTED, Returned, content_to_json, delivery_to_json, described, message_from_json
from serving import BlockingShim

TICK_SECONDS = 0.25


class Shim(BlockingShim):
    def __init__(self):
        super().__init__()
        self.confirming = set()
        self.returned = []  # what came back since the last publication
        self.ticked = 0.0

    # --- serving -------------------------------------------------------------------------------------------------

    def serve(self, seconds):
        """One turn of the connection. What ends here unasked is an event."""
        if self.connection is None:
            return
        try:
            self.connection.drain_events(timeout=seconds)
        except socket.timeout:
            pass
        except DOCUMENTED as error:
            self.tell_end(error)
        try:
            if self.connection is not None and time.monotonic() > self.ticked + TICK_SECONDS:
                self.ticked = time.monotonic()
                self.connection.heartbeat_tick()
        except DOCUMENTED as error:
            self.tell_end(error)

    def tell_end(self, error):
        details = described(error, alive=self.connection.connected)
        if details["kind"] == "channel_closed":
            # The exception does not say which channel it is about; the frame that raised it does.
            event("channel.close", channel=self.number_of_closed(error), code=details["code"], text=details["text"])
        else:
            event("connection.close", **details)
            self.forget_connection()

    def number_of_closed(self, error):
        trace, closed = error.__traceback__, None
        while trace is not None:
            if trace.tb_frame.f_code.co_name == "_on_close":
                closed = trace.tb_frame.f_locals["self"]
            trace = trace.tb_next
        return next((number for number, channel in self.channels.items() if channel is closed), None)

    def answer_to(self, request):
        try:
            return self.perform(request)
        except Unsupported as refusal:
            return {"unsupported": str(refusal)}
        except Returned as error:
            return {"error": {"kind": "returned", "code": None, "text": str(error)}}
        except DOCUMENTED as error:
            alive = self.connection is not None and bool(self.connection.connected)
            told = described(error, connecting=request["op"] == "connect", alive=alive)
            if told["kind"] in ("connection_closed", "connection_lost", "protocol_error", "timeout"):
                self.forget_connection()
            return {"error": told}

    def forget_connection(self):
        """After an error of the connection applications drop it, as kombu does: py-amqp often leaves the socket open."""
        connection, self.connection = self.connection, None
        self.channels.clear()
        self.confirming.clear()
        if connection is not None:
            connection.collect()

    def drop_connection(self):
        try:
            if self.connection is not None and self.connection.connected:
                self.connection.close()
        finally:
            self.forget_connection()

    def opened(self):
        if self.connection is None:
            raise exceptions.RecoverableConnectionError("connection already closed")
        return self.connection

    # --- connection and channel ----------------------------------------------------------------------------------

    def do_connect(self, host, port, user, password, vhost, heartbeat=0, channel_max=None, frame_max=None, timeout=10,
                   blocked_timeout=None):
        if blocked_timeout is not None:
            raise Unsupported("py-amqp has no limit for the time a connection is blocked")
        self.drop_connection()
        connection = amqp.Connection(
            f"{host}:{port}", user, password, virtual_host=vhost, connect_timeout=timeout, heartbeat=heartbeat,
            channel_max=channel_max, frame_max=frame_max,
            on_blocked=lambda reason: event("connection.blocked", reason=reason),
            on_unblocked=lambda: event("connection.unblocked"))
        try:
            connection.connect()
        except DOCUMENTED:
            connection.collect()
            raise
        self.connection = connection
        return {"channel_max": connection.channel_max, "frame_max": connection.frame_max,
                "heartbeat": connection.heartbeat, "server_properties": value_to_json(connection.server_properties)}

    def do_close(self):
        self.opened().close()
        self.forget_connection()

    def do_channel__open(self, channel=1):
        def returned(error, exchange, routing_key, message):
            self.returned.append(error)
            event("basic.return", channel=channel, reply_code=error.reply_code, reply_text=error.reply_text,
                  exchange=exchange, routing_key=routing_key, **content_to_json(message))

        opened = self.opened().channel()
        opened.events["basic_return"].add(returned)
        self.channels[channel] = opened
        self.confirming.discard(channel)

    def do_wait(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.serve(0.05)

    def do_confirm__select(self, channel=1):
        self.channel(channel).confirm_select()
        self.confirming.add(channel)

    # --- exchanges and queues ------------------------------------------------------------------------------------

    def do_exchange__declare(self, exchange, type="direct", passive=False, durable=False, auto_delete=False,
                             internal=False, arguments=None, channel=1):
        if internal:
            raise Unsupported("Channel.exchange_declare has no internal")
        self.channel(channel).exchange_declare(exchange, type, passive, durable, auto_delete,
                                               arguments=value_from_json(arguments))

    def do_exchange__bind(self, destination, source, routing_key="", arguments=None, channel=1):
        self.channel(channel).exchange_bind(destination, source, routing_key, arguments=value_from_json(arguments))

    def do_exchange__unbind(self, destination, source, routing_key="", arguments=None, channel=1):
        self.channel(channel).exchange_unbind(destination, source, routing_key, arguments=value_from_json(arguments))

    def do_queue__declare(self, queue="", passive=False, durable=False, exclusive=False, auto_delete=False,
                          arguments=None, channel=1):
        return self.channel(channel).queue_declare(queue, passive, durable, exclusive, auto_delete,
                                                   arguments=value_from_json(arguments))._asdict()

    def do_queue__bind(self, queue, exchange, routing_key="", arguments=None, channel=1):
        self.channel(channel).queue_bind(queue, exchange, routing_key, arguments=value_from_json(arguments))

    def do_queue__unbind(self, queue, exchange, routing_key="", arguments=None, channel=1):
        self.channel(channel).queue_unbind(queue, exchange, routing_key, arguments=value_from_json(arguments))

    def do_queue__purge(self, queue, channel=1):
        return {"message_count": self.channel(channel).queue_purge(queue)}

    def do_queue__delete(self, queue, if_unused=False, if_empty=False, channel=1):
        return {"message_count": self.channel(channel).queue_delete(queue, if_unused, if_empty)}

    # --- basic ---------------------------------------------------------------------------------------------------

    def do_basic__publish(self, exchange="", routing_key="", mandatory=False, properties=None, body="", channel=1):
        publisher, message = self.channel(channel), message_from_json(properties or {}, body)
        self.returned.clear()
        if channel not in self.confirming:
            publisher.basic_publish(message, exchange, routing_key, mandatory)
            return {}
        publisher.basic_publish_confirm(message, exchange, routing_key, mandatory)
        if self.returned:
            raise Returned(str(self.returned[0]))
        return {"confirmed": True}

    def do_basic__consume(self, queue, consumer_tag="", auto_ack=False, exclusive=False, no_local=False,
                          arguments=None, channel=1):
        def delivered(message):
            event("basic.deliver", channel=channel, **delivery_to_json(
                message, "consumer_tag", "delivery_tag", "redelivered", "exchange", "routing_key"))

        consumed = self.channel(channel).basic_consume(
            queue, consumer_tag, no_local, auto_ack, exclusive, callback=delivered,
            arguments=value_from_json(arguments),
            on_cancel=lambda tag: event("basic.cancel", channel=channel, consumer_tag=tag))
        return {"consumer_tag": getattr(consumed, "consumer_tag", consumed)}

    def do_basic__get(self, queue, auto_ack=False, channel=1):
        message = self.channel(channel).basic_get(queue, auto_ack)
        return {"message": message and delivery_to_json(
            message, "delivery_tag", "redelivered", "exchange", "routing_key", "message_count")}


if __name__ == "__main__":
    Shim().run("py-amqp", amqp.__version__)
