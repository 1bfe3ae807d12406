"""Exchanges, queues and bindings of pika's asynchronous shim: each call is done when pika calls back."""
from contract import value_from_json


class Declarations:
    def do_exchange__declare(self, request, exchange, type="direct", passive=False, durable=False, auto_delete=False,
                             internal=False, arguments=None, channel=1):
        self.on_channel(request, channel, lambda it: it.exchange_declare(
            exchange, type, passive, durable, auto_delete, internal, value_from_json(arguments), self.done(request)))

    def do_exchange__delete(self, request, exchange, if_unused=False, channel=1):
        self.on_channel(request, channel, lambda it: it.exchange_delete(exchange, if_unused, self.done(request)))

    def do_exchange__bind(self, request, destination, source, routing_key="", arguments=None, channel=1):
        self.on_channel(request, channel, lambda it: it.exchange_bind(
            destination, source, routing_key, value_from_json(arguments), self.done(request)))

    def do_exchange__unbind(self, request, destination, source, routing_key="", arguments=None, channel=1):
        self.on_channel(request, channel, lambda it: it.exchange_unbind(
            destination, source, routing_key, value_from_json(arguments), self.done(request)))

    def do_queue__declare(self, request, queue="", passive=False, durable=False, exclusive=False, auto_delete=False,
                          arguments=None, channel=1):
        self.on_channel(request, channel, lambda it: it.queue_declare(
            queue, passive, durable, exclusive, auto_delete, value_from_json(arguments),
            self.done(request, "queue", "message_count", "consumer_count")))

    def do_queue__bind(self, request, queue, exchange, routing_key=None, arguments=None, channel=1):
        self.on_channel(request, channel, lambda it: it.queue_bind(
            queue, exchange, routing_key, value_from_json(arguments), self.done(request)))

    def do_queue__unbind(self, request, queue, exchange, routing_key=None, arguments=None, channel=1):
        self.on_channel(request, channel, lambda it: it.queue_unbind(
            queue, exchange, routing_key, value_from_json(arguments), self.done(request)))

    def do_queue__purge(self, request, queue, channel=1):
        self.on_channel(request, channel, lambda it: it.queue_purge(queue, self.done(request, "message_count")))

    def do_queue__delete(self, request, queue, if_unused=False, if_empty=False, channel=1):
        self.on_channel(request, channel, lambda it: it.queue_delete(
            queue, if_unused, if_empty, self.done(request, "message_count")))
