"""Broker time: by hand, at once; scaled; and as it is."""

from datetime import timedelta

import pika
import pytest
from raw_client import RawClient

import simbroker as package

HEARTBEAT = package.encode_frame(8, 0, b"")
HALF_AN_HOUR = timedelta(minutes=30)


def depth(channel, queue):
    return channel.queue_declare(queue, passive=True).method.message_count


def publish(channel, queue, body=b"message", **properties):
    channel.basic_publish("", queue, body, pika.BasicProperties(**properties))


def test_time_stands_still_until_it_is_moved(simbroker, channel):
    channel.queue_declare("q", exclusive=True)
    assert simbroker.now == timedelta()

    simbroker.advance(seconds=1.5)
    simbroker.advance(HALF_AN_HOUR, milliseconds=500)

    assert simbroker.now == timedelta(minutes=30, seconds=2)


def test_a_ttl_of_thirty_minutes_expires_now(simbroker, channel):
    channel.queue_declare("q", exclusive=True, arguments={"x-message-ttl": 1_800_000})
    channel.confirm_delivery()
    publish(channel, "q")

    simbroker.advance(seconds=1799.999)
    assert depth(channel, "q") == 1
    simbroker.advance(milliseconds=1)
    assert depth(channel, "q") == 0


def test_what_a_client_sent_is_handled_before_the_time_moves(simbroker, channel):
    """Without confirms nothing tells the client that its message arrived; it must count as sent before advance()."""
    channel.queue_declare("q", exclusive=True, arguments={"x-message-ttl": 60_000})
    publish(channel, "q")

    simbroker.advance(minutes=1)

    assert depth(channel, "q") == 0


def test_an_unused_queue_expires(simbroker, channel):
    channel.queue_declare("q", arguments={"x-expires": 3_600_000})

    simbroker.advance(hours=1)

    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as closed:
        channel.queue_declare("q", passive=True)
    assert closed.value.reply_code == 404
    assert [event.detail for event in simbroker.events("queue_deleted")] == ["expired"]


def test_the_next_deadline_is_known_and_can_be_reached(simbroker, channel):
    assert simbroker.next_deadline is None
    assert simbroker.advance_to_next() is None
    channel.queue_declare("q", arguments={"x-expires": 90_000})
    simbroker.advance(seconds=30)

    assert simbroker.next_deadline == timedelta(seconds=90)
    assert simbroker.advance_to_next() == timedelta(seconds=60)

    assert simbroker.now == timedelta(seconds=90)
    assert len(simbroker.events("queue_deleted")) == 1


def test_a_delayed_retry_by_ttl_and_dead_lettering(simbroker, channel):
    """The usual retry loop: work -> (rejected) -> wait 10 minutes -> work, with the number of deaths to count by."""
    channel.exchange_declare("retry")
    channel.queue_declare("work", exclusive=True, arguments={"x-dead-letter-exchange": "retry"})
    waiting = {"x-message-ttl": 600_000, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "work"}
    channel.queue_declare("wait", exclusive=True, arguments=waiting)
    channel.queue_bind("wait", "retry", "work")
    channel.confirm_delivery()
    publish(channel, "work", b"try me")

    deaths = []
    for _ in range(3):
        method, properties, body = channel.basic_get("work")
        assert body == b"try me"
        deaths.append({death["queue"]: death["count"] for death in (properties.headers or {}).get("x-death", [])})
        channel.basic_reject(method.delivery_tag, requeue=False)
        simbroker.advance(seconds=599)
        assert (depth(channel, "work"), depth(channel, "wait")) == (0, 1)
        simbroker.advance(seconds=1)

    assert deaths == [{}, {"work": 1, "wait": 1}, {"work": 2, "wait": 2}]
    assert depth(channel, "work") == 1


def test_a_client_without_a_sign_of_life_is_given_up(simbroker, connect):
    connection = connect(heartbeat=60)
    quiet_but_allowed = connect(heartbeat=0)

    simbroker.advance(minutes=5)

    with pytest.raises(pika.exceptions.AMQPConnectionError):
        connection.channel()
    assert quiet_but_allowed.channel().is_open
    assert len(simbroker.events("connection_closed")) == 1


def test_the_url_of_a_manual_clock_asks_for_no_heartbeats(simbroker):
    connection = pika.BlockingConnection(pika.URLParameters(simbroker.url))

    simbroker.advance(days=1)

    assert connection.channel().is_open
    connection.close()


def test_heartbeats_are_sent_as_time_passes(simbroker):
    with RawClient(simbroker, heartbeat=60) as client:
        for _ in range(5):
            client.send(HEARTBEAT)
            simbroker.advance(seconds=60)
            assert {frame.type_name for frame in client.received_by_now()} == {"heartbeat"}


@pytest.mark.simbroker(clock="x5")  # no faster: the handshake has ten broker seconds, also on a busy machine
def test_a_scaled_clock_runs_by_itself(simbroker, channel):
    """Ten seconds in two: the broker gives up the queue while the test only waits for it to happen."""
    channel.queue_declare("q", arguments={"x-expires": 10_000})

    gone = simbroker.wait_for_event("queue_deleted", subject="q")

    assert gone.at >= timedelta(seconds=10)
    assert simbroker.now >= gone.at


@pytest.mark.simbroker(clock="wall")
def test_a_wall_clock_cannot_be_moved(simbroker):
    with pytest.raises(package.ClockError, match="manual"):
        simbroker.advance(seconds=1)
    with pytest.raises(package.ClockError, match="manual"):
        simbroker.advance_to_next()


def test_time_does_not_go_back(simbroker):
    simbroker.advance(seconds=10)

    with pytest.raises(package.ClockError):
        simbroker.advance(seconds=-1)

    assert simbroker.now == timedelta(seconds=10)


def test_advance_wants_a_duration(simbroker):
    with pytest.raises(TypeError, match="timedelta"):
        simbroker.advance(30)
