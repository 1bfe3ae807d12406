"""Exchanges, queues and bindings of aio-pika's shim. `self.channel(number)` is the channel that the harness means."""
from contract import value_from_json


class Declarations:
    async def do_exchange__declare(self, exchange, type="direct", channel=1, arguments=None, **flags):
        it = await self.channel(channel)
        await it.declare_exchange(exchange, type, arguments=value_from_json(arguments), **flags)

    async def do_exchange__delete(self, exchange, if_unused=False, channel=1):
        await (await self.channel(channel)).exchange_delete(exchange, if_unused=if_unused)

    async def exchange(self, number, name):
        channel = await self.channel(number)
        return await channel.get_exchange(name, ensure=False) if name else channel.default_exchange

    async def do_exchange__bind(self, destination, source, routing_key="", arguments=None, channel=1):
        await (await self.exchange(channel, destination)).bind(source, routing_key,
                                                               arguments=value_from_json(arguments))

    async def do_exchange__unbind(self, destination, source, routing_key="", arguments=None, channel=1):
        await (await self.exchange(channel, destination)).unbind(source, routing_key,
                                                                 arguments=value_from_json(arguments))

    async def do_queue__declare(self, queue="", channel=1, arguments=None, **flags):
        it = await self.channel(channel)
        declared = await it.declare_queue(queue, arguments=value_from_json(arguments), **flags)
        ok = declared.declaration_result
        return {"queue": declared.name, "message_count": ok.message_count, "consumer_count": ok.consumer_count}

    async def queue(self, number, name):
        return await (await self.channel(number)).get_queue(name, ensure=False)

    async def do_queue__bind(self, queue, exchange, routing_key=None, arguments=None, channel=1):
        await (await self.queue(channel, queue)).bind(exchange, routing_key, arguments=value_from_json(arguments))

    async def do_queue__unbind(self, queue, exchange, routing_key=None, arguments=None, channel=1):
        await (await self.queue(channel, queue)).unbind(exchange, routing_key, arguments=value_from_json(arguments))

    async def do_queue__purge(self, queue, channel=1):
        return {"message_count": (await (await self.queue(channel, queue)).purge()).message_count}

    async def do_queue__delete(self, queue, if_unused=False, if_empty=False, channel=1):
        ok = await (await self.channel(channel)).queue_delete(queue, if_unused=if_unused, if_empty=if_empty)
        return {"message_count": ok.message_count}
