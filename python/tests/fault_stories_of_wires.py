"""Faults of wires and of the door: aio-pika in virtual time, and pika over TLS."""

import asyncio
import socket
import ssl

import aio_pika
import pika
import pytest
import simbroker
from fault_stories import LOST, URL_OPTIONS, Pieces, end_of, story

DECLARE_OK = {"to": "client", "method": "queue.declare-ok", "times": 1}


async def connect(client, **options):
    return await aio_pika.connect(client.simulation.url + URL_OPTIONS, **options)


def took(client, seconds, began):
    assert client.loop.time() - began == pytest.approx(seconds, abs=0.5)


# ---- wires


@story("latency")
async def everything_comes_later(client, fault):
    rule = client.faults.add(now={}, do={fault: {"by": "3s", "way": "client"}})
    began = client.loop.time()
    await client.publish()
    took(client, 3, began)
    rule.remove()
    began = client.loop.time()
    await client.publish()
    took(client, 0, began)


@story("bandwidth")
async def a_large_message_takes_its_time(client, fault):
    client.faults.add(now={}, do={fault: {"octets_per_second": 1000, "way": "server"}})
    began = client.loop.time()
    await client.publish(b"x" * 5000, timeout=60)
    took(client, 5, began)


@story("split")
async def frames_come_in_pieces(client, fault):
    client.faults.add(now={}, do={fault: {"size": 1}})
    client.faults.add(now={}, do={fault: {"random": 7, "way": "server"}})
    came = await client.consume("c")
    body = bytes(range(256)) * 10
    with Pieces() as pieces:
        await client.publish(body)
        await asyncio.sleep(1)
    assert [message.body for message in came] == [body]
    assert len(pieces) > len(body)
    assert {len(piece) for piece in pieces} == {1}


@story("coalesce")
async def frames_of_a_while_come_at_once(client, fault):
    client.faults.add(now={}, do={fault: {"within": "3s", "way": "client"}})
    instants = []

    async def one(after):
        await asyncio.sleep(after)
        await client.publish()
        instants.append(client.loop.time())

    await asyncio.gather(*(one(after) for after in (0, 1, 2)))
    assert instants[2] - instants[0] < 0.01, "three confirms at one instant"


@story("tls_records")
def tls_comes_in_small_records(certificates, fault):
    with simbroker.Broker(tls=certificates) as broker:
        broker.faults.add(now={}, do={fault: 100})
        with connect_securely(broker, certificates) as connection:
            channel = connection.channel()
            channel.queue_declare("q", exclusive=True)
            channel.basic_publish("", "q", b"x" * 5000)
            assert channel.basic_get("q", auto_ack=True)[2] == b"x" * 5000
        sizes = sizes_of_tls_records(broker, certificates)
    assert len(sizes) > 3, "connection.start is longer than 300 octets"
    assert max(sizes) <= 100 + OF_A_RECORD


OF_A_RECORD = 24  # octets that AES-GCM adds in TLS 1.2


def sizes_of_tls_records(broker, certificates):
    """Of the records in which connection.start comes."""
    context = certificates.ssl_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # later, what is handshake and what data does not show
    context.set_ciphers("ECDHE+AESGCM")
    incoming, outgoing, raw = ssl.MemoryBIO(), ssl.MemoryBIO(), b""
    tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with socket.create_connection(("127.0.0.1", broker.tls_port), timeout=10) as wire:

        def until_done(step):
            nonlocal raw
            while True:
                try:
                    return step()
                except ssl.SSLWantReadError:
                    wire.sendall(outgoing.read())
                    octets = wire.recv(65536)
                    raw += octets
                    incoming.write(octets)

        until_done(tls.do_handshake)
        tls.write(b"AMQP\x00\x00\x09\x01")
        wire.sendall(outgoing.read())
        start = b""
        while not start.endswith(b"\xce"):
            start += until_done(lambda: tls.read(65536))
    sizes = []
    while raw:
        kind, size = raw[0], int.from_bytes(raw[3:5], "big")
        sizes += [size] if kind == 23 else []
        raw = raw[5 + size :]
    return sizes


@story("stall")
async def nobody_reads_for_a_while(client, fault):
    client.faults.add(now={}, do={fault: "20s"})
    began = client.loop.time()
    await client.publish(timeout=None)
    took(client, 20, began)


@story("half_open")
async def only_heartbeats_tell_that_nobody_is_there(client, fault):
    other = await aio_pika.connect(client.simulation.url + "?heartbeat=10")
    rule = client.faults.add(now={}, do=fault)
    with pytest.raises(asyncio.TimeoutError):
        await client.publish(timeout=100)
    await asyncio.wait_for(end_of(other), 300)
    assert rule.fired == 1


@story("fin", "reset")
async def a_connection_ends_in_the_middle_of_a_frame(client, fault):
    ended = asyncio.ensure_future(client.ends())
    rule = client.faults.add(when=DECLARE_OK, do={fault: {"at": 5}})
    with pytest.raises(LOST):
        await client.channel.declare_queue("other")
    await ended
    assert rule.fired == 1


@story("corrupt")
async def an_octet_with_other_bits_is_a_frame_error(client, fault):
    ended = asyncio.ensure_future(client.ends())
    rule = client.faults.add(when=DECLARE_OK, do={fault: {"at": 0, "mask": 0x40}})
    with pytest.raises((*LOST, asyncio.TimeoutError)):
        await client.channel.declare_queue("other", timeout=30)
    ended.cancel()
    assert rule.fired == 1


# ---- the door


@story("refuse")
async def nobody_listens_for_a_while(client, fault):
    client.faults.add(now={}, do={fault: "60s"})
    await asyncio.sleep(1)
    with pytest.raises(ConnectionError):
        await connect(client)
    await client.cycle()
    await asyncio.sleep(60)
    await (await connect(client)).close()


@story("slow_accept")
async def a_new_connection_is_silent_for_a_while(client, fault):
    client.faults.add(now={}, do={fault: {"by": "5s", "for": "1m"}})
    began = client.loop.time()
    await (await connect(client)).close()
    took(client, 5, began)


@story("silence")
async def nothing_ever_comes_to_a_new_connection(client, fault):
    client.faults.add(now={}, do={fault: "1h"})
    with pytest.raises(asyncio.TimeoutError):
        await connect(client, timeout=30)
    await client.cycle()


@story("move")
async def the_broker_is_elsewhere(client, fault):
    before = client.simulation.url
    client.faults.add(now={}, do={fault: 5673})
    await asyncio.sleep(1)
    with pytest.raises(ConnectionError):
        await aio_pika.connect(before)
    assert ":5673/" in client.simulation.url
    await (await connect(client)).close()
    await client.cycle()


def connect_securely(broker, certificates):
    options = pika.SSLOptions(certificates.ssl_context(), "localhost")
    return pika.BlockingConnection(pika.ConnectionParameters(port=broker.tls_port, ssl_options=options))


@story("certificate")
def another_certificate_is_shown(certificates, fault):
    with simbroker.Broker(tls=certificates) as broker:
        for name in ("expired", "wrong_host", "unknown_ca"):
            rule = broker.faults.add(now={}, do={fault: name})
            with pytest.raises(ssl.SSLCertVerificationError):
                connect_securely(broker, certificates)
            rule.remove()
        connect_securely(broker, certificates).close()
