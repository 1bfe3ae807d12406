"""script/interop: what one client publishes, does another receive it as it was?

Every pair of publisher and consumer over a matrix of properties, headers of every type and sizes of bodies, through a
`simbroker serve`. A case is published once and goes to all consumers at a time. Whoever gets something else, nothing, or
does not survive it, is told with the field it is about; what a publisher has no words for is left out and counted.
"""
import argparse
import collections
import json
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "clients"))
from harness.broker import Simbroker  # noqa: E402
from interop_cases import cases  # noqa: E402
from talk import Broken, Shim, command_of  # noqa: E402

ARRIVAL_SECONDS = 3


class Client:
    """A shim that is connected to the broker, and connected again when it did not survive a case."""

    def __init__(self, name, target):
        self.name, self.target = name, target
        self.command = command_of([name])
        self.shim, self.version = None, None
        self.begin()

    def begin(self):
        if self.shim:
            self.shim.close()
        self.shim = Shim(self.command)
        hello = self.shim.hello()
        self.version = f"{hello['library']} {hello['version']}"
        self.ask("connect", **self.target)
        self.ask("channel.open", channel=1)

    def ask(self, operation, **arguments):
        answer = self.shim.answer(self.shim.ask(operation, arguments), about=operation)
        if "error" in answer:
            raise Broken(f"{operation}: {answer['error']['kind']}: {answer['error']['text']}")
        return answer.get("result")  # None: it has no words for it

    def listen(self, exchange):
        """A queue of its own for what a publisher sends."""
        queue = f"{exchange}.{self.name}.{time.monotonic_ns()}"
        self.ask("queue.declare", queue=queue, auto_delete=True)
        self.ask("queue.bind", queue=queue, exchange=exchange)
        self.ask("basic.consume", queue=queue, auto_ack=True)
        self.shim.events.clear()

    def received(self, case, seconds):
        """What came for a case. Raises Broken if nothing does."""
        until = time.monotonic() + seconds
        while True:
            for event in self.shim.events:
                if event["event"] == "basic.deliver" and event["with"].get("routing_key") == case:
                    self.shim.events.clear()
                    return event["with"]
                if event["event"] in ("connection.close", "channel.close"):
                    raise Broken(f"{event['event']}: {event['with'].get('text')}")
            if not self.shim.take_line(until):
                raise Broken("nothing arrived")


def differences(sent, got, field=""):
    """(field, sent, got), without what is the same. Whole numbers may come back as doubles of the same value."""
    if isinstance(sent, dict) and isinstance(got, dict) and not any(key.startswith("!") for key in (*sent, *got)):
        for key in sorted({*sent, *got}):
            yield from differences(sent.get(key, "absent"), got.get(key, "absent"), f"{field}.{key}".lstrip("."))
    elif sent != got or isinstance(sent, bool) != isinstance(got, bool):
        yield field, shortened(sent), shortened(got)


def shortened(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:40]}... ({len(text)} characters)"


class Matrix:
    def __init__(self, target, wanted):
        self.target, self.wanted = target, wanted
        self.found = []  # publisher, consumer, case, field, sent, got
        self.asked = self.arrived = 0
        self.left_out = collections.Counter()

    def run(self, publishers, consumers):
        for publisher in publishers:
            exchange = f"interop.{publisher.name}"
            publisher.begin()
            publisher.ask("exchange.declare", exchange=exchange, type="fanout", durable=True)
            for consumer in consumers:
                self.ready(consumer, exchange)
            for case, properties, body in self.wanted:
                self.publish(publisher, exchange, case, properties, body, consumers)
            print(f"  {publisher.name}: {sum(one[0] == publisher.name for one in self.found)} differences", flush=True)

    def ready(self, consumer, exchange):
        consumer.begin()
        consumer.listen(exchange)

    def publish(self, publisher, exchange, case, properties, body, consumers):
        try:
            done = publisher.ask("basic.publish", exchange=exchange, routing_key=case, properties=properties, body=body)
            publisher.ask("queue.declare", queue=f"{exchange}.fence", exclusive=True)  # errors of the publication end here
        except (Broken, BrokenPipeError) as broken:
            self.found.append((publisher.name, "the broker", case, "publication", shortened(properties), str(broken)[:120]))
            publisher.begin()
            for consumer in consumers:  # It may have arrived all the same.
                self.calm(consumer, exchange)
            return
        if done is None:
            self.left_out[publisher.name] += 1
            return
        for consumer in consumers:
            self.asked += 1
            self.compare(publisher, consumer, exchange, case, {"properties": properties, "body": body})

    def calm(self, consumer, exchange):
        try:
            consumer.shim.rest(0.05)
            consumer.shim.events.clear()
        except Broken:
            self.ready(consumer, exchange)

    def compare(self, publisher, consumer, exchange, case, sent):
        try:
            got = consumer.received(case, ARRIVAL_SECONDS)
        except (Broken, BrokenPipeError) as broken:
            self.found.append((publisher.name, consumer.name, case, "delivery", "the message", str(broken)[:120]))
            self.ready(consumer, exchange)
            return
        self.arrived += 1
        what = {"properties": got.get("properties", {}), "body": got.get("body")}
        self.found += [(publisher.name, consumer.name, case, *one) for one in differences(sent, what)]

    def grouped(self):
        """Equal differences with their pairs: 'a -> everybody' where all consumers tell the same of a publisher."""
        groups = collections.defaultdict(list)
        for publisher, consumer, *what in self.found:
            groups[tuple(what)].append((publisher, consumer))
        return groups


