"""A broker's life as seen from Python: where it is, who may come, what it tells, how it ends."""

import re
import socket
import threading
from datetime import timedelta

import pika
import pytest
from codebase import text

import simbroker


def connect(broker, **parameters):
    return pika.BlockingConnection(pika.ConnectionParameters(broker.host, broker.port, **parameters))


def test_it_listens_on_a_free_port_of_this_machine():
    with simbroker.Broker(clock="manual") as broker:
        assert broker.host == "127.0.0.1"
        assert 0 < broker.port < 65536
        assert broker.url == f"amqp://guest:guest@127.0.0.1:{broker.port}/?heartbeat=0"
        with socket.create_connection((broker.host, broker.port), timeout=5) as plain:
            plain.sendall(b"HTTP/1.1")
            assert plain.recv(8).startswith(b"AMQP")  # what it speaks instead


def test_the_url_of_a_wall_clock_leaves_heartbeats_as_they_are():
    with simbroker.Broker() as broker:
        assert broker.url == f"amqp://guest:guest@127.0.0.1:{broker.port}/"


def test_it_takes_the_port_it_is_told():
    with simbroker.Broker() as broker:
        port = broker.port
    with simbroker.Broker(port=port) as broker:
        assert broker.port == port


def test_a_port_in_use_is_named():
    with simbroker.Broker() as first:
        with pytest.raises(simbroker.AddressError, match=str(first.port)):
            simbroker.Broker(host="127.0.0.1", port=first.port)


def test_close_ends_it_and_may_be_repeated():
    broker = simbroker.Broker()
    connection = connect(broker)

    broker.close()
    broker.close()

    assert broker.closed
    with pytest.raises(pika.exceptions.ConnectionClosedByBroker) as closed:
        connection.process_data_events(time_limit=10)
    assert closed.value.reply_code == 320
    with pytest.raises(OSError):
        socket.create_connection((broker.host, broker.port), timeout=5)


def test_a_closed_broker_says_so():
    broker = simbroker.Broker(clock="manual")
    broker.close()

    with pytest.raises(simbroker.ClosedError):
        broker.advance(seconds=1)
    assert "closed" in repr(broker)


def test_two_brokers_share_nothing():
    with simbroker.Broker(clock="manual") as here, simbroker.Broker(clock="manual") as there:
        connect(here, heartbeat=0).channel().queue_declare("only-here")
        here.advance(minutes=1)

        with pytest.raises(pika.exceptions.ChannelClosedByBroker) as missing:
            connect(there).channel().queue_declare("only-here", passive=True)

        assert missing.value.reply_code == 404
        assert (here.now, there.now) == (timedelta(minutes=1), timedelta())


def test_its_repr_tells_what_is_needed_to_have_it_again():
    with simbroker.Broker(clock="manual", seed=7, profile="rabbitmq-3.10") as broker:
        assert repr(broker) == (
            f"<simbroker.Broker {broker.url} clock=manual profile=rabbitmq-3.10 seed=7 now=0:00:00>"
        )


@pytest.mark.parametrize(
    "arguments, text",
    [
        ({"clock": "sometimes"}, "expected.*manual.*sometimes"),
        ({"clock": "x0"}, "expected.*x0"),
        ({"profile": "rabbitmq-1"}, "rabbitmq-1.*rabbitmq-4.3"),
        ({"seed": -1}, "seed is -1.*from 0"),
        ({"port": 65536}, "port is 65536.*65535"),
        ({"users": {}}, "users"),
        ({"vhosts": []}, "vhosts is"),
        ({"vhosts": "/"}, "expected a list"),
    ],
)
def test_bad_arguments_say_what_is_wrong_and_what_was_expected(arguments, text):
    with pytest.raises(simbroker.ConfigurationError, match=text) as refused:
        simbroker.Broker(**arguments)
    assert isinstance(refused.value, simbroker.Error) and isinstance(refused.value, ValueError)


def test_every_profile_is_a_broker_that_names_itself():
    assert "rabbitmq-4.3" in simbroker.profiles()
    versions = set()
    for profile in simbroker.profiles():
        with simbroker.Broker(profile=profile) as broker:
            connection = connect(broker)
            versions.add(connection._impl.server_properties["version"])
            connection.close()
    assert len(versions) == len(simbroker.profiles())


