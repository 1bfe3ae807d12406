"""The programs people start from, with the real pika: nothing is changed but host and port.

    pytest python/tests/test_examples.py --broker-url amqp://guest:guest@localhost:5672/

runs them against another broker, such as a RabbitMQ.
"""

import json
import uuid

import pika
import pytest


def receive(channel, count=1):
    """Runs the consumers of `channel` until `count` messages have come, as start_consuming() in a main program."""
    received = []

    def on_message(channel, method, properties, body):
        received.append((method, properties, body))
        if len(received) == count:
            channel.stop_consuming()

    return received, on_message


def test_hello_world(connect, cleanup):
    cleanup.queues.append("hello")
    sender = connect()
    channel = sender.channel()
    channel.queue_declare(queue="hello")
    channel.basic_publish(exchange="", routing_key="hello", body="Hello World!")
    sender.close()

    receiver = connect()
    channel = receiver.channel()
    channel.queue_declare(queue="hello")
    received, on_message = receive(channel)
    channel.basic_consume(queue="hello", auto_ack=True, on_message_callback=on_message)
    channel.start_consuming()

    assert [body for _, _, body in received] == [b"Hello World!"]


def test_fanout_to_an_exclusive_queue_the_server_named(connect, cleanup):
    cleanup.exchanges.append("product_updates")
    consumer = connect().channel()
    consumer.exchange_declare(exchange="product_updates", exchange_type="fanout")
    queue = consumer.queue_declare(queue="", exclusive=True).method.queue
    consumer.queue_bind(exchange="product_updates", queue=queue)
    received, on_message = receive(consumer)
    consumer.basic_consume(queue=queue, on_message_callback=on_message, auto_ack=True)

    publisher = connect().channel()
    publisher.exchange_declare(exchange="product_updates", exchange_type="fanout")
    publisher.basic_publish(exchange="product_updates", routing_key="", body="price of 4711 is 9.95")
    consumer.start_consuming()

    assert queue.startswith("amq.gen-")
    assert [body for _, _, body in received] == [b"price of 4711 is 9.95"]


def test_durable_direct_exchange_with_a_persistent_json_message_and_manual_ack(connect, cleanup):
    cleanup.queues.append("order-processing")
    cleanup.exchanges.append("orders")
    channel = connect().channel()
    channel.exchange_declare(exchange="orders", exchange_type="direct", durable=True)
    channel.queue_declare(queue="order-processing", durable=True)
    channel.queue_bind(exchange="orders", queue="order-processing", routing_key="eu.new")
    order = {"id": 17, "item": "coffee", "amount": 2}
    channel.basic_publish(
        exchange="orders",
        routing_key="eu.new",
        body=json.dumps(order),
        properties=pika.BasicProperties(content_type="application/json", delivery_mode=2),
    )

    received, on_message = receive(channel)
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue="order-processing", on_message_callback=on_message)
    channel.start_consuming()
    method, properties, body = received[0]
    channel.basic_ack(delivery_tag=method.delivery_tag)

    assert json.loads(body) == order
    assert (method.exchange, method.routing_key, method.redelivered) == ("orders", "eu.new", False)
    assert (properties.content_type, properties.delivery_mode) == ("application/json", 2)
    assert channel.queue_declare(queue="order-processing", passive=True).method.message_count == 0


@pytest.mark.parametrize("pattern, matches", [("temperature.#", True), ("*.factory.*", True), ("humidity.#", False)])
def test_durable_topic_exchange(connect, cleanup, pattern, matches):
    cleanup.exchanges.append("sensors")
    channel = connect().channel()
    channel.exchange_declare(exchange="sensors", exchange_type="topic", durable=True)
    queue = channel.queue_declare(queue="", exclusive=True).method.queue
    channel.queue_bind(exchange="sensors", queue=queue, routing_key=pattern)
    channel.confirm_delivery()
    channel.basic_publish(exchange="sensors", routing_key="temperature.factory.line-a", body="21.5")

    method, _, body = channel.basic_get(queue, auto_ack=True)

    if matches:
        assert (method.routing_key, body) == ("temperature.factory.line-a", b"21.5")
    else:
        assert method is None


def test_durable_fanout_with_utf8_text(connect, cleanup):
    cleanup.exchanges.append("notifications")
    text = "Grüße aus Köln: 3 × 20 € ✓ 你好"
    channel = connect().channel()
    channel.exchange_declare(exchange="notifications", exchange_type="fanout", durable=True)
    queues = [channel.queue_declare(queue="", exclusive=True).method.queue for _ in range(2)]
    for queue in queues:
        channel.queue_bind(exchange="notifications", queue=queue)
    channel.confirm_delivery()
    channel.basic_publish(exchange="notifications", routing_key="", body=text.encode("utf-8"))

    assert [channel.basic_get(queue, auto_ack=True)[2].decode("utf-8") for queue in queues] == [text, text]


def test_all_properties_arrive_as_sent(channel):
    sent = pika.BasicProperties(
        content_type="text/plain",
        content_encoding="utf-8",
        headers={
            "text": "value",
            "number": 42,
            "big": 2**40,
            "yes": True,
            "nothing": None,
            "list": [1, "two"],
            "map": {"a": 1},
        },
        delivery_mode=2,
        priority=5,
        correlation_id="correlation-1",
        reply_to="replies",
        expiration="60000",
        message_id="message-1",
        timestamp=1767225600,
        type="greeting",
        user_id="guest",
        app_id="examples",
    )
    queue = channel.queue_declare(queue="", exclusive=True).method.queue
    channel.confirm_delivery()
    channel.basic_publish(exchange="", routing_key=queue, body=b"", properties=sent)

    _, properties, body = channel.basic_get(queue, auto_ack=True)

    assert vars(properties) == vars(sent)
    assert body == b""