def pairs_in_words(pairs, consumers):
    by_publisher = collections.defaultdict(set)
    for publisher, consumer in pairs:
        by_publisher[publisher].add(consumer)
    by_consumers = collections.defaultdict(list)
    for publisher, found in by_publisher.items():
        by_consumers["everybody" if found >= consumers else ", ".join(sorted(found))].append(publisher)
    return "; ".join(f"{', '.join(publishers)} -> {who}" for who, publishers in by_consumers.items())


def available(names, target):
    clients = []
    for name in names:
        try:
            clients.append(Client(name, target))
        except (Broken, OSError) as broken:
            print(f"SKIP {name}: {broken}", flush=True)
    return clients


def all_names():
    launchers = [file for file in sorted(HERE.iterdir()) if file.is_file() and "." not in file.name]
    for launcher in launchers:
        listed = subprocess.run([str(launcher), "--list"], capture_output=True, text=True, check=False)
        yield from listed.stdout.split()


def arguments():
    parser = argparse.ArgumentParser(prog="script/interop", description=__doc__)
    parser.add_argument("clients", nargs="*", metavar="NAME", help="only these, as publishers and consumers")
    parser.add_argument("--publisher", action="append", default=[], help="only this one publishes; may be given again")
    parser.add_argument("--consumer", action="append", default=[], help="only this one consumes; may be given again")
    parser.add_argument("--case", action="append", default=[], help="only this case; may be given again")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all differences as JSON")
    parser.add_argument("--conformance", default=ROOT / "build" / "bin" / "amqp-conformance", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    options = arguments()
    wanted = [case for case in cases() if not options.case or case[0] in options.case]
    broker = Simbroker(options.conformance.parent / "simbroker")
    target = {"host": "127.0.0.1", "port": broker.port, "user": "guest", "password": "guest", "vhost": "/"}
    names = options.clients or list(all_names())
    try:
        publishers = available(options.publisher or names, target)
        consumers = available(options.consumer or names, target)
        if not publishers or not consumers or not wanted:
            sys.exit("interop: nothing to run: no publisher, no consumer or no case")
        print(f"interop: {len(publishers)} publishers, {len(consumers)} consumers, {len(wanted)} cases", flush=True)
        matrix = Matrix(target, wanted)
        matrix.run(publishers, consumers)
        versions = {client.name: client.version for client in [*publishers, *consumers]}
        for client in [*publishers, *consumers]:
            client.shim.close()
    finally:
        broker.close()
    return told(matrix, versions, {client.name for client in consumers}, options)


def told(matrix, versions, consumers, options):
    for (case, field, sent, got), pairs in sorted(matrix.grouped().items()):
        print(f"DIFFERS {case}: {field}: sent {sent}, got {got}\n        {pairs_in_words(pairs, consumers)}")
    pairs = {(publisher, consumer) for publisher, consumer, *_ in matrix.found}
    print(f"interop: {matrix.asked} deliveries, {matrix.arrived} arrived, {len(matrix.found)} differences in {len(pairs)} pairs")
    if options.json:
        names = ("publisher", "consumer", "case", "field", "sent", "got")
        report = {"clients": versions, "deliveries": matrix.asked, "arrived": matrix.arrived,
                  "left_out": dict(matrix.left_out), "differences": [dict(zip(names, one)) for one in matrix.found]}
        options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if matrix.found:
        publisher, consumer, case, *_ = matrix.found[0]
        print(f"  again: script/interop --publisher {publisher} --consumer {consumer} --case '{case}'")
    return 1 if matrix.found else 0


if __name__ == "__main__":
    sys.exit(main())
