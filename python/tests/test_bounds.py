"""One client that misbehaves costs the others little: what a flood, garbage or a client that reads nothing adds to the
time another client waits for an answer. Each is measured a few times, for the machine does other things too; the best counts.

One that is busy takes time from the machine, too, whoever it talks to. So it stands back where there are no processors to
spare, as if it were on a machine of its own.
"""

import multiprocessing
import os
import socket
import statistics
import time
from contextlib import contextmanager, suppress

import pika
import pytest
from pika import frame, spec

import simbroker

ROUND_TRIPS = 300
TRIES = 6
MOST = 2.0
LEAST = 19  # of the priorities a process may have


def connect(port):
    return pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", port, heartbeat=0))


def round_trip(port):
    """The median of so many basic.get of an empty queue, in seconds."""
    connection = connect(port)
    channel = connection.channel()
    channel.queue_declare("empty", durable=True)
    times = []
    for _ in range(ROUND_TRIPS):
        begin = time.perf_counter()
        channel.basic_get("empty")
        times.append(time.perf_counter() - begin)
    connection.close()
    return statistics.median(times)


def opened(port):
    client = socket.create_connection(("127.0.0.1", port))
    start_ok = spec.Connection.StartOk({}, "PLAIN", "\0guest\0guest", "en_US")
    tune_ok = spec.Connection.TuneOk(2047, 131072, 0)
    for octets in (
        b"AMQP\0\0\x09\x01",
        frame.Method(0, start_ok).marshal(),
        frame.Method(0, tune_ok).marshal() + frame.Method(0, spec.Connection.Open("/")).marshal(),
        frame.Method(1, spec.Channel.Open()).marshal(),
    ):
        client.sendall(octets)
        client.recv(65536)
    return client


def flood(port, running):
    os.nice(LEAST)
    client = opened(port)
    publish = frame.Method(1, spec.Basic.Publish(exchange="", routing_key="sink")).marshal()
    message = publish + frame.Header(1, 64, pika.BasicProperties()).marshal() + frame.Body(1, b"x" * 64).marshal()
    running.set()
    for _ in range(1_000_000):
        client.sendall(message * 500)


def garbage(port, running):
    os.nice(LEAST)
    running.set()
    for _ in range(1_000_000):
        with suppress(ConnectionResetError), socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"\xff" * 4096)
            while client.recv(4096):
                pass


@contextmanager
def elsewhere(misbehave, port):
    context = multiprocessing.get_context("spawn")
    running = context.Event()
    process = context.Process(target=misbehave, args=(port, running), daemon=True)
    process.start()
    assert running.wait(30)
    yield
    process.kill()
    process.join()


@contextmanager
def deaf(port):
    """A consumer that reads nothing of a long queue."""
    publisher = connect(port)
    channel = publisher.channel()
    channel.queue_declare("backlog", durable=True)
    for _ in range(500):
        channel.basic_publish("", "backlog", b"y" * 100_000)
    client = opened(port)
    client.sendall(frame.Method(1, spec.Basic.Consume(queue="backlog", consumer_tag="deaf", no_ack=True)).marshal())
    yield
    client.close()
    publisher.close()


@pytest.mark.parametrize("how", ["flood", "garbage", "deaf"])
def test_others_wait_less_than_twice_as_long(how):
    with simbroker.Broker() as broker:
        connection = connect(broker.port)
        connection.channel().queue_declare("sink", durable=True, arguments={"x-max-length": 1000})
        connection.close()
        ratios = []
        for _ in range(TRIES):
            alone = round_trip(broker.port)
            with deaf(broker.port) if how == "deaf" else elsewhere({"flood": flood, "garbage": garbage}[how], broker.port):
                ratios.append(round_trip(broker.port) / alone)
            if min(ratios) < MOST:
                return
        pytest.fail(f"the median round trip took {min(ratios):.1f} times as long at best, of {TRIES} tries: {ratios}")


def test_a_client_that_reads_nothing_leaves_its_messages_in_the_queue():
    with simbroker.Broker() as broker, deaf(broker.port):
        connection = connect(broker.port)
        left = connection.channel().queue_declare("backlog", passive=True).method.message_count
        assert left > 400
