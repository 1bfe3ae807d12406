"""Profile strict under a client that was written for RabbitMQ: what it must not count on, and what it may."""

import pika
import pytest

import simbroker


@pytest.fixture
def channel():
    with simbroker.Broker(clock="manual", profile="strict") as broker:
        connection = pika.BlockingConnection(pika.URLParameters(broker.url))
        yield connection.channel()
        if connection.is_open:
            connection.close()


def test_hello_world(channel):
    channel.queue_declare("hello")
    channel.basic_publish("", "hello", b"Hello World!")
    method, properties, body = channel.basic_get("hello", auto_ack=True)
    assert (method.message_count, body) == (0, b"Hello World!")


def test_a_worker_with_a_window_acknowledges_and_goes_on(channel):
    channel.queue_declare("tasks")
    for number in range(3):
        channel.basic_publish("", "tasks", str(number).encode())
    channel.basic_qos(prefetch_count=1)
    got = []
    for method, _, body in channel.consume("tasks", inactivity_timeout=5):
        assert method is not None, "nothing came for five seconds"
        got.append(body)
        channel.basic_ack(method.delivery_tag)
        if len(got) == 3:
            break
    channel.cancel()
    assert got == [b"0", b"1", b"2"]


def test_it_announces_no_capabilities_so_a_client_asks_for_no_confirms(channel):
    assert "capabilities" not in channel.connection._impl.server_properties
    assert not channel.connection.publisher_confirms
    assert not channel.connection.basic_nack
    with pytest.raises(pika.exceptions.MethodNotImplemented):
        channel.confirm_delivery()


def test_deleting_what_is_not_there_is_an_error(channel):
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as closed:
        channel.queue_delete("nobody-declared-this")
    assert closed.value.reply_code == 404


def test_a_client_may_pause_its_channel(channel):
    channel.queue_declare("q")
    got = []
    channel.basic_consume("q", lambda ch, method, properties, body: got.append(body), auto_ack=True)
    assert channel.flow(False) is False
    channel.basic_publish("", "q", b"later")
    channel.connection.process_data_events(0)
    assert got == []
    assert channel.flow(True) is True
    for _ in range(50):
        if got:
            break
        channel.connection.process_data_events(0.1)
    assert got == [b"later"]
