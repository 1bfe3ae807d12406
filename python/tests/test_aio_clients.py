"""Real asyncio clients in virtual time: pika's AsyncioConnection, aio-pika and aiormq, each as it is."""

import asyncio
import logging
from datetime import timedelta

import pika
import pytest
from pika.adapters.asyncio_connection import AsyncioConnection

import simbroker
import simbroker.aio

RESTARTS = 200
MONTH = timedelta(days=30).total_seconds()


@pytest.fixture(autouse=True)
def quiet():
    """Clients warn of every lost connection, and there are hundreds."""
    loggers = [logging.getLogger(name) for name in ("pika", "aio_pika", "aiormq")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    yield
    for logger, level in zip(loggers, before):
        logger.setLevel(level)


async def a_month_of_restarts(broker):
    """The broker goes away for 10 to 209 seconds, in order or not."""
    for number in range(RESTARTS):
        await asyncio.sleep(MONTH / RESTARTS)
        (broker.crash if number % 2 else broker.restart)(for_=10 + number)
    await asyncio.sleep(600)


class PikaClient:
    """Consumes for ever; comes back after 1, 2, 4 ... 60 seconds."""

    def __init__(self, url):
        self.url = url
        self.opened, self.refused, self.bodies = 0, 0, []
        self.connect()

    def connect(self):
        self.connection = AsyncioConnection(
            pika.URLParameters(self.url),
            on_open_callback=self.on_open,
            on_open_error_callback=self.on_open_error,
            on_close_callback=lambda *_: self.again(),
        )

    def on_open(self, connection):
        self.opened += 1
        self.delay = 1
        connection.channel(on_open_callback=self.on_channel)

    def on_channel(self, channel):
        self.channel = channel
        channel.queue_declare("work", durable=True, callback=lambda _: channel.basic_consume("work", self.on_message))

    def on_message(self, channel, method, properties, body):
        self.bodies.append(body)
        channel.basic_ack(method.delivery_tag)

    def on_open_error(self, connection, error):
        self.refused += 1
        self.again()

    def again(self):
        asyncio.get_event_loop().call_later(self.delay, self.connect)
        self.delay = min(2 * self.delay, 60)


@pytest.mark.longest(180)
def test_pika_survives_a_month_of_restarts_twice_the_same():
    async def main(simulation):
        client = PikaClient(simulation.url + "?heartbeat=600")
        await a_month_of_restarts(simulation.broker)
        client.channel.basic_publish("", "work", b"last")
        await asyncio.sleep(1)
        assert client.bodies == [b"last"]
        return client.opened, client.refused, simulation.trace_hash

    first = simbroker.aio.run(main, seed=1, latency=0.01, jitter=0.01)
    assert first[0] == RESTARTS + 1 and first[1] > RESTARTS
    assert simbroker.aio.run(main, seed=1, latency=0.01, jitter=0.01) == first


def test_pika_runs_its_own_loop_of_the_simulation(simbroker_aio):
    """As programs written for pika do: no coroutine, connection.ioloop.run_forever(). Of itself a new pika makes a new loop."""
    heard = []

    def on_open(connection):
        heard.append("open")
        connection.close()

    connection = AsyncioConnection(
        pika.URLParameters(simbroker_aio.url),
        on_open_callback=on_open,
        on_close_callback=lambda connection, reason: (heard.append(reason.reply_code), connection.ioloop.stop()),
        custom_ioloop=simbroker_aio.loop,
    )
    connection.ioloop.run_forever()
    assert heard == ["open", 200]


@pytest.mark.longest(300)
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")  # by aio-pika, in lost connections
def test_a_robust_connection_of_aio_pika_survives_a_month_of_restarts_twice_the_same():
    aio_pika = pytest.importorskip("aio_pika", reason="aio-pika is not installed (Debian: python3-aio-pika)")

    class Patient(aio_pika.RobustConnection):
        """Tries again after 2, 4, 8 ... 60 seconds, and from the start once it has been connected again."""

        tries = 0

        @property
        def reconnect_interval(self):
            self.tries += 1
            return min(2**self.tries, 60)

        @reconnect_interval.setter
        def reconnect_interval(self, value): ...

        def start_again(self, *_):
            self.tries = 0

    async def main(simulation):
        connection = await aio_pika.connect_robust(simulation.url + "?heartbeat=300", connection_class=Patient)
        connection.reconnect_callbacks.add(connection.start_again)
        channel = await connection.channel()
        other_channel = await connection.channel()
        queue = await channel.declare_queue("work", durable=True)
        seen = []

        async def consume(message):
            async with message.process():
                seen.append(message.body)

        await queue.consume(consume)
        await other_channel.set_qos(7)
        await a_month_of_restarts(simulation.broker)
        await channel.default_exchange.publish(aio_pika.Message(b"last", delivery_mode=2), "work")
        await asyncio.sleep(1)
        assert seen == [b"last"]
        await connection.close()
        assert len(simulation.events("connection_opened")) == RESTARTS + 1
        return simulation.now, simulation.trace_hash

    first = simbroker.aio.run(main, seed=1, latency=0.01, jitter=0.01)
    assert first[0] > timedelta(days=29)
    assert simbroker.aio.run(main, seed=1, latency=0.01, jitter=0.01) == first


def test_a_call_through_aio_pika_takes_its_time():
    aio_pika = pytest.importorskip("aio_pika", reason="aio-pika is not installed (Debian: python3-aio-pika)")
    patterns = pytest.importorskip("aio_pika.patterns")

    async def main(simulation):
        async with await aio_pika.connect(simulation.url) as connection:
            rpc = await patterns.RPC.create(await connection.channel())

            async def double(x):
                await asyncio.sleep(3600)
                return x * 2

            await rpc.register("double", double, auto_delete=True)
            assert await rpc.call("double", {"x": 21}) == 42
            assert timedelta(hours=1) < simulation.now < timedelta(hours=1, seconds=1)
        return simulation.trace_hash

    assert simbroker.aio.run(main, seed=3) == simbroker.aio.run(main, seed=3)


def test_aiormq_meets_a_closed_channel():
    aiormq = pytest.importorskip("aiormq", reason="aiormq is not installed (Debian: python3-aiormq)")

    async def main(simulation):
        connection = await aiormq.connect(simulation.url)
        channel = await connection.channel()
        with pytest.raises(aiormq.exceptions.ChannelNotFoundEntity, match="no queue 'nowhere'"):
            await channel.queue_declare("nowhere", passive=True)
        await connection.close()

    simbroker.aio.run(main)
