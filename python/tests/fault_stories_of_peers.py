"""Faults of what a peer says, as aio-pika sees them."""

import asyncio
import struct
from datetime import timedelta

import aio_pika
import pika
import pytest
import simbroker
from fault_stories import LOST, URL_OPTIONS, Pieces, end_of, first, story

# ---- confirms


@story("late_confirms", "delay")
async def confirms_come_late(client, fault):
    when = {"to": "client", "method": "basic.ack"} if fault == "delay" else None
    rule = client.faults.add(when=when, do={fault: timedelta(seconds=2)})
    began = client.loop.time()
    await client.publish()
    assert client.loop.time() - began == pytest.approx(2, abs=0.1)
    assert rule.fired == 1


@story("unconfirmed", "drop")
async def confirms_do_not_come(client, fault):
    client.faults.add(when={"to": "client", "method": "basic.ack"}, do=fault)
    with pytest.raises(asyncio.TimeoutError):
        await client.publish()


@story("hold")
async def confirms_wait_to_be_released(client, fault):
    client.faults.add(when={"to": "client", "method": "basic.ack"}, do={"hold": "slow"})
    publishing = asyncio.ensure_future(client.publish(timeout=1000))
    await asyncio.sleep(100)
    assert not publishing.done()
    client.faults.release("slow")
    await asyncio.wait_for(publishing, 1)


@story("nack_instead_of_ack", "instead")
async def confirms_refuse(client, fault):
    nack = {"basic.nack": {"delivery_tag": {"!field": "delivery_tag"}}}
    client.faults.add(
        when={"to": "client", "method": "basic.ack"}, do={"instead": [nack]} if fault == "instead" else fault
    )
    with pytest.raises(aio_pika.exceptions.DeliveryError):
        await client.publish()


@story("confirms_multiple", "confirm")
async def confirms_come_together(client, fault):
    client.faults.add(
        when={"to": "client", "method": "basic.ack"},
        do={fault: {"as": "multiple", "count": 9}} if fault == "confirm" else {fault: {"count": 9}},
    )
    order, took = await client.publish_at_once(3)
    assert order == [b"0", b"1", b"2"]
    assert took == pytest.approx(1, abs=0.1), "they waited for more"


@story("confirms_single")
async def confirms_come_one_by_one(client, fault):
    # What the broker reads at once it confirms at once.
    client.faults.add(now={}, do={"coalesce": {"within": "1s", "way": "server"}})
    with Pieces() as without:
        await client.publish_at_once(5)
    assert len(without.methods(60, 80)) < 5, "several at a time, as long as nobody minds"
    client.faults.add(do=fault)
    with Pieces() as pieces:
        await client.publish_at_once(5)
    assert pieces.methods(60, 80) == [struct.pack(">Q?", tag, False) for tag in range(6, 11)]


@story("confirms_out_of_order")
async def confirms_come_backwards(client, fault):
    client.faults.add(do={fault: {"count": 4}})
    order, _ = await client.publish_at_once(4)
    assert order == [b"3", b"2", b"1", b"0"]


@story("confirmed_twice", "unknown_confirm", "duplicate", "after")
async def confirms_nobody_waits_for_are_ignored(client, fault):
    ack = {"basic.ack": {"delivery_tag": 77}}
    when = {"to": "client", "method": "basic.ack"} if fault in ("duplicate", "after") else None
    rule = client.faults.add(when=when, do={"after": [ack]} if fault == "after" else fault)
    with Pieces() as pieces:
        for _ in range(3):
            await client.publish()
    assert rule.fired == 3
    assert len(pieces.methods(60, 80)) == 6


# ---- deliveries


@story("wrong_delivery_tag", "replace")
async def to_settle_a_wrong_tag_ends_the_channel(client, fault):
    client.faults.add(
        when={"to": "client", "method": "basic.deliver"},
        do={"replace": {"delivery_tag": 1001}} if fault == "replace" else fault,
    )
    came = await client.consume("c")
    await client.publish()
    message = await first(came)
    assert message.delivery_tag == 1001
    await message.ack()
    await asyncio.sleep(1)
    assert client.channel.is_closed


@story("redelivered")
async def what_was_acknowledged_comes_again(client, fault):
    client.faults.add(do=fault)
    came = await client.consume("c")
    await client.publish()
    await (await first(came)).ack()
    await asyncio.sleep(1)
    assert [message.redelivered for message in came] == [False, True]
    await came[1].ack()
    await client.cycle()


