"""simbroker.aio: the event loop in virtual time, seen through asyncio itself and raw AMQP."""

import asyncio
import errno
import os
import random
import socket
import threading
import time
import uuid
from datetime import timedelta

import pytest

import simbroker
import simbroker.aio
from simbroker.aio import Simulation

DAY = 86400


class RawClient:
    """AMQP by hand over an asyncio stream: just enough to have a conversation."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.splitter = simbroker.FrameSplitter()
        self.frames = []

    @classmethod
    async def connect(cls, simulation, heartbeat=0):
        client = cls(*await asyncio.open_connection("broker", simulation.broker.port))
        client.writer.write(simbroker.PROTOCOL_HEADER)
        await client.expect("connection.start")
        client.send("connection.start-ok", 0, mechanism="PLAIN", response=b"\0guest\0guest", locale="en_US")
        await client.expect("connection.tune")
        client.send("connection.tune-ok", 0, channel_max=10, frame_max=131072, heartbeat=heartbeat)
        client.send("connection.open", 0, virtual_host="/")
        await client.expect("connection.open-ok")
        client.send("channel.open")
        await client.expect("channel.open-ok")
        return client

    def send(self, method, channel=1, **fields):
        self.writer.write(simbroker.encode_method(method, channel=channel, **fields))

    async def expect(self, method):
        while True:
            while self.frames:
                frame = self.frames.pop(0)
                if frame.name is not None:
                    assert frame.name == method, frame
                    return frame
            octets = await self.reader.read(65536)
            assert octets, f"the connection ended instead of {method}"
            self.frames += self.splitter.feed(octets)


def run(main, **options):
    return simbroker.aio.run(main, **options)


def test_waiting_costs_nothing_and_time_is_broker_time():
    async def main(simulation):
        started = asyncio.get_running_loop().time()
        await asyncio.sleep(365 * DAY)
        assert asyncio.get_running_loop().time() - started == 365 * DAY
        return simulation.now

    started = time.monotonic()
    assert run(main) == timedelta(days=365)
    assert time.monotonic() - started < 5


def test_a_connection_takes_its_latency_and_a_ttl_its_time():
    async def main(simulation):
        loop = asyncio.get_running_loop()
        _, writer = await asyncio.open_connection("localhost", 5672)
        assert loop.time() == pytest.approx(0.2)  # there and back
        writer.close()
        client = await RawClient.connect(simulation)
        client.send("queue.declare", queue="q", arguments={"x-message-ttl": 60_000})
        await client.expect("queue.declare-ok")
        client.send("basic.publish", routing_key="q")
        client.writer.write(simbroker.encode_content(b"soon gone", {}, channel=1))
        for seconds, left in ((59, 1), (2, 0)):
            await asyncio.sleep(seconds)
            client.send("queue.declare", queue="q", passive=True)
            assert (await client.expect("queue.declare-ok")).fields["message_count"] == left

    run(main, latency=0.1)


def test_jitter_and_bandwidth_come_from_the_seed():
    async def main(simulation):
        await RawClient.connect(simulation)
        return simulation.now, simulation.trace_hash

    slow, fast = run(main, bandwidth=100), run(main, bandwidth=10_000)
    assert slow[0] > fast[0] + timedelta(seconds=4)
    assert run(main, jitter=0.5, seed=3) == run(main, jitter=0.5, seed=3)
    assert run(main, jitter=0.5, seed=3)[0] != run(main, jitter=0.5, seed=4)[0]


def test_a_broker_that_is_down_refuses_and_a_crash_resets():
    async def main(simulation):
        client = await RawClient.connect(simulation)
        simulation.broker.crash(for_=timedelta(minutes=5))
        with pytest.raises(ConnectionResetError):
            await client.reader.read(1)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("broker", 5672)
        await asyncio.sleep(301)
        await RawClient.connect(simulation)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("broker", 5671)
        return [event.kind for event in simulation.events() if event.kind.startswith("broker_")]

    assert run(main) == ["broker_stopped", "broker_started"]


def test_an_operator_ends_connections_and_a_stall_holds_octets_back():
    async def main(simulation):
        loop, broker = asyncio.get_running_loop(), simulation.broker
        client = await RawClient.connect(simulation)
        (connection,) = broker.connections
        broker.stall(connection, for_=50)
        client.send("queue.declare", queue="q", durable=True)
        await client.expect("queue.declare-ok")
        assert loop.time() > 50
        assert [row["name"] for row in broker.list("queues")] == ["q"]
        broker.close_connection(connection, reason="enough")
        closed = await client.expect("connection.close")
        assert (closed.fields["reply_code"], "enough" in closed.fields["reply_text"]) == (320, True)
        client.send("connection.close-ok", 0)
        assert await client.reader.read(1) == b""
        other = await RawClient.connect(simulation)
        broker.drop_connection(broker.connections[-1])
        with pytest.raises(ConnectionResetError):
            await other.reader.read(1)

    run(main)


def test_who_blocks_the_loop_misses_heartbeats():
    async def main(simulation):
        client = await RawClient.connect(simulation, heartbeat=10)
        before = time.monotonic()
        block = time.sleep  # costs a minute of broker time and none of ours
        block(60)
        assert time.monotonic() - before == 60
        with pytest.raises(AssertionError, match="the connection ended"):
            await client.expect("queue.declare-ok")
        return [event.detail for event in simulation.events("connection_closed")]

    assert "heartbeat" in str(run(main))


def test_clocks_and_chance_are_the_simulations_in_a_run_and_only_there():
    async def main(simulation):
        await asyncio.sleep(1000)
        other = []
        thread = threading.Thread(target=lambda: other.append(time.time()))
        thread.start()
        thread.join()
        assert other[0] > 1_767_225_600 + 100_000  # another thread lives in the real world
        assert (time.time(), time.monotonic()) == (1_767_225_600 + 1000, 1000)
        return uuid.uuid4(), random.random(), os.urandom(8)

    real = socket.socket, time.time, os.urandom
    before = random.getstate()
    assert run(main, seed=1) == run(main, seed=1) != run(main, seed=2)
    assert (socket.socket, time.time, os.urandom) == real
    assert random.getstate() == before
    assert uuid.uuid4() != uuid.uuid4()


def test_a_deadlock_says_who_waits_where():
    async def waits_for_ever():
        await asyncio.get_running_loop().create_future()

    async def main(simulation):
        await RawClient.connect(simulation)
        await asyncio.create_task(waits_for_ever(), name="the patient one")

    with pytest.raises(simbroker.aio.DeadlockError, match=r"nothing is left(.|\n)*the patient one.*test_aio\.py:\d+"):
        run(main)


def test_heartbeats_alone_do_not_keep_a_program_alive_for_ever():
    async def main(simulation):
        client = await RawClient.connect(simulation, heartbeat=60)

        async def beat():
            while True:
                await asyncio.sleep(30)
                client.writer.write(simbroker.encode_frame(8, 0, b""))

        beating = asyncio.create_task(beat())
        await client.expect("queue.declare-ok")
        beating.cancel()

    with pytest.raises(simbroker.aio.DeadlockError, match=r"more than time_limit allows"):
        run(main, time_limit=timedelta(days=1))


def test_a_loop_that_spins_is_found_out(monkeypatch):
    monkeypatch.setattr("simbroker.aio.loop._MOST_TURNS_AT_AN_INSTANT", 1000)

    async def main(simulation):
        while True:
            await asyncio.sleep(0)

    with pytest.raises(simbroker.aio.DeadlockError, match="busy for 1000 turns"):
        run(main)


def test_what_is_not_of_this_world_is_refused():
    async def blocking(simulation):
        socket.create_connection(("127.0.0.1", 5672))

    async def pipe(simulation):
        read, write = os.pipe()
        try:
            asyncio.get_running_loop().add_reader(read, print)
        finally:
            os.close(read)
            os.close(write)

    for main, words in ((blocking, "blocking socket in virtual time"), (pipe, "no socket of this simulation")):
        with pytest.raises(simbroker.Error, match=words):
            run(main)
    with pytest.raises(simbroker.ConfigurationError, match="latency is -1"):
        Simulation(latency=-1)
    with pytest.raises(simbroker.ConfigurationError, match="unknown profile"):
        Simulation(profile="qpid")


def test_what_goes_to_threads_is_done_at_once():
    async def main(simulation):
        def work(x):
            return x * 2, threading.get_ident()

        assert await asyncio.to_thread(work, 4) == (8, threading.get_ident())
        with pytest.raises(ZeroDivisionError):
            await asyncio.get_running_loop().run_in_executor(None, lambda: 1 / 0)

    run(main)


def test_sockets_do_what_sockets_do():
    async def main(simulation):
        opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        assert isinstance(opened, socket.socket)
        opened.setblocking(False)
        assert opened.connect_ex(("127.0.0.1", 5672)) == errno.EINPROGRESS
        assert opened.connect_ex(("127.0.0.1", 5672)) == errno.EALREADY
        with pytest.raises(OSError, match=os.strerror(errno.ENOTCONN)):
            opened.send(b"early")
        await asyncio.sleep(0.01)
        assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
        with pytest.raises(BlockingIOError):
            opened.recv(10)
        opened.send(b"GET / HTTP/1.1\r\n")
        await asyncio.sleep(0.01)
        buffer = bytearray(4)
        assert (opened.recv_into(buffer), bytes(buffer)) == (4, b"AMQP")
        assert opened.recv(100) == b"\x03\x01\x00\x00"  # what RabbitMQ 4 answers to no AMQP
        assert opened.recv(1) == b""
        opened.close()
        assert opened.fileno() == -1
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # the kernel's, as ever
        assert 0 <= datagrams.fileno() < 1000
        datagrams.close()

    run(main)


def test_a_trace_is_recorded_and_replays(tmp_path):
    async def main(simulation):
        await RawClient.connect(simulation)
        simulation.broker.crash()

    run(main, trace=tmp_path / "run.trace", seed=5)
    replayed = simbroker.replay(tmp_path / "run.trace")
    assert replayed.identical and replayed.inputs > 5 and replayed.cut_short is None


def test_a_simulation_may_run_in_pieces_and_ends_once():
    with Simulation() as simulation:

        async def connect():
            return await RawClient.connect(simulation)

        client = simulation.run(connect())
        simulation.broker.set_alarm("memory")
        assert simulation.broker.list("connections")

        async def declare():
            assert simbroker.aio.current() is simulation
            client.send("queue.declare", queue="q", durable=True)
            return (await client.expect("queue.declare-ok")).fields["queue"]

        assert simulation.run(declare()) == "q"
    assert simulation.closed
    with pytest.raises(simbroker.ClosedError):
        simulation.run(declare())
    simulation.close()