def test_users_and_vhosts():
    with simbroker.Broker(users={"anna": "s3/cr:t"}, vhosts=["shop", "/"]) as broker:
        assert broker.url == f"amqp://anna:s3%2Fcr%3At@127.0.0.1:{broker.port}/shop"
        for vhost in ("shop", "/"):
            connection = pika.BlockingConnection(pika.URLParameters(broker.url_for(vhost=vhost)))
            assert connection.channel().is_open
            connection.close()
        with pytest.raises(pika.exceptions.ProbableAuthenticationError):
            connect(broker, credentials=pika.PlainCredentials("anna", "wrong"))
        with pytest.raises(pika.exceptions.ProbableAccessDeniedError, match="530"):
            connect(broker, virtual_host="none", credentials=pika.PlainCredentials("anna", "s3/cr:t"))
        with pytest.raises(simbroker.ConfigurationError, match="no vhost 'none'; there are shop, /"):
            broker.url_for(vhost="none")
        with pytest.raises(simbroker.ConfigurationError, match="no user 'guest'; there are anna"):
            broker.url_for(user="guest")


def test_what_happens_can_be_told_from_the_events():
    with simbroker.Broker(clock="manual") as broker:
        channel = connect(broker, heartbeat=0).channel()
        broker.advance(seconds=5)
        channel.queue_declare("q")
        with pytest.raises(pika.exceptions.ChannelClosedByBroker):
            channel.queue_declare("q", durable=True)

        (opened,) = broker.events("channel_opened")
        (declared,) = broker.events("queue_declared")
        (violation,) = broker.events("violation")

    assert (declared.subject, declared.at) == ("q", timedelta(seconds=5))
    assert (violation.connection, violation.channel, violation.number) == (1, 1, 406)
    assert opened.sequence < declared.sequence < violation.sequence
    assert repr(opened) == "<Event 0:00:00 channel_opened connection=1 channel=1>"


def test_messages_are_only_told_when_asked_for():
    for observe in (False, True):
        with simbroker.Broker(observe_messages=observe) as broker:
            channel = connect(broker).channel()
            channel.queue_declare("q")
            channel.confirm_delivery()
            channel.basic_publish("", "q", b"12345")
            published = broker.events("message_published")
            assert [(event.detail, event.number) for event in published] == ([("q", 5)] if observe else [])


def test_waiting_for_an_event_that_comes_from_another_thread():
    with simbroker.Broker() as broker:
        worker = threading.Thread(daemon=True, target=lambda: connect(broker).channel().queue_declare("late"))
        worker.start()
        event = broker.wait_for_event("queue_declared", subject="late")
        worker.join()
        assert event.subject == "late"


def test_waiting_in_vain_says_what_came_instead():
    with simbroker.Broker() as broker:
        connect(broker).channel().queue_declare("this")
        with pytest.raises(simbroker.WaitTimeout, match="subject='that' in 0.05 s.*subject='this'") as late:
            broker.wait_for_event("queue_declared", subject="that", timeout=0.05)
        assert isinstance(late.value, TimeoutError)
        with pytest.raises(simbroker.Error, match="no event is of kind 'queue_eaten'; expected one of.*queue_declared"):
            broker.events("queue_eaten")


def test_an_operator_closes_a_connection():
    with simbroker.Broker() as broker:
        stays, goes = connect(broker), connect(broker)

        broker.close_connection(broker.connections[1], "go home")

        with pytest.raises(pika.exceptions.ConnectionClosedByBroker, match="go home") as closed:
            goes.process_data_events(time_limit=10)
        assert closed.value.reply_code == 320
        assert stays.channel().is_open
        assert len(broker.connections) == 1


def test_the_network_loses_a_connection():
    with simbroker.Broker() as broker:
        connection = connect(broker)
        (number,) = broker.connections
        broker.drop_connection(number)
        with pytest.raises(pika.exceptions.AMQPConnectionError):
            connection.process_data_events(time_limit=10)
        broker.wait_for_event("connection_closed")


