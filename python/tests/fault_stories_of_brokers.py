"""What a broker suffers from operators and hardware, as aio-pika sees it in virtual time."""

import asyncio

import aio_pika
import pytest
from aio_pika.exceptions import AMQPError, ChannelNotFoundEntity
from aiormq.exceptions import ChannelAccessRefused
from fault_stories import LOST, URL_OPTIONS, end_of, story

PERSISTENT = aio_pika.DeliveryMode.PERSISTENT


async def publish(client, queue, body=b"hello", **properties):
    message = aio_pika.Message(body, **properties)
    return await client.channel.default_exchange.publish(message, queue, timeout=3600)


async def seconds(client, what):
    began = client.loop.time()
    await what
    return client.loop.time() - began


async def soon(what):
    """Something is awaited already when this returns."""
    waiting = asyncio.ensure_future(what)
    await asyncio.sleep(0)
    return waiting


# ---- operators


@story("alarm")
async def publishers_are_held_back(client, fault):
    client.faults.add(now={}, do={fault: {"resource": "memory", "for": "1m"}})
    assert await seconds(client, client.publish(timeout=None)) == pytest.approx(60, abs=1)


@story("delete_queue")
async def a_queue_is_gone(client, fault):
    client.faults.add(now={}, do={fault: "q"})
    await asyncio.sleep(1)
    with pytest.raises(ChannelNotFoundEntity):
        await client.channel.declare_queue("q", passive=True)


@story("delete_vhost")
async def a_vhost_is_gone(client, fault):
    broker = client.simulation.broker
    broker.add_vhost("v")
    broker.set_permissions("guest", vhost="v")
    ended = end_of(await aio_pika.connect(broker.url_for("v") + URL_OPTIONS))
    client.faults.add(now={}, do={fault: "v"})
    await asyncio.wait_for(ended, 1)
    await client.cycle()


@story("delete_user")
async def a_user_is_gone(client, fault):
    broker = client.simulation.broker
    broker.add_user("anna", "secret")
    broker.set_permissions("anna")
    url = client.simulation.url.replace("guest:guest", "anna:secret") + URL_OPTIONS
    ended = end_of(await aio_pika.connect(url))
    client.faults.add(now={}, do={fault: "anna"})
    await asyncio.wait_for(ended, 1)
    with pytest.raises(AMQPError):
        await aio_pika.connect(url)


@story("revoke")
async def a_user_may_no_longer(client, fault):
    client.faults.add(now={}, do={fault: "guest"})
    await asyncio.sleep(30)  # longer than RabbitMQ remembers what was allowed
    with pytest.raises(ChannelAccessRefused):
        await client.channel.declare_queue("other")


@story("kill")
async def an_operator_closes_the_connection(client, fault):
    ended = await soon(client.ends())
    client.faults.add(now={"in": "1s"}, do={fault: "for a reason"})
    assert "for a reason" in str(await ended)


@story("operate")
async def an_operator_purges_a_queue(client, fault):
    await client.publish()
    client.faults.add(now={}, do={fault: {"purge_queue": {"queue": "q"}}})
    await asyncio.sleep(1)
    assert await client.queue.get(fail=False) is None


@story("time_out")
async def a_delivery_takes_too_long(client, fault):
    queue = await client.channel.declare_queue("slow", durable=True, arguments={"x-queue-type": "quorum"})
    came = await client.consume("c", queue)
    await publish(client, "slow")
    await asyncio.sleep(1)
    client.faults.add(now={}, do={fault: "slow"})
    await asyncio.sleep(1)
    assert len(came) == 1
    again = await queue.get()
    assert again.redelivered
    assert again.body == b"hello"


@story("move_leader")
async def a_quorum_queue_is_without_a_leader(client, fault):
    await client.channel.declare_queue("led", durable=True, arguments={"x-queue-type": "quorum"})
    client.faults.add(now={}, do={fault: {"queue": "led", "election": "5s"}})
    assert await seconds(client, publish(client, "led")) == pytest.approx(5, abs=0.1)


