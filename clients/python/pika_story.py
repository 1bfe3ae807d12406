"""The story with pika: a BlockingConnection, opened again when it is lost."""

import logging
import sys
import time

import pika

URL, PREFIX = sys.argv[1:3]
EVENTS, WORK, DEAD, RPC = (f"{PREFIX}.{name}" for name in ("events", "work", "dead", "rpc"))
MESSAGES, PREFETCH = 100, 10
PERSISTENT = pika.BasicProperties(delivery_mode=2)

logging.basicConfig(level=logging.WARNING, stream=sys.stdout)


def step(text):
    print("step:", text, flush=True)


def declare(channel):
    channel.exchange_declare(EVENTS, "topic", durable=True)
    channel.exchange_declare(DEAD, "fanout", durable=True)
    channel.queue_declare(DEAD, durable=True)
    channel.queue_bind(DEAD, DEAD)
    channel.queue_declare(WORK, durable=True, arguments={"x-dead-letter-exchange": DEAD})
    channel.queue_bind(WORK, EVENTS, "order.#")
    return channel.queue_declare(WORK, passive=True).method


def publish_with_confirms(channel):
    channel.confirm_delivery()
    for number in range(MESSAGES):
        channel.basic_publish(EVENTS, "order.created", str(number), PERSISTENT, mandatory=True)
    assert channel.queue_declare(WORK, passive=True).method.message_count == MESSAGES
    step(f"confirmed {MESSAGES}")


def consume_with_prefetch(connection):
    channel = connection.channel()
    channel.basic_qos(prefetch_count=PREFETCH)
    bodies, unacknowledged = [], []

    def on_message(_channel, method, _properties, body):
        bodies.append(int(body))
        unacknowledged.append(method.delivery_tag)

    tag = channel.basic_consume(WORK, on_message)
    while len(bodies) < MESSAGES:
        while len(unacknowledged) < PREFETCH:
            connection.process_data_events(time_limit=5)
        connection.process_data_events(time_limit=0.01)
        assert len(unacknowledged) == PREFETCH, unacknowledged
        channel.basic_ack(unacknowledged[-1], multiple=True)
        unacknowledged.clear()
    assert channel.basic_cancel(tag) == []
    channel.close()
    assert bodies == list(range(MESSAGES)), bodies
    step(f"consumed {MESSAGES} in order, at most {PREFETCH} unacknowledged")


def publish_unroutable(channel):
    try:
        channel.basic_publish(EVENTS, "nobody.cares", b"lost", mandatory=True)
    except pika.exceptions.UnroutableError as error:
        returned = error.messages[0]
        assert returned.body == b"lost"
        step(f"returned {returned.method.reply_code} {returned.method.reply_text}")


def get(channel, queue):
    """The next message of a queue that gets it soon."""
    for _ in range(200):
        method, properties, body = channel.basic_get(queue)
        if method is not None:
            return method, properties, body
        time.sleep(0.01)
    raise AssertionError(f"no message came to {queue}")


def dead_letter(channel):
    reasons = []
    for expiration in (None, "10"):
        channel.basic_publish(EVENTS, "order.late", b"dead", pika.BasicProperties(expiration=expiration))
        if expiration is None:
            method, _, _ = get(channel, WORK)
            channel.basic_reject(method.delivery_tag, requeue=False)
        method, properties, _ = get(channel, DEAD)
        death = properties.headers["x-death"][0]
        assert (death["queue"], death["exchange"], death["count"]) == (WORK, EVENTS, 1), death
        reasons.append(death["reason"])
        channel.basic_ack(method.delivery_tag)
    step("dead-lettered " + ", ".join(reasons))


def call(connection):
    channel = connection.channel()
    channel.queue_declare(RPC, exclusive=True)

    def answer(served, method, properties, body):
        reply = pika.BasicProperties(correlation_id=properties.correlation_id)
        served.basic_publish("", properties.reply_to, str(int(body) * 7), reply)
        served.basic_ack(method.delivery_tag)

    answers = []
    channel.basic_consume(RPC, answer)
    channel.basic_consume("amq.rabbitmq.reply-to", lambda *reply: answers.append(reply[2:]), auto_ack=True)
    request = pika.BasicProperties(reply_to="amq.rabbitmq.reply-to", correlation_id="c1")
    channel.basic_publish("", RPC, b"6", request)
    while not answers:
        connection.process_data_events(time_limit=5)
    properties, body = answers[0]
    assert properties.correlation_id == "c1"
    channel.close()
    step(f"answered {int(body)}")


def wait_until_lost(connection):
    try:
        while True:
            connection.process_data_events(time_limit=5)
    except pika.exceptions.AMQPConnectionError:
        pass


def connect(attempts=100):
    parameters = pika.URLParameters(URL)
    parameters.connection_attempts, parameters.retry_delay = attempts, 0.05
    return pika.BlockingConnection(parameters)


def recover(connection):
    print("restart", flush=True)
    wait_until_lost(connection)
    connection = connect()
    channel = connection.channel()
    declare(channel)
    channel.confirm_delivery()
    channel.basic_publish(EVENTS, "order.again", b"after", PERSISTENT, mandatory=True)
    method, _, body = get(channel, WORK)
    channel.basic_ack(method.delivery_tag)
    assert body == b"after"
    step("recovered")
    return connection, channel


def close(connection, channel):
    for queue in (WORK, DEAD):
        channel.queue_delete(queue)
    for exchange in (EVENTS, DEAD):
        channel.exchange_delete(exchange)
    channel.close()
    connection.close()
    step("closed")


def main():
    connection = connect()
    channel = connection.channel()
    work = declare(channel)
    step(f"declared, {work.message_count} messages, {work.consumer_count} consumers")
    publish_with_confirms(channel)
    consume_with_prefetch(connection)
    publish_unroutable(channel)
    dead_letter(channel)
    call(connection)
    close(*recover(connection))


main()