def test_a_connection_that_is_not_open_is_named_with_those_that_are():
    with simbroker.Broker() as broker:
        with pytest.raises(simbroker.OperationError, match="no connection 7 is open; there are none"):
            broker.close_connection(7)
        client = connect(broker)
        with pytest.raises(simbroker.OperationError, match="no connection 7 is open; there are 1"):
            broker.drop_connection(7)
        client.close()


def test_an_alarm_blocks_who_publishes():
    with simbroker.Broker() as broker:
        connection = connect(broker)
        heard = []
        connection.add_on_connection_blocked_callback(lambda _, frame: heard.append(frame.method.reason))
        connection.add_on_connection_unblocked_callback(lambda _, frame: heard.append("unblocked"))
        channel = connection.channel()
        channel.queue_declare("q")

        broker.set_alarm("memory")
        channel.basic_publish("", "q", b"")
        while not heard:
            connection.process_data_events(time_limit=10)
        assert heard == ["low on memory"]
        broker.set_alarm("memory", False)
        while len(heard) < 2:
            connection.process_data_events(time_limit=10)

        assert heard[1] == "unblocked"
        with pytest.raises(simbroker.ConfigurationError, match="unknown alarm 'fire'; expected memory or disk"):
            broker.set_alarm("fire")


def test_writes_in_pieces_of_an_octet_are_the_same_to_a_client():
    with simbroker.Broker() as broker:
        broker.split_writes(1)
        channel = connect(broker).channel()
        channel.queue_declare("q")
        channel.confirm_delivery()
        channel.basic_publish("", "q", b"in many pieces")
        assert channel.basic_get("q", auto_ack=True)[2] == b"in many pieces"
        with pytest.raises(simbroker.ConfigurationError, match="pieces of 0 octets"):
            broker.split_writes(0)


def test_many_threads_publish_and_consume_at_once():
    threads, messages = 6, 200
    with simbroker.Broker() as broker:
        connect(broker).channel().queue_declare("q", durable=True)
        failures = []

        def publish(number):
            try:
                channel = connect(broker).channel()
                channel.confirm_delivery()
                for count in range(messages):
                    channel.basic_publish("", "q", f"{number}:{count}".encode())
            except Exception as error:
                failures.append(error)

        workers = [threading.Thread(daemon=True, target=publish, args=(number,)) for number in range(threads)]
        for worker in workers:
            worker.start()
        received = []
        consumer = connect(broker).channel()
        for method, _, body in consumer.consume("q", auto_ack=True, inactivity_timeout=20):
            assert method is not None, f"only {len(received)} messages came; {failures}"
            received.append(body.decode())
            if len(received) == threads * messages:
                break
        for worker in workers:
            worker.join()

    assert not failures
    assert len(set(received)) == threads * messages
    for number in range(threads):
        own = [int(text.split(":")[1]) for text in received if text.startswith(f"{number}:")]
        assert own == list(range(messages)), "the messages of one publisher keep their order"


def test_other_threads_run_while_one_waits():
    """The GIL is free while the broker is waited for: else this thread could not make the event happen."""
    with simbroker.Broker() as broker:
        seen = []
        waiter = threading.Thread(
            daemon=True, target=lambda: seen.append(broker.wait_for_event("queue_declared", timeout=30))
        )
        waiter.start()
        connect(broker).channel().queue_declare("q")
        waiter.join(timeout=30)
        assert [event.subject for event in seen] == ["q"]


def test_it_is_closed_when_forgotten():
    broker = simbroker.Broker()
    host, port = broker.host, broker.port
    del broker
    with pytest.raises(OSError):
        socket.create_connection((host, port), timeout=5)


@pytest.mark.parametrize("readme", ["README.md", "python/README.md"])
def test_the_examples_of_the_readme_run(readme):
    blocks = re.findall(r"```python\n(.*?)```", text(readme), re.DOTALL)
    examples = [block for block in blocks if "simbroker.Broker(" in block]
    assert examples
    for example in examples:
        exec(compile(example, readme, "exec"), {})
