"""What an operator does to a running broker, as the real pika hears of it."""

import pika
import pytest

import simbroker


@pytest.fixture
def broker():
    with simbroker.Broker(clock="manual") as running:
        yield running


def connect(broker, user="guest", password="guest", vhost="/"):
    credentials = pika.PlainCredentials(user, password)
    return pika.BlockingConnection(
        pika.ConnectionParameters(broker.host, broker.port, vhost, credentials, heartbeat=0)
    )


def test_a_user_may_do_what_permissions_say(broker):
    broker.add_user("anna", "secret", tags=["monitoring"])
    broker.set_permissions("anna", configure="^anna\\.", write="", read="^anna\\.")
    channel = connect(broker, "anna", "secret").channel()
    channel.queue_declare("anna.q")
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as closed:
        channel.queue_declare("other")
    assert closed.value.reply_code == 403
    assert closed.value.reply_text == (
        "ACCESS_REFUSED - configure access to queue 'other' in vhost '/' refused for user 'anna'"
    )
    assert {"user": "anna", "tags": ["monitoring"]} in broker.list("users")


def test_topic_permissions_look_at_routing_keys(broker):
    broker.set_topic_permissions("guest", "amq.topic", write="^{username}\\.")
    channel = connect(broker).channel()
    channel.confirm_delivery()
    channel.basic_publish("amq.topic", "guest.news", b"")
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="write access to topic 'bad' in exchange"):
        channel.basic_publish("amq.topic", "bad", b"")


def test_a_deleted_user_is_told(broker):
    broker.add_user("anna", "secret")
    broker.set_permissions("anna")
    connection = connect(broker, "anna", "secret")
    broker.delete_user("anna")
    with pytest.raises(pika.exceptions.ConnectionClosedByBroker, match="user 'anna' is deleted"):
        connection.process_data_events(time_limit=5)
    with pytest.raises(pika.exceptions.ProbableAuthenticationError):
        connect(broker, "anna", "secret")


def test_a_virtual_host_comes_and_goes(broker):
    broker.add_vhost("orders")
    broker.set_permissions("guest", vhost="orders")
    connection = connect(broker, vhost="orders")
    connection.channel().queue_declare("q")
    broker.delete_vhost("orders")
    with pytest.raises(pika.exceptions.ConnectionClosedByBroker, match="vhost 'orders' is deleted"):
        connection.process_data_events(time_limit=5)


def test_limits(broker):
    broker.set_vhost_limits(max_queues=1)
    channel = connect(broker).channel()
    channel.queue_declare("first")
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="queue limit in vhost '/' \\(1\\) is reached"):
        channel.queue_declare("second")
    broker.clear_vhost_limits()
    broker.set_user_limits("guest", max_connections=1)
    with pytest.raises(pika.exceptions.ProbableAccessDeniedError, match="user connection limit \\(1\\) is reached"):
        connect(broker)


def test_a_policy_takes_hold_of_what_is_there(broker):
    channel = connect(broker).channel()
    channel.queue_declare("q")
    for body in (b"a", b"b", b"c"):
        channel.basic_publish("", "q", body)
    broker.advance(seconds=0)
    broker.set_policy("short", "^q$", {"max-length": 1}, apply_to="queues")
    assert channel.basic_get("q", auto_ack=True)[2] == b"c"
    broker.clear_policy("short")
    broker.set_operator_policy("brief", "^q$", {"message-ttl": 1000})
    channel.basic_publish("", "q", b"d")
    broker.advance(seconds=2)
    assert channel.basic_get("q") == (None, None, None)
    assert [policy["name"] for policy in broker.list("operator_policies")] == ["brief"]
    assert broker.list("policies") == []


def test_a_refusal_is_an_error_in_rabbitmqs_words(broker):
    with pytest.raises(simbroker.OperationError, match="-1 is not a valid maximum length"):
        broker.set_policy("p", "q", {"max-length": -1})
    with pytest.raises(simbroker.OperationError, match='User "nobody" does not exist'):
        broker.set_permissions("nobody")
    with pytest.raises(simbroker.OperationError, match="cannot list"):
        broker.list("nonsense")


def test_connections_and_queues_are_listed_closed_and_purged(broker):
    connection = connect(broker)
    channel = connection.channel()
    channel.queue_declare("q")
    channel.basic_publish("", "q", b"m")
    broker.advance(seconds=0)
    assert broker.list("queues")[0]["messages_ready"] == 1
    broker.purge_queue("q")
    assert broker.list("queues")[0]["messages_ready"] == 0
    broker.delete_queue("q")
    assert broker.list("queues") == []
    assert broker.list("connections")[0]["user"] == "guest"
    broker.close_all_connections("maintenance", user="guest")
    with pytest.raises(pika.exceptions.ConnectionClosedByBroker, match="CONNECTION_FORCED - maintenance"):
        connection.process_data_events(time_limit=5)


def test_a_configuration_says_it_from_the_start():
    config = {
        "message_size_max": 10,
        "heartbeat": 7,
        "channel_max": 3,
        "operations": [{"set_vhost_limits": {"definition": {"max-queues": 0}}}],
    }
    with simbroker.Broker(clock="manual", config=config) as broker:
        connection = connect(broker)
        assert connection._impl.params.channel_max == 3
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="queue limit"):
            connection.channel().queue_declare("q")
        channel = connection.channel()
        channel.basic_publish("", "nowhere", b"eleven octets")
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="is larger than configured max size 10"):
            channel.queue_declare("q")


def test_a_configuration_that_makes_no_sense_is_refused():
    with pytest.raises(simbroker.ConfigurationError, match="unknown key"):
        simbroker.Broker(config={"chanel_max": 3})
    operations = [{"set_permissions": {"user": "nobody"}}]
    with pytest.raises(simbroker.ConfigurationError, match=r'operations\[0\].*User "nobody" does not exist'):
        simbroker.Broker(config={"operations": operations})


def test_a_run_with_operations_can_be_replayed(tmp_path):
    trace = tmp_path / "trace"
    with simbroker.Broker(clock="manual", trace=trace) as broker:
        channel = connect(broker).channel()
        channel.queue_declare("q")
        broker.set_policy("short", "^q$", {"max-length": 1})
        broker.add_vhost("orders")
    assert simbroker.replay(trace).identical
