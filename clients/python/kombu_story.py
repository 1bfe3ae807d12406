"""The story with kombu: entities as objects, a producer that retries, a connection that is revived."""

import logging
import socket
import sys
import time

import kombu

URL, PREFIX = sys.argv[1:3]
EVENTS, WORK, DEAD, RPC = (f"{PREFIX}.{name}" for name in ("events", "work", "dead", "rpc"))
MESSAGES, PREFETCH = 100, 10

events = kombu.Exchange(EVENTS, "topic", durable=True)
dead_exchange = kombu.Exchange(DEAD, "fanout", durable=True)
dead = kombu.Queue(DEAD, dead_exchange)
work = kombu.Queue(WORK, events, routing_key="order.#", queue_arguments={"x-dead-letter-exchange": DEAD})

logging.basicConfig(level=logging.WARNING, stream=sys.stdout)


def step(text):
    print("step:", text, flush=True)


def connect():
    return kombu.Connection(URL, transport_options={"confirm_publish": True})


def declare(connection):
    for queue in (dead, work):
        queue(connection.default_channel).declare()


def get(connection, queue):
    """The next message of a queue that gets it soon."""
    for _ in range(200):
        if (message := queue(connection.default_channel).get()) is not None:
            return message
        time.sleep(0.01)
    raise AssertionError(f"no message came to {queue.name}")


def publish_with_confirms(connection):
    producer = connection.Producer(exchange=events)
    for number in range(MESSAGES):
        producer.publish({"number": number}, routing_key="order.created", delivery_mode="persistent", retry=True)
    assert work(connection.default_channel).queue_declare(passive=True).message_count == MESSAGES
    step(f"confirmed {MESSAGES}")


def consume_with_prefetch(connection):
    numbers, unacknowledged = [], []

    def on_message(body, message):
        numbers.append(body["number"])
        unacknowledged.append(message)

    with connection.channel() as channel:
        with kombu.Consumer(channel, work, callbacks=[on_message], prefetch_count=PREFETCH):
            while len(numbers) < MESSAGES:
                while len(unacknowledged) < PREFETCH:
                    connection.drain_events(timeout=5)
                expect_silence(connection)
                unacknowledged[-1].ack(multiple=True)
                unacknowledged.clear()
    assert numbers == list(range(MESSAGES)), numbers
    step(f"consumed {MESSAGES} in order, at most {PREFETCH} unacknowledged")


def expect_silence(connection):
    try:
        connection.drain_events(timeout=0.01)
    except socket.timeout:
        return
    raise AssertionError("more than the prefetch count came")


def publish_unroutable(connection):
    returned = []
    with connection.channel() as channel:
        producer = kombu.Producer(channel, events, on_return=lambda *told: returned.append(told))
        producer.publish("lost", routing_key="nobody.cares", mandatory=True)
        while not returned:
            connection.drain_events(timeout=5)
    _exception, _exchange, _routing_key, message = returned[0]
    assert message.body == "lost"
    step(f"returned {_exception.reply_code} {_exception.reply_text}")


def dead_letter(connection):
    producer = connection.Producer(exchange=events)
    reasons = []
    for expiration in (None, 0.01):
        producer.publish("dead", routing_key="order.late", expiration=expiration)
        if expiration is None:
            get(connection, work).reject()
        message = get(connection, dead)
        death = message.headers["x-death"][0]
        assert (death["queue"], death["exchange"], death["count"]) == (WORK, EVENTS, 1), death
        reasons.append(death["reason"])
        message.ack()
    step("dead-lettered " + ", ".join(reasons))


def call(connection):
    answers = []

    def answer(body, message):
        connection.Producer().publish(
            body * 7, routing_key=message.properties["reply_to"], correlation_id=message.properties["correlation_id"]
        )
        message.ack()

    def on_answer(body, message):
        assert message.properties["correlation_id"] == "c1"
        answers.append(body)

    replies = kombu.Queue("amq.rabbitmq.reply-to", no_declare=True)
    with connection.channel() as channel:
        serve = kombu.Consumer(channel, kombu.Queue(RPC, durable=False, exclusive=True), callbacks=[answer])
        listen = kombu.Consumer(channel, replies, callbacks=[on_answer], no_ack=True)
        with serve, listen:
            request = {"routing_key": RPC, "reply_to": replies.name, "correlation_id": "c1"}
            kombu.Producer(channel).publish(6, **request)
            while not answers:
                connection.drain_events(timeout=5)
    step(f"answered {answers[0]}")


def recover(connection):
    """Connection.ensure revives what it is given, which is how every kombu program outlives its broker."""
    print("restart", flush=True)
    try:
        while True:
            connection.drain_events(timeout=5)
    except connection.connection_errors:
        pass
    connection.ensure_connection(max_retries=100, interval_start=0.05, interval_step=0)
    declare(connection)
    producer = connection.Producer(exchange=events)
    publish = connection.ensure(producer, producer.publish, max_retries=3)
    publish("after", routing_key="order.again")
    message = get(connection, work)
    assert message.payload == "after"
    message.ack()
    step("recovered")


def close(connection):
    for queue in (work, dead):
        queue(connection.default_channel).delete()
    for exchange in (events, dead_exchange):
        exchange(connection.default_channel).delete()
    connection.release()
    step("closed")


def main():
    connection = connect()
    declare(connection)
    counts = work(connection.default_channel).queue_declare(passive=True)
    step(f"declared, {counts.message_count} messages, {counts.consumer_count} consumers")
    publish_with_confirms(connection)
    consume_with_prefetch(connection)
    publish_unroutable(connection)
    dead_letter(connection)
    call(connection)
    recover(connection)
    close(connection)


main()
