"""What stories of faults have in common: a client in virtual time, and the name of the fault that it sees."""

from __future__ import annotations

import asyncio
import struct

import aio_pika
import pamqp.exceptions
import simbroker.aio

# What goes over the wire without aio-pika's own heartbeats in between.
URL_OPTIONS = "?heartbeat=0"

# What callers of aio-pika get when their connection is lost, whatever they were about.
LOST = (aio_pika.exceptions.AMQPError, pamqp.exceptions.PAMQPException, ConnectionError, asyncio.CancelledError)

STORIES = {}  # by the name of a fault


def story(*faults):
    """Told for each of these faults: an async function of a Client, or a function of certificates, and the name."""

    def keep(function):
        STORIES.update({fault: function for fault in faults})
        return function

    return keep


class Client:
    """A connection with a channel that confirms, and a queue."""

    def __init__(self, simulation):
        self.simulation = simulation
        self.faults = simulation.broker.faults
        self.loop = asyncio.get_running_loop()

    async def __aenter__(self):
        self.connection = await aio_pika.connect(self.simulation.url + URL_OPTIONS)
        self.channel = await self.connection.channel()
        self.queue = await self.channel.declare_queue("q")
        return self

    async def __aexit__(self, *_):
        self.faults.clear()
        if not self.connection.is_closed:
            await asyncio.wait({asyncio.ensure_future(self.connection.close())}, timeout=60)

    async def publish(self, body=b"hello", timeout=10):
        message = aio_pika.Message(body)
        return await self.channel.default_exchange.publish(message, "q", timeout=timeout)

    async def publish_at_once(self, count):
        """The bodies in the order in which they are confirmed, and when the first was."""
        order = []

        async def one(body):
            await self.publish(body)
            order.append(body)

        began = self.loop.time()
        await asyncio.gather(*(one(b"%d" % number) for number in range(count)))
        return order, self.loop.time() - began

    async def consume(self, tag, queue=None):
        """Bodies with tags, as they come; nothing is acknowledged."""
        came = []
        await (queue or self.queue).consume(came.append, consumer_tag=tag)
        return came

    async def cycle(self):
        """The connection is there and answers."""
        channel = await self.connection.channel()
        await channel.close()

    async def ends(self):
        """Until the connection is closed; the error."""
        return await asyncio.wait_for(end_of(self.connection), 60)


def end_of(connection):
    """A future: the error with which the connection ends."""
    ended = asyncio.get_running_loop().create_future()
    connection.close_callbacks.add(lambda _, error: ended.done() or ended.set_result(error))
    return ended


class Pieces(list):
    """What any client here reads while this lasts, each time as much as came at once: `with Pieces() as pieces:`."""

    def __enter__(self):
        self.real = asyncio.StreamReader.feed_data

        def feed_data(reader, octets):
            self.append(bytes(octets))
            self.real(reader, octets)

        asyncio.StreamReader.feed_data = feed_data
        return self

    def __exit__(self, *_):
        asyncio.StreamReader.feed_data = self.real

    def frames(self):
        """Type, channel and payload of each; it has to begin with a frame."""
        octets, frames = b"".join(self), []
        while len(octets) >= 7:
            kind, channel, size = struct.unpack(">BHI", octets[:7])
            frames.append((kind, channel, octets[7 : 7 + size]))
            octets = octets[size + 8 :]
        return frames

    def methods(self, class_id, method_id):
        """The arguments of each such method, as octets."""
        head = struct.pack(">HH", class_id, method_id)
        return [payload[4:] for kind, _, payload in self.frames() if kind == 1 and payload.startswith(head)]


async def first(came):
    while not came:
        await asyncio.sleep(0.1)
    return came[0]


def run(main):
    async def with_client(simulation):
        async with Client(simulation) as client:
            await main(client)

    simbroker.aio.run(with_client, seed=1)
