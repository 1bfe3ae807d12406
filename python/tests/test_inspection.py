"""What is inside a broker, what it does next, and a fresh start."""

import warnings
from datetime import timedelta

import pika
import pytest

import simbroker as package


def test_a_queue_shows_its_contents_in_order(simbroker, channel):
    channel.queue_declare("q", arguments={"x-max-priority": 5})
    channel.confirm_delivery()
    channel.basic_publish("", "q", b"low", pika.BasicProperties(headers={"n": 1}))
    channel.basic_publish("", "q", b"\xff", pika.BasicProperties(priority=5))

    (queue,) = simbroker.queues()
    first, second = simbroker.messages("q")

    assert (queue["name"], queue["type"], queue["messages"]) == ("q", "classic", 2)
    assert queue["arguments"] == {"x-max-priority": 5}
    assert (first["body"], first["priority"]) == ({"hex": "ff"}, 5)
    assert (second["body"], second["properties"]) == ("low", {"headers": {"n": 1}})
    assert simbroker.messages() == [first, second]
    with pytest.raises(package.OperationError, match="Queue 'none' in virtual host '/' not found"):
        simbroker.messages("none")


def test_who_consumes_and_who_holds_what(simbroker, connection, channel):
    channel.queue_declare("q")
    channel.queue_bind("q", "amq.topic", "a.*")
    channel.basic_publish("", "q", b"held")
    channel.basic_get("q")
    channel.basic_consume("q", lambda *_: None, consumer_tag="worker")

    (held,) = simbroker.unacknowledged("q")
    (consumer,) = simbroker.consumers()

    assert (held["delivery_tag"], held["body"], held["connection"]) == (1, "held", 1)
    assert (consumer["queue_name"], consumer["consumer_tag"]) == ("q", "worker")
    assert [row["source_name"] for row in simbroker.bindings(queue="q")] == ["", "amq.topic"]
    assert simbroker.channels()[0]["consumer_count"] == 1
    assert "amq.topic" in [row["name"] for row in simbroker.exchanges()]
    assert not simbroker.events("listed"), "to look is nothing that happens"


def test_the_next_deadline_has_a_name(simbroker, channel):
    assert simbroker.next_deadline is None
    channel.queue_declare("q", arguments={"x-expires": 60_000})

    deadline = simbroker.next_deadline

    assert deadline == timedelta(minutes=1)
    assert (deadline.kind, deadline.subject, deadline.vhost) == ("queue_expiry", "q", "/")
    reached = simbroker.advance_to_next()
    assert reached == timedelta(minutes=1)
    assert reached.text == 'queue_expiry of queue "q" in vhost "/"'
    assert repr(reached) == '<Deadline 0:01:00 queue_expiry of queue "q" in vhost "/">'


def test_a_reset_is_a_new_beginning(simbroker, connection, channel):
    channel.queue_declare("q", durable=True)
    simbroker.advance(hours=1)
    simbroker.set_alarm("memory")
    before = simbroker.trace

    kept = simbroker.reset()

    with pytest.raises(pika.exceptions.ConnectionClosedByBroker, match="the broker is reset"):
        connection.process_data_events(time_limit=5)
    assert (simbroker.now, simbroker.queues(), simbroker.connections) == (timedelta(), [], [])
    assert simbroker.list("alarms") == []
    assert package.replay(kept).identical
    assert (kept, simbroker.trace) == (f"{before}.1", before)
    again = pika.BlockingConnection(pika.URLParameters(simbroker.url))
    assert simbroker.connections == [1]
    again.close()


def test_whoever_waits_for_a_manual_clock_is_told(simbroker, channel):
    channel.queue_declare("q", arguments={"x-expires": 30_000})

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        channel.connection.process_data_events(time_limit=5.5)

    (told,) = [warning for warning in caught if issubclass(warning.category, package.BrokerWaits)]
    assert "the next deadline is in 30 s of broker time (queue_expiry of queue" in str(told.message)
    assert str(told.message).endswith("advance()")
