#!/usr/bin/python3
"""A client under test: pika's SelectConnection, driven by JSON lines (see README.md in this folder).

The asynchronous face of the library that pika_shim.py drives through its blocking one: requests may overlap, and
confirmations come as events. Everything runs in pika's own loop; a thread hands it the requests.
"""
import pika
from pika import exceptions
from pika.adapters.select_connection import IOLoop

from contract import Unsupported, body_from_json, event, operations_of, say, value_from_json, value_to_json
from pika_select_declarations import Declarations
from pika_values import DOCUMENTED, content_to_json, described, refused_by_pika
from serving import introduce, read_requests


class Shim(Declarations):
    def __init__(self, loop):
        self.loop = loop
        self.connection = None
        self.channels = {}  # the number the harness uses -> pika.channel.Channel
        self.pending = {}  # the id of a request that waits -> the number of its channel, 0 for the connection
        self.ending = False
        self.operations = operations_of(self)

    # --- requests and answers ------------------------------------------------------------------------------------

    def work_on(self, request):
        name, arguments = request["op"], request.get("with") or {}
        self.pending[request["id"]] = 0 if name in ("connect", "close", "wait") else arguments.get("channel", 1)
        operation = self.operations.get(name)
        if operation is None:
            self.answer(request["id"], unsupported=f"this shim has no operation {name}")
        else:
            self.attempt(request["id"], lambda: operation(request["id"], **arguments))

    def attempt(self, request, action):
        """What pika raises while a request is begun is the answer to it."""
        try:
            action()
        except Unsupported as refusal:
            self.answer(request, unsupported=str(refusal))
        except DOCUMENTED as error:
            self.answer(request, error=described(error))
        except (TypeError, ValueError) as error:
            if not refused_by_pika(error):
                raise
            self.answer(request, error={"kind": "invalid_argument", "code": None, "text": str(error)})

    def answer(self, request, **what):
        if self.pending.pop(request, None) is not None:
            say({"id": request, **(what or {"result": {}})})

    def done(self, request, *fields):
        """A callback for the -ok of a method: answers with these fields of it."""
        return lambda frame: self.answer(request, result={name: getattr(frame.method, name) for name in fields})

    def fail_all(self, error, channel=None, connecting=False):
        waiting = [request for request, number in self.pending.items() if channel is None or number == channel]
        for request in waiting:
            self.answer(request, error=described(error, connecting=connecting))
        return bool(waiting)

    def finish(self):
        """The end of the requests."""
        self.ending = True
        if self.connection is None:
            self.loop.stop()
        elif self.connection.is_open:
            self.connection.close()
        elif self.connection.is_closed:
            self.loop.stop()

    # --- connection ----------------------------------------------------------------------------------------------

    def do_connect(self, request, host, port, user, password, vhost, heartbeat=None, channel_max=None,
                   frame_max=None, timeout=10, blocked_timeout=None):
        limits = {name: value for name, value in
                  {"heartbeat": heartbeat, "channel_max": channel_max, "frame_max": frame_max,
                   "blocked_connection_timeout": blocked_timeout}.items() if value is not None}
        if self.connection is not None and self.connection.is_open:
            self.connection.close()
        self.channels = {}
        self.connection = pika.SelectConnection(
            pika.ConnectionParameters(
                host=host, port=port, virtual_host=vhost, credentials=pika.PlainCredentials(user, password),
                connection_attempts=1, socket_timeout=timeout, stack_timeout=timeout, **limits),
            on_open_callback=lambda connection: self.on_open(connection, request),
            on_open_error_callback=lambda _, error: self.fail_all(error, connecting=True),
            on_close_callback=self.on_close, custom_ioloop=self.loop)

    def on_open(self, connection, request):
        connection.add_on_connection_blocked_callback(
            lambda _, frame: event("connection.blocked", reason=frame.method.reason))
        connection.add_on_connection_unblocked_callback(lambda *_: event("connection.unblocked"))
        self.answer(request, result={"server_properties": value_to_json(connection.server_properties)})

    def on_close(self, connection, reason):
        if connection is not self.connection:
            return
        self.connection, self.channels = None, {}
        if self.ending:
            self.loop.stop()
        elif isinstance(reason, exceptions.ConnectionClosedByClient):
            for request in list(self.pending):
                self.answer(request)
        elif not self.fail_all(reason):
            event("connection.close", **described(reason))

    def do_close(self, request):
        self.opened().close()

    def do_wait(self, request, seconds):
        self.loop.call_later(seconds, lambda: self.answer(request))

    def opened(self):
        if self.connection is None:
            raise exceptions.ConnectionWrongStateError("there is no connection")
        return self.connection

    # --- channels ------------------------------------------------------------------------------------------------

    def do_channel__open(self, request, channel=1):
        self.open_channel(channel, lambda _: self.answer(request))

    def open_channel(self, number, then):
        opened = self.opened().channel(on_open_callback=then)
        self.channels[number] = opened
        opened.add_on_close_callback(lambda _, reason: self.on_channel_close(number, reason))
        opened.add_on_cancel_callback(lambda frame: event(
            "basic.cancel", channel=number, consumer_tag=frame.method.consumer_tag))
        opened.add_on_return_callback(lambda _, method, properties, body: event(
            "basic.return", channel=number, reply_code=method.reply_code, reply_text=method.reply_text,
            exchange=method.exchange, routing_key=method.routing_key, **content_to_json(properties, body)))

    def on_channel_close(self, number, reason):
        if isinstance(reason, exceptions.ChannelClosedByBroker):
            if not self.fail_all(reason, channel=number):
                event("channel.close", channel=number, code=reason.reply_code, text=reason.reply_text)
        elif isinstance(reason, exceptions.ChannelClosedByClient):
            for request in [request for request, channel in self.pending.items() if channel == number]:
                self.answer(request)

    def on_channel(self, request, number, action):
        """Does something on a channel, which is opened first if it never was."""
        if number in self.channels:
            action(self.channels[number])
        else:
            self.open_channel(number, lambda opened: self.attempt(request, lambda: action(opened)))

    def do_channel__close(self, request, channel=1):
        self.on_channel(request, channel, lambda it: it.close())

    def do_confirm__asynchronous(self, request, channel=1):
        def confirmed(frame):
            name = "basic.ack" if isinstance(frame.method, pika.spec.Basic.Ack) else "basic.nack"
            event(name, channel=channel, delivery_tag=frame.method.delivery_tag, multiple=frame.method.multiple)

        self.on_channel(request, channel, lambda it: it.confirm_delivery(confirmed, self.done(request)))

    def do_tx__select(self, request, channel=1):
        self.on_channel(request, channel, lambda it: it.tx_select(self.done(request)))

    def do_tx__commit(self, request, channel=1):
        self.on_channel(request, channel, lambda it: it.tx_commit(self.done(request)))

    def do_tx__rollback(self, request, channel=1):
        self.on_channel(request, channel, lambda it: it.tx_rollback(self.done(request)))

    # --- basic ---------------------------------------------------------------------------------------------------

    def do_basic__qos(self, request, prefetch_size=0, prefetch_count=0, channel=1, **rest):
        self.on_channel(request, channel, lambda it: it.basic_qos(
            prefetch_size, prefetch_count, rest.get("global", False), self.done(request)))

    def at_once(self, request, channel, action):
        """For methods that have no answer."""
        def act(it):
            action(it)
            self.answer(request)

        self.on_channel(request, channel, act)

    def do_basic__publish(self, request, exchange="", routing_key="", mandatory=False, properties=None, body="",
                          channel=1):
        self.at_once(request, channel, lambda it: it.basic_publish(
            exchange, routing_key, body_from_json(body),
            pika.BasicProperties(**value_from_json(properties or {})), mandatory))

    def do_basic__consume(self, request, queue, consumer_tag=None, auto_ack=False, exclusive=False, no_local=False,
                          arguments=None, channel=1):
        if no_local:
            raise Unsupported("Channel.basic_consume has no no_local")

        def delivered(_, method, properties, body):
            event("basic.deliver", channel=channel, consumer_tag=method.consumer_tag,
                  delivery_tag=method.delivery_tag, redelivered=method.redelivered, exchange=method.exchange,
                  routing_key=method.routing_key, **content_to_json(properties, body))

        self.on_channel(request, channel, lambda it: it.basic_consume(
            queue, delivered, auto_ack, exclusive, consumer_tag, value_from_json(arguments),
            self.done(request, "consumer_tag")))

    def do_basic__cancel(self, request, consumer_tag, channel=1):
        def cancel(it):
            known = consumer_tag in it.consumer_tags
            it.basic_cancel(consumer_tag, self.done(request))
            if not known:  # pika sends nothing then, and calls nobody back.
                self.answer(request)

        self.on_channel(request, channel, cancel)

    def do_basic__get(self, request, queue, auto_ack=False, channel=1):
        def got(_, method, properties, body):
            self.answer(request, result={"message": {
                "delivery_tag": method.delivery_tag, "redelivered": method.redelivered, "exchange": method.exchange,
                "routing_key": method.routing_key, "message_count": method.message_count,
                **content_to_json(properties, body)}})

        def get(it):
            it.add_callback(lambda _: self.answer(request, result={"message": None}), [pika.spec.Basic.GetEmpty])
            it.basic_get(queue, got, auto_ack)

        self.on_channel(request, channel, get)

    def do_basic__ack(self, request, delivery_tag, multiple=False, channel=1):
        self.at_once(request, channel, lambda it: it.basic_ack(delivery_tag, multiple))

    def do_basic__nack(self, request, delivery_tag, multiple=False, requeue=True, channel=1):
        self.at_once(request, channel, lambda it: it.basic_nack(delivery_tag, multiple, requeue))

    def do_basic__reject(self, request, delivery_tag, requeue=True, channel=1):
        self.at_once(request, channel, lambda it: it.basic_reject(delivery_tag, requeue))

    def do_basic__recover(self, request, requeue=False, channel=1):
        self.on_channel(request, channel, lambda it: it.basic_recover(requeue, self.done(request)))


def main():
    loop = IOLoop()
    shim = Shim(loop)
    introduce("pika-select", pika.__version__, shim.operations)
    read_requests(lambda request: loop.add_callback_threadsafe(
        shim.finish if request is None else lambda: shim.work_on(request)))
    loop.start()


if __name__ == "__main__":
    main()
