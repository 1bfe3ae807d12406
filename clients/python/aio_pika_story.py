"""The story with aio-pika: connect_robust, which comes back by itself and declares again what it declared."""

import asyncio
import logging
import sys

import aio_pika

URL, PREFIX = sys.argv[1:3]
EVENTS, WORK, DEAD, RPC = (f"{PREFIX}.{name}" for name in ("events", "work", "dead", "rpc"))
MESSAGES, PREFETCH = 100, 10

logging.basicConfig(level=logging.WARNING, stream=sys.stdout)


def step(text):
    print("step:", text, flush=True)


def message(body, **properties):
    return aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT, **properties)


async def get(queue):
    """The next message of a queue that gets it soon."""
    for _ in range(200):
        if (found := await queue.get(fail=False)) is not None:
            return found
        await asyncio.sleep(0.01)
    raise AssertionError(f"no message came to {queue}")


class Story:
    async def declare(self, connection):
        self.connection = connection
        self.channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        self.events = await self.channel.declare_exchange(EVENTS, aio_pika.ExchangeType.TOPIC, durable=True)
        self.dead_exchange = await self.channel.declare_exchange(DEAD, aio_pika.ExchangeType.FANOUT, durable=True)
        self.dead = await self.channel.declare_queue(DEAD, durable=True)
        await self.dead.bind(self.dead_exchange)
        self.work = await self.channel.declare_queue(WORK, durable=True, arguments={"x-dead-letter-exchange": DEAD})
        await self.work.bind(self.events, "order.#")
        counts = await self.work.declare()
        step(f"declared, {counts.message_count} messages, {counts.consumer_count} consumers")

    async def publish_with_confirms(self):
        sent = (self.events.publish(message(str(number).encode()), "order.created") for number in range(MESSAGES))
        confirmations = await asyncio.gather(*sent)
        step(f"confirmed {len([c for c in confirmations if type(c).__name__ == 'Ack'])}")

    async def consume_with_prefetch(self):
        channel = await self.connection.channel()
        await channel.set_qos(prefetch_count=PREFETCH)
        arrived = asyncio.Queue()
        work = await channel.get_queue(WORK)
        tag = await work.consume(arrived.put)
        bodies = []
        while len(bodies) < MESSAGES:
            batch = [await asyncio.wait_for(arrived.get(), 5) for _ in range(PREFETCH)]
            await asyncio.sleep(0.01)
            assert arrived.empty(), "more than the prefetch count came"
            await batch[-1].ack(multiple=True)
            bodies += [int(one.body) for one in batch]
        await work.cancel(tag)
        await channel.close()
        assert bodies == list(range(MESSAGES)), bodies
        step(f"consumed {MESSAGES} in order, at most {PREFETCH} unacknowledged")

    async def publish_unroutable(self):
        try:
            await self.events.publish(message(b"lost"), "nobody.cares")
        except aio_pika.exceptions.PublishError as error:
            returned = error.message.delivery
            step(f"returned {returned.reply_code} {returned.reply_text}")

    async def dead_letter(self):
        reasons = []
        await self.events.publish(message(b"bad"), "order.late")
        await (await get(self.work)).reject(requeue=False)
        for expiration in (None, 0.01):
            if expiration:
                await self.events.publish(message(b"late", expiration=expiration), "order.late")
            async with (await get(self.dead)).process() as dead:
                death = dead.headers["x-death"][0]
                assert (death["queue"], death["exchange"], death["count"]) == (WORK, EVENTS, 1), death
                reasons.append(death["reason"])
        step("dead-lettered " + ", ".join(reasons))

    async def call(self):
        channel = await self.connection.channel()
        rpc = await channel.declare_queue(RPC, exclusive=True)

        async def answer(request):
            # Acknowledged first: once the answer is out, the caller may close the channel under the server.
            await request.ack()
            reply = aio_pika.Message(str(int(request.body) * 7).encode(), correlation_id=request.correlation_id)
            await channel.default_exchange.publish(reply, request.reply_to, mandatory=False)

        answers = asyncio.Queue()
        await rpc.consume(answer)
        replies = await channel.get_queue("amq.rabbitmq.reply-to", ensure=False)
        await replies.consume(answers.put, no_ack=True)
        request = aio_pika.Message(b"6", reply_to="amq.rabbitmq.reply-to", correlation_id="c1")
        await channel.default_exchange.publish(request, RPC)
        reply = await asyncio.wait_for(answers.get(), 5)
        assert reply.correlation_id == "c1"
        await channel.close()
        step(f"answered {int(reply.body)}")

    async def recover(self):
        recovered = asyncio.Event()
        arrived = asyncio.Queue()
        tag = await self.work.consume(arrived.put)
        self.connection.reconnect_callbacks.add(lambda *_: recovered.set())
        print("restart", flush=True)
        await asyncio.wait_for(recovered.wait(), 30)
        await self.events.publish(message(b"after"), "order.again")
        again = await asyncio.wait_for(arrived.get(), 5)
        assert again.body == b"after"
        await again.ack()
        await self.work.cancel(tag)
        step("recovered")

    async def close(self):
        for queue in (self.work, self.dead):
            await queue.delete(if_unused=False, if_empty=False)
        for exchange in (self.events, self.dead_exchange):
            await exchange.delete()
        await self.channel.close()
        await self.connection.close()
        step("closed")


async def main():
    story = Story()
    await story.declare(await aio_pika.connect_robust(f"{URL}?reconnect_interval=0.1"))
    await story.publish_with_confirms()
    await story.consume_with_prefetch()
    await story.publish_unroutable()
    await story.dead_letter()
    await story.call()
    await story.recover()
    await story.close()


asyncio.run(main())