@story("delivered_twice")
async def a_delivery_comes_twice(client, fault):
    client.faults.add(do=fault)
    came = await client.consume("c")
    await client.publish(b"again")
    await asyncio.sleep(1)
    assert [message.body for message in came] == [b"again", b"again"]


@story("deliveries_out_of_order", "reorder")
async def deliveries_come_backwards(client, fault):
    when = {"to": "client", "method": "basic.deliver"} if fault == "reorder" else None
    client.faults.add(when=when, do={fault: {"count": 3}})
    came = await client.consume("c")
    for body in (b"1", b"2", b"3"):
        await client.publish(body)
    await asyncio.sleep(1)
    assert [message.body for message in came] == [b"3", b"2", b"1"]


@story("consumers_out_of_order")
async def consumers_change_places(client, fault):
    came = []
    for name in "ab":
        queue = await client.channel.declare_queue(name)
        await queue.consume(came.append, consumer_tag=name)
    client.faults.add(do={fault: {"count": 4}})
    for body in ("a1", "b1", "a2", "b2"):
        await client.channel.default_exchange.publish(aio_pika.Message(body.encode()), body[0])
    await asyncio.sleep(2)
    assert [message.body for message in came] == [b"b1", b"b2", b"a1", b"a2"]


@story("unknown_consumer")
async def a_delivery_for_nobody_is_not_delivered(client, fault):
    rule = client.faults.add(do=fault)
    came = await client.consume("c")
    await client.publish()
    await asyncio.sleep(1)
    assert rule.fired == 1
    assert came == []


@story("cancel_consumer")
async def a_consumer_is_cancelled(client, fault):
    came = await client.consume("c")
    client.faults.add(now={"queue": "q"}, do=fault)
    await asyncio.sleep(1)
    await client.publish()
    await asyncio.sleep(1)
    assert came == []
    assert (await client.channel.declare_queue("q", passive=True)).declaration_result.message_count == 1


@story("wrong_body_size")
async def a_body_that_is_too_short_is_waited_for(client, fault):
    client.faults.add(do={fault: 5})
    came = await client.consume("c")
    with pytest.raises(asyncio.TimeoutError):
        await client.publish(b"short")
    assert came == [], "there should be five octets more; the confirm comes in their place"


# ---- channels and connections


@story("close_channel", "answer", "say")
async def a_channel_is_closed_in_place_of_an_answer(client, fault):
    close = {"channel.close": {"reply_code": 404, "reply_text": "NOT_FOUND - gone"}}
    do = {
        "close_channel": {"close_channel": {"code": 404, "text": "NOT_FOUND - gone"}},
        "answer": {"answer": [close]},
        "say": {"say": {"to_client": [close], "where": "instead"}},
    }[fault]
    client.faults.add(when={"to": "server", "method": "queue.declare", "times": 1}, do=do)
    with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity, match="gone"):
        await client.channel.declare_queue("other")
    await client.cycle()


@story("close_connection")
async def a_connection_is_closed_with_any_code(client, fault):
    ended = asyncio.ensure_future(client.ends())
    await asyncio.sleep(0)
    client.faults.add(now={"in": "1s"}, do={fault: {"code": 541, "text": "INTERNAL_ERROR"}})
    assert "541" in str(await ended) or "INTERNAL_ERROR" in str(await ended)


@story("never_answer")
async def a_method_is_never_answered(client, fault):
    client.faults.add(do={fault: "queue.purge"})
    with pytest.raises(asyncio.TimeoutError):
        await client.queue.purge(timeout=30)


@story("flow")
async def a_client_answers_flow(client, fault):
    with Pieces() as pieces:
        client.faults.add(now={}, do={fault: False})
        await asyncio.sleep(1)
    assert pieces.methods(20, 20) == [b"\x00"]
    await client.cycle()


@story("blocked", "unblocked")
def a_client_is_told_that_it_is_blocked(_, fault):
    told = []
    with simbroker.Broker() as broker, pika.BlockingConnection(pika.URLParameters(broker.url)) as connection:
        connection.add_on_connection_blocked_callback(lambda _, frame: told.append(frame.method.reason))
        connection.add_on_connection_unblocked_callback(lambda _, frame: told.append(frame.method.NAME))
        broker.faults.add(now={}, do={"blocked": "for a reason"} if fault == "blocked" else fault)
        for _ in range(100):
            connection.process_data_events(time_limit=0.1)
            if told:
                break
    assert told == ["for a reason" if fault == "blocked" else "Connection.Unblocked"]


