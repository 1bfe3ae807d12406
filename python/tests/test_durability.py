"""What is left after the broker was restarted or crashed, as pika finds it."""

import pika
import pytest

import simbroker

PERSISTENT = pika.BasicProperties(delivery_mode=2)


def channel_of(broker):
    parameters = pika.ConnectionParameters(broker.host, broker.port, heartbeat=0)
    return pika.BlockingConnection(parameters).channel()


def fill(broker):
    channel = channel_of(broker)
    channel.queue_declare("durable", durable=True)
    channel.queue_declare("transient")
    channel.confirm_delivery()
    for queue in ("durable", "transient"):
        channel.basic_publish("", queue, b"persistent", PERSISTENT)
        channel.basic_publish("", queue, b"not")
    return channel


@pytest.mark.parametrize("stop", ["restart", "crash"])
def test_durable_queues_keep_persistent_messages(stop):
    with simbroker.Broker(clock="manual") as broker:
        fill(broker)
        getattr(broker, stop)()
        broker.start()
        channel = channel_of(broker)
        method, _, body = channel.basic_get("durable")
        assert body == b"persistent"
        assert method.redelivered == (stop == "crash")
        assert method.message_count == 0
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="no queue 'transient'"):
            channel.queue_declare("transient", passive=True)


def test_a_restart_tells_the_client_why():
    with simbroker.Broker(clock="manual") as broker:
        channel = fill(broker)
        broker.shut_down()
        with pytest.raises(pika.exceptions.ConnectionClosedByBroker, match="shutdown") as caught:
            channel.basic_get("durable")
        assert caught.value.reply_code == 320
        with pytest.raises(pika.exceptions.AMQPConnectionError):
            channel_of(broker)
        broker.start()
        assert channel_of(broker).basic_get("durable")[2] == b"persistent"


def test_a_crash_says_nothing():
    with simbroker.Broker(clock="manual") as broker:
        channel = fill(broker)
        broker.crash()
        with pytest.raises(pika.exceptions.StreamLostError):
            channel.basic_get("durable")
        assert broker.events("broker_stopped")[0].detail == "crash"