# ---- hardware


@story("slow_queue")
async def a_queue_takes_one_at_a_time(client, fault):
    client.faults.add(now={}, do={fault: {"queue": "q", "each": "1s", "for": "1h"}})
    order, took = await client.publish_at_once(3)
    assert order == [b"0", b"1", b"2"]
    assert took == pytest.approx(3, abs=0.1)


@story("slow_disk")
async def persistent_messages_are_confirmed_late(client, fault):
    await client.channel.declare_queue("kept", durable=True)
    client.faults.add(now={}, do={fault: {"delay": "4s", "for": "1m"}})
    assert await seconds(client, publish(client, "kept", delivery_mode=PERSISTENT)) == pytest.approx(4, abs=0.1)
    assert await seconds(client, client.publish()) < 1
    await asyncio.sleep(60)
    assert await seconds(client, publish(client, "kept", delivery_mode=PERSISTENT)) < 1


@story("jump_clock")
async def messages_expire_when_the_calendar_jumps(client, fault):
    await publish(client, "q", expiration=600)
    client.faults.add(now={}, do={fault: "1h"})
    await asyncio.sleep(1)
    assert await client.queue.get(fail=False) is None


@story("upgrade")
async def a_broker_of_another_version_comes_back(client, fault):
    durable = await client.channel.declare_queue("kept", durable=True)
    await publish(client, durable.name, b"old", delivery_mode=PERSISTENT)
    ended = await soon(client.ends())
    client.faults.add(now={}, do={fault: {"to": "rabbitmq-4.0", "for": "5s"}})
    await ended
    await asyncio.sleep(10)
    async with await aio_pika.connect(client.simulation.url + URL_OPTIONS) as other:
        assert other.transport.connection.server_properties["version"] == "4.0.5"
        channel = await other.channel()
        queue = await channel.get_queue("kept")
        assert (await queue.get()).body == b"old"


# ---- moments of a crash


async def survivors(client, do):
    """What is left of one persistent message that is on its way to a slow disk when the broker crashes; was it confirmed?"""
    await client.channel.declare_queue("kept", durable=True)
    client.faults.add(now={}, do={"slow_disk": "1h"})
    await asyncio.sleep(1)
    ended = await soon(client.ends())
    client.faults.add(now={"in": "1s"}, do=do)
    publishing = await soon(publish(client, "kept", delivery_mode=PERSISTENT))
    await ended
    await asyncio.wait({publishing})
    confirmed = not publishing.cancelled() and publishing.exception() is None
    await asyncio.sleep(10)
    async with await aio_pika.connect(client.simulation.url + URL_OPTIONS) as other:
        queue = await (await other.channel()).get_queue("kept")
        return queue.declaration_result.message_count, confirmed


@story("crash before the fsync")
async def what_was_not_on_the_disk_is_lost(client, _):
    assert await survivors(client, {"crash": "5s"}) == (0, False)


@story("crash after the fsync")
async def what_was_on_the_disk_is_kept(client, _):
    assert await survivors(client, {"crash": {"for": "5s", "disk": "synced"}}) == (1, True)


@story("crash in a transaction")
async def a_transaction_that_was_not_committed_leaves_nothing(client, _):
    await client.channel.declare_queue("kept", durable=True)
    channel = await client.connection.channel(publisher_confirms=False)
    ended = await soon(client.ends())
    client.faults.add(when={"to": "server", "method": "tx.commit"}, do={"crash": "5s"})
    transaction = channel.transaction()
    await transaction.select()
    await channel.default_exchange.publish(aio_pika.Message(b"x", delivery_mode=PERSISTENT), "kept")
    with pytest.raises(LOST):
        await transaction.commit()
    await ended
    await asyncio.sleep(10)
    async with await aio_pika.connect(client.simulation.url + URL_OPTIONS) as other:
        assert (await (await other.channel()).get_queue("kept")).declaration_result.message_count == 0