@story("tune")
async def a_client_keeps_to_the_limits_it_is_told(client, fault):
    client.faults.add(do={fault: {"channel_max": 2}})
    other = await aio_pika.connect(client.simulation.url + URL_OPTIONS)
    assert other.transport.connection.connection_tune.channel_max == 2
    await other.close()


@story("close", "crash", "restart")
async def a_transport_is_lost(client, fault):
    ended = asyncio.ensure_future(client.ends())
    await asyncio.sleep(0)
    client.faults.add(now={"in": "1s"}, do=fault if fault == "close" else {fault: "5s"})
    await ended
    await asyncio.sleep(10)
    await (await aio_pika.connect(client.simulation.url)).close()


# ---- frames


@story("bad_frame_end", "frame_end", "frame", "unknown_frame_type", "truncated_arguments", "bytes")
async def a_broken_frame_ends_the_connection_or_is_not_understood(client, fault):
    do = {"frame_end": {"frame_end": 0}, "frame": {"frame": {"type": 9}}, "bytes": {"bytes": b"\xff" * 20}}
    rule = client.faults.add(
        when={"to": "client", "method": "queue.declare-ok", "times": 1}, do=do.get(fault, fault), id="broken"
    )
    with Pieces() as pieces, pytest.raises((*LOST, asyncio.TimeoutError)):
        await asyncio.wait_for(client.channel.declare_queue("other"), 30)
    assert rule.fired == 1
    assert (b"\xff" * 20 in b"".join(pieces)) == (fault == "bytes")


@story("overlong_arguments", "before")
async def what_is_too_much_is_passed_over(client, fault):
    before = {"before": [{"frame": {"heartbeat": {}}}]}
    when = {"to": "client", "method": "queue.declare-ok", "times": 1}
    client.faults.add(when=when, do=before if fault == "before" else fault)
    with Pieces() as pieces:
        await asyncio.wait_for(client.channel.declare_queue("other"), 30)
    arguments = b"\x05other" + bytes(8)
    if fault == "before":
        assert [kind for kind, _, _ in pieces.frames()] == [8, 1]
    else:
        assert pieces.methods(50, 11) == [arguments + b"\x00"]


@story("wrong_channel")
async def an_answer_on_another_channel_is_none(client, fault):
    rule = client.faults.add(when={"method": "queue.declare-ok", "times": 1}, do={fault: 9})
    with pytest.raises((*LOST, asyncio.TimeoutError)):
        await asyncio.wait_for(client.channel.declare_queue("other"), 30)
    assert rule.fired == 1


@story("oversize_frame")
async def a_frame_is_larger_than_was_agreed(client, fault):
    client.faults.add(do=fault)
    await client.consume("c")
    with Pieces() as pieces:
        await client.publish()
        await asyncio.sleep(1)
    agreed = client.connection.transport.connection.connection_tune.frame_max
    assert max(len(payload) + 8 for _, _, payload in pieces.frames()) == agreed + 1


# ---- heartbeats


@story("no_heartbeats")
async def a_client_gives_up_without_heartbeats(client, fault):
    client.faults.add(do=fault)
    other = await aio_pika.connect(client.simulation.url + "?heartbeat=10")
    await asyncio.wait_for(end_of(other), 300)


@story("heartbeat_flood")
async def a_client_takes_any_number_of_heartbeats(client, fault):
    with Pieces() as pieces:
        client.faults.add(do={fault: {"every": "1ms", "times": 200}})
        await asyncio.sleep(1)
    assert pieces.frames() == [(8, 0, b"")] * 200
    await client.cycle()


@story("heartbeats_on_channel")
async def a_heartbeat_comes_on_a_channel(client, fault):
    client.faults.add(do=fault)
    other = await aio_pika.connect(client.simulation.url + "?heartbeat=10")
    with Pieces() as pieces:
        await asyncio.sleep(30)
    assert (8, 1, b"") in pieces.frames()
    other.transport and await asyncio.wait({asyncio.ensure_future(other.close())}, timeout=60)
