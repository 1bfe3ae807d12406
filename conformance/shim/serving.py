"""How the Python shims live: they say hello, take requests from a thread of its own, and end with them."""
import os
import platform
import queue
import sys
import threading
import traceback

from contract import Unsupported, operations_of, requests_from_stdin, say


def introduce(library, version, operations, more=""):
    say({"hello": {"contract": 1, "library": library, "version": version,
                   "language": f"python {platform.python_version()}{more}", "operations": sorted(operations)}})


def read_requests(put):
    """Hands every request to `put`, from a thread of its own, and None at their end."""
    def read():
        try:
            for request in requests_from_stdin():
                put(request)
        except ValueError:  # No request.
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)  # The other threads may be waiting for anything.
        put(None)

    threading.Thread(target=read, daemon=True).start()


class BlockingShim:
    """A library that blocks: one thread alternates between serving the connection and working on one request.

    `serve(seconds)` is one turn of the connection, `answer_to(request)` what becomes of a request: a dict of the contract.
    """
    TURN_SECONDS = 0.005  # How long a turn may last before the next request is looked for.

    def __init__(self):
        self.requests = queue.Queue()
        self.connection = None
        self.channels = {}  # the number the harness uses -> the library's channel
        self.operations = operations_of(self)

    def run(self, library, version):
        introduce(library, version, self.operations)
        read_requests(self.requests.put)
        while True:
            self.serve(self.TURN_SECONDS)
            try:
                request = self.requests.get(block=self.connection is None)
            except queue.Empty:
                continue
            if request is None:
                break
            say({"id": request["id"], **self.answer_to(request)})
        self.drop_connection()

    def perform(self, request):
        operation = self.operations.get(request["op"])
        if operation is None:
            raise Unsupported(f"this shim has no operation {request['op']}")
        return {"result": operation(**(request.get("with") or {})) or {}}

    def channel(self, number):
        if number not in self.channels:
            self.do_channel__open(number)
        return self.channels[number]

    def do_exchange__delete(self, exchange, if_unused=False, channel=1):
        self.channel(channel).exchange_delete(exchange, if_unused)

    def do_basic__qos(self, prefetch_size=0, prefetch_count=0, channel=1, **rest):
        self.channel(channel).basic_qos(prefetch_size, prefetch_count, rest.get("global", False))

    def do_basic__cancel(self, consumer_tag, channel=1):
        self.channel(channel).basic_cancel(consumer_tag)

    def do_basic__ack(self, delivery_tag, multiple=False, channel=1):
        self.channel(channel).basic_ack(delivery_tag, multiple)

    def do_basic__reject(self, delivery_tag, requeue=True, channel=1):
        self.channel(channel).basic_reject(delivery_tag, requeue)

    def do_basic__recover(self, requeue=False, channel=1):
        self.channel(channel).basic_recover(requeue)

    def do_channel__close(self, channel=1):
        self.channel(channel).close()

    def do_tx__select(self, channel=1):
        self.channel(channel).tx_select()

    def do_tx__commit(self, channel=1):
        self.channel(channel).tx_commit()

    def do_tx__rollback(self, channel=1):
        self.channel(channel).tx_rollback()