def test_publisher_confirms(channel):
    queue = channel.queue_declare(queue="", exclusive=True).method.queue
    channel.confirm_delivery()

    for number in range(10):
        channel.basic_publish(exchange="", routing_key=queue, body=str(number), mandatory=True)
    with pytest.raises(pika.exceptions.UnroutableError) as returned:
        channel.basic_publish(exchange="", routing_key=queue + "-missing", body="lost", mandatory=True)

    assert channel.queue_declare(queue=queue, passive=True).method.message_count == 10
    assert [(message.method.reply_code, message.body) for message in returned.value.messages] == [(312, b"lost")]


def test_time_to_live(endpoint, connection, channel):
    queue = channel.queue_declare(queue="", exclusive=True, arguments={"x-message-ttl": 2000}).method.queue
    channel.confirm_delivery()
    channel.basic_publish(exchange="", routing_key=queue, body="old after two seconds")
    channel.basic_publish(exchange="", routing_key=queue, body="old", properties=pika.BasicProperties(expiration="500"))

    endpoint.let_pass(1, connection)
    assert (
        channel.queue_declare(queue=queue, passive=True).method.message_count == 2
    )  # the second expires at the head only
    assert channel.basic_get(queue, auto_ack=True)[2] == b"old after two seconds"
    endpoint.let_pass(2, connection)
    assert channel.basic_get(queue, auto_ack=True) == (None, None, None)


def test_dead_letter_queue(connect, cleanup):
    cleanup.exchanges.append("failed-orders")
    channel = connect().channel()
    channel.exchange_declare(exchange="failed-orders", exchange_type="fanout")
    dead = channel.queue_declare(queue="", exclusive=True).method.queue
    channel.queue_bind(exchange="failed-orders", queue=dead)
    arguments = {"x-dead-letter-exchange": "failed-orders"}
    queue = channel.queue_declare(queue="", exclusive=True, arguments=arguments).method.queue
    channel.confirm_delivery()
    channel.basic_publish(exchange="", routing_key=queue, body="not an order")

    method, _, _ = channel.basic_get(queue)
    channel.basic_reject(method.delivery_tag, requeue=False)
    received, on_message = receive(channel)
    channel.basic_consume(dead, on_message_callback=on_message, auto_ack=True)
    channel.start_consuming()

    _, properties, body = received[0]
    death = properties.headers["x-death"][0]
    assert body == b"not an order"
    assert (death["queue"], death["reason"], death["count"]) == (queue, "rejected", 1)
    assert (death["exchange"], death["routing-keys"]) == ("", [queue])


def test_request_and_response_by_correlation_id(connect, cleanup):
    cleanup.queues.append("rpc_queue")
    server = connect().channel()
    server.queue_declare(queue="rpc_queue")

    def on_request(channel, method, properties, body):
        channel.basic_publish(
            exchange="",
            routing_key=properties.reply_to,
            properties=pika.BasicProperties(correlation_id=properties.correlation_id),
            body=str(int(body) * 2),
        )
        channel.basic_ack(delivery_tag=method.delivery_tag)
        channel.stop_consuming()

    server.basic_qos(prefetch_count=1)
    server.basic_consume(queue="rpc_queue", on_message_callback=on_request)

    client = connect().channel()
    callback_queue = client.queue_declare(queue="", exclusive=True).method.queue
    received, on_response = receive(client)
    client.basic_consume(queue=callback_queue, on_message_callback=on_response, auto_ack=True)
    correlation_id = str(uuid.UUID(int=21))
    client.basic_publish(
        exchange="",
        routing_key="rpc_queue",
        properties=pika.BasicProperties(reply_to=callback_queue, correlation_id=correlation_id),
        body="21",
    )
    server.start_consuming()
    client.start_consuming()

    _, properties, body = received[0]
    assert (properties.correlation_id, body) == (correlation_id, b"42")


def test_what_most_programs_negotiate(connect):
    connection = connect(
        virtual_host="/", heartbeat=60, frame_max=131072, credentials=pika.PlainCredentials("guest", "guest")
    )

    negotiated = connection._impl.params
    assert (negotiated.heartbeat, negotiated.frame_max) == (60, 131072)
    queue = connection.channel().queue_declare(queue="", exclusive=True).method.queue
    assert queue.startswith("amq.gen-")


def test_work_is_shared_between_two_workers(connect, cleanup):
    cleanup.queues.append("task_queue")
    workers = [connect().channel() for _ in range(2)]
    done = []
    for number, worker in enumerate(workers):
        worker.queue_declare(queue="task_queue", durable=True)
        worker.basic_qos(prefetch_count=1)

        def on_task(channel, method, properties, body, number=number):
            done.append((number, body))
            channel.basic_ack(delivery_tag=method.delivery_tag)
            channel.stop_consuming()

        worker.basic_consume(queue="task_queue", on_message_callback=on_task)
    for task in (b"first", b"second"):
        connect().channel().basic_publish(
            exchange="", routing_key="task_queue", body=task, properties=pika.BasicProperties(delivery_mode=2)
        )
    for worker in workers:
        worker.start_consuming()

    assert sorted(done) == [(0, b"first"), (1, b"second")]
