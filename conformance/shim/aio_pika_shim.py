#!/usr/bin/python3
"""A client under test: aio-pika, driven by JSON lines (see README.md in this folder).

Every request is a task of its own, so that requests may overlap. `connect`, not `connect_robust`: a shim repairs nothing.
aio-pika decides at its creation whether a channel has confirms, so `confirm.select` opens another in its place.
"""
import asyncio
import importlib.metadata

import aio_pika
import aiormq
from aiormq import exceptions

from aio_pika_declarations import Declarations
from aio_pika_values import DOCUMENTED, content_to_json, described, message_from_json, refused_by_library
from contract import Unsupported, event, operations_of, say, value_from_json, value_to_json
from serving import introduce, read_requests


class Shim(Declarations):
    def __init__(self):
        self.connection = None
        self.channels = {}  # the number the harness uses -> aio_pika.Channel
        self.replaced = []  # channels that have no number any more
        self.messages = {}  # (that number, delivery tag) -> what has to be settled
        self.pending = {}  # the id of a request -> the number of its channel, 0 for the connection
        self.told = set()  # channels and connections whose end the harness knows of
        self.operations = operations_of(self)

    async def work_on(self, request):
        answer, arguments = {"id": request["id"]}, request.get("with") or {}
        about_connection = request["op"] in ("connect", "close", "wait")
        number = 0 if about_connection else arguments.get("channel", 1)
        self.pending[request["id"]] = number
        try:
            if request["op"] not in self.operations:
                raise Unsupported(f"this shim has no operation {request['op']}")
            answer["result"] = await self.operations[request["op"]](**arguments) or {}
        except Unsupported as refusal:
            answer["unsupported"] = str(refusal)
        except DOCUMENTED as error:
            answer["error"] = described(error, connecting=request["op"] == "connect")
            self.note_end(number, answer["error"]["kind"])
        except (TypeError, ValueError, AssertionError) as error:
            if not refused_by_library(error):
                raise
            answer["error"] = {"kind": "invalid_argument", "code": None, "text": repr(error)}
        del self.pending[request["id"]]
        say(answer)

    def note_end(self, number, kind):
        if kind in ("connection_closed", "connection_lost", "protocol_error"):
            self.told.add(self.connection)
        elif kind == "channel_closed":
            self.told.add(self.channels.get(number))

    # --- connection and channel ----------------------------------------------------------------------------------

    async def do_connect(self, host, port, user, password, vhost, heartbeat=None, channel_max=None, frame_max=None,
                         timeout=10, blocked_timeout=None):
        for name, value in {"channel_max": channel_max, "frame_max": frame_max,
                            "blocked_timeout": blocked_timeout}.items():
            if value is not None:
                raise Unsupported(f"aio-pika has no {name}")
        await self.drop_connection()
        self.channels, self.replaced, self.messages, self.told = {}, [], {}, set()
        self.connection = await aio_pika.connect(host=host, port=port, login=user, password=password,
                                                 virtualhost=vhost, timeout=timeout, heartbeat=heartbeat)
        self.connection.close_callbacks.add(self.on_connection_close)
        return {"server_properties": value_to_json(self.connection.transport.connection.server_properties)}

    def on_connection_close(self, connection, error):
        told = connection in self.told or error is None or connection is not self.connection
        if connection is self.connection:
            self.connection, self.channels = None, {}
        if not told and not self.pending:
            event("connection.close", **described(error))

    async def drop_connection(self):
        connection, self.connection = self.connection, None
        if connection is not None and not connection.is_closed:
            self.told.add(connection)
            await connection.close()

    async def do_close(self):
        self.opened()
        await self.drop_connection()

    def opened(self):
        if self.connection is None or self.connection.is_closed:
            raise exceptions.ChannelInvalidStateError("there is no connection")
        return self.connection

    async def do_channel__open(self, channel=1, publisher_confirms=False):
        opened = self.opened().channel(publisher_confirms=publisher_confirms)
        self.channels[channel] = opened
        # Before it is open, so that whatever ends it is heard.
        opened.close_callbacks.add(lambda it, error: self.on_channel_close(channel, it, error))
        opened.return_callbacks.add(lambda _, message: event(
            "basic.return", channel=channel, reply_code=312, reply_text="NO_ROUTE", **content_to_json(message)))
        await opened.initialize()

    def on_channel_close(self, number, channel, error):
        if not isinstance(error, exceptions.ChannelClosed) or channel in self.told or number in self.pending.values():
            return
        if self.channels.get(number) is channel and error.args[-1] is not None:
            self.told.add(channel)
            details = described(error)
            event("channel.close", channel=number, code=details["code"], text=details["text"])

    async def channel(self, number):
        self.opened()
        if number not in self.channels:
            await self.do_channel__open(number)
        return self.channels[number]

    async def underlay(self, number):
        """aiormq's channel, for what aio-pika offers on objects alone that a request does not name."""
        channel = await self.channel(number)
        return await channel.get_underlay_channel() if hasattr(channel, "get_underlay_channel") else channel.channel

    async def do_channel__close(self, channel=1):
        await (await self.channel(channel)).close()

    async def do_confirm__select(self, channel=1):
        if channel in self.channels:  # It lives on, with what is declared and consumed on it.
            self.replaced.append(self.channels[channel])
        await self.do_channel__open(channel, publisher_confirms=True)

    async def do_tx__select(self, channel=1):
        it = await self.channel(channel)
        it.shim_transaction = it.transaction()
        await it.shim_transaction.select()

    async def do_tx__commit(self, channel=1):
        await (await self.channel(channel)).shim_transaction.commit()

    async def do_tx__rollback(self, channel=1):
        await (await self.channel(channel)).shim_transaction.rollback()

    async def do_wait(self, seconds):
        await asyncio.sleep(seconds)

    # --- basic ---------------------------------------------------------------------------------------------------

    async def do_basic__qos(self, prefetch_size=0, prefetch_count=0, channel=1, **rest):
        await (await self.channel(channel)).set_qos(prefetch_count, prefetch_size, global_=rest.get("global", False))

    async def do_basic__publish(self, exchange="", routing_key="", mandatory=False, properties=None, body="",
                                channel=1):
        to = await self.exchange(channel, exchange)
        answer = await to.publish(message_from_json(properties or {}, body), routing_key, mandatory=mandatory)
        if isinstance(getattr(answer, "delivery", None), aiormq.spec.Basic.Return):
            raise exceptions.PublishError(answer, answer.delivery)
        return {"confirmed": True} if isinstance(answer, aiormq.spec.Basic.Ack) else {}

    async def do_basic__consume(self, queue, consumer_tag=None, auto_ack=False, exclusive=False, no_local=False,
                                arguments=None, channel=1):
        if no_local:
            raise Unsupported("aio_pika.Queue.consume has no no_local")

        def delivered(message):
            self.messages[channel, message.delivery_tag] = message
            event("basic.deliver", channel=channel, consumer_tag=message.consumer_tag,
                  delivery_tag=message.delivery_tag, redelivered=message.redelivered, **content_to_json(message))

        consumed = await self.queue(channel, queue)
        # Older releases take a plain function with a warning that they will not.
        tag = await consumed.consume(as_coroutine(delivered), auto_ack, exclusive, value_from_json(arguments),
                                     consumer_tag)
        return {"consumer_tag": tag}

    async def do_basic__cancel(self, consumer_tag, channel=1):
        await (await self.underlay(channel)).basic_cancel(consumer_tag)

    async def do_basic__get(self, queue, auto_ack=False, channel=1):
        message = await (await self.queue(channel, queue)).get(no_ack=auto_ack, fail=False)
        if message is None:
            return {"message": None}
        self.messages[channel, message.delivery_tag] = message
        return {"message": {"delivery_tag": message.delivery_tag, "redelivered": message.redelivered,
                            "message_count": message.message_count, **content_to_json(message)}}

    async def do_basic__ack(self, delivery_tag, multiple=False, channel=1):
        message = self.messages.pop((channel, delivery_tag), None)
        await (message.ack(multiple) if message else (await self.underlay(channel)).basic_ack(delivery_tag, multiple))

    async def do_basic__nack(self, delivery_tag, multiple=False, requeue=True, channel=1):
        message = self.messages.pop((channel, delivery_tag), None)
        await (message.nack(multiple, requeue) if message
               else (await self.underlay(channel)).basic_nack(delivery_tag, multiple, requeue))

    async def do_basic__reject(self, delivery_tag, requeue=True, channel=1):
        message = self.messages.pop((channel, delivery_tag), None)
        await (message.reject(requeue) if message
               else (await self.underlay(channel)).basic_reject(delivery_tag, requeue=requeue))


def as_coroutine(function):
    async def called(*arguments):
        function(*arguments)

    return called


async def main():
    loop, requests = asyncio.get_running_loop(), asyncio.Queue()
    shim = Shim()
    introduce("aio-pika", aio_pika.__version__, [*shim.operations, "concurrent"],
              f", aiormq {importlib.metadata.version('aiormq')}")
    read_requests(lambda request: loop.call_soon_threadsafe(requests.put_nowait, request))
    running = set()
    while (request := await requests.get()) is not None:
        running.add(task := asyncio.create_task(shim.work_on(request)))
        task.add_done_callback(lambda it: None if it.cancelled() or it.exception() is None else it.result())
        done = {it for it in running if it.done()}
        running -= done
        for it in done:
            it.result()
    await shim.drop_connection()


if __name__ == "__main__":
    asyncio.run(main())
