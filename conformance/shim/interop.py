"""script/interop: what one client publishes, does another receive it as it was?

Every pair of publisher and consumer over a matrix of properties, headers of every type and sizes of bodies, through a
`simbroker serve`. A case is published once and goes to all consumers at a time. Whoever gets something else, nothing, or
does not survive it, is told with the field it is about, unless interop_known.yaml says why; what a publisher has no words
for is left out and counted. Without names it is the newest release of every library, and what was seen lies in
build/results for the page of script/results.
"""
import argparse
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
from interop_told import PUBLICATION, report_of, told  # noqa: E402
from talk import Broken, Shim, command_of, launchers, no_shim  # noqa: E402

SEEN = ROOT / "build" / "results" / "interop.json"
ARRIVAL_SECONDS = 5


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
    """(field, sent, got), without what is the same; None is what is not there."""
    if isinstance(sent, dict) and isinstance(got, dict) and not any(key.startswith("!") for key in (*sent, *got)):
        for key in sorted({*sent, *got}):
            name = f"{field}.{key}".lstrip(".")
            if key in sent and key in got:
                yield from differences(sent[key], got[key], name)
            else:
                yield name, *(shortened(where[key]) if key in where else None for where in (sent, got))
    elif not same(sent, got):
        yield field, shortened(sent), shortened(got)


def same(sent, got):
    """Whole numbers may come back as doubles of the same value, whose text has no more digits than a double needs."""
    if isinstance(sent, list) and isinstance(got, list):
        return len(sent) == len(got) and all(map(same, sent, got))
    if isinstance(sent, bool) or isinstance(got, bool):
        return sent is got
    return sent == got or (isinstance(sent, int) and isinstance(got, int) and float(got) == sent)


def shortened(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:40]}... ({len(text)} characters)"


class Matrix:
    def __init__(self, target, wanted):
        self.target, self.wanted = target, wanted
        self.found = []  # publisher, consumer, case, field, sent, got; no consumer for what was not published at all
        self.asked = {}  # the cases each publisher has words for, and in left_out the others
        self.left_out = {}

    def run(self, publishers, consumers):
        for publisher in publishers:
            exchange = f"interop.{publisher.name}"
            self.asked[publisher.name], self.left_out[publisher.name] = [], []
            publisher.begin()
            publisher.ask("exchange.declare", exchange=exchange, type="fanout", durable=True)
            for consumer in consumers:
                self.ready(consumer, exchange)
            for case, properties, body in self.wanted:
                self.publish(publisher, exchange, case, properties, body, consumers)
            print(f"  {publisher.name}: {len(self.asked[publisher.name])} cases", flush=True)

    def ready(self, consumer, exchange):
        consumer.begin()
        consumer.listen(exchange)

    def publish(self, publisher, exchange, case, properties, body, consumers):
        try:
            done = publisher.ask("basic.publish", exchange=exchange, routing_key=case, properties=properties, body=body)
            publisher.ask("queue.declare", queue=f"{exchange}.fence", auto_delete=True)  # Errors of it end here.
        except (Broken, BrokenPipeError) as broken:
            self.asked[publisher.name].append(case)
            self.found.append((publisher.name, None, case, PUBLICATION, shortened(properties), str(broken)[:120]))
            publisher.begin()
            for consumer in consumers:  # It may have arrived all the same.
                self.calm(consumer, exchange)
            return
        if done is None:
            self.left_out[publisher.name].append(case)
            return
        self.asked[publisher.name].append(case)
        for consumer in consumers:
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
        what = {"properties": got.get("properties", {}), "body": got.get("body")}
        self.found += [(publisher.name, consumer.name, case, *one) for one in differences(sent, what)]


def available(names, target):
    clients = []
    for name in names:
        try:
            clients.append(Client(name, target))
        except (Broken, OSError) as broken:
            print(f"SKIP {name}: {broken}", flush=True)
    return clients


def newest_names():
    for launcher in launchers():
        listed = subprocess.run([str(launcher), "--list"], capture_output=True, text=True, check=False).stdout.split()
        yield from [name for name in listed if name.endswith("@newest")] or listed[:1]


def arguments():
    parser = argparse.ArgumentParser(prog="script/interop", description=__doc__)
    parser.add_argument("clients", nargs="*", metavar="NAME", help="only these, as publishers and consumers")
    parser.add_argument("--publisher", action="append", default=[], help="only this one publishes; may be given again")
    parser.add_argument("--consumer", action="append", default=[], help="only this one consumes; may be given again")
    parser.add_argument("--case", action="append", default=[], help="only this case; may be given again")
    parser.add_argument("--json", type=Path, metavar="FILE",
                        help=f"what was seen, as JSON ({SEEN.relative_to(ROOT)} if all is run)")
    parser.add_argument("--conformance", default=ROOT / "build" / "bin" / "amqp-conformance", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    known = {launcher.name for launcher in launchers()}
    for name in [*options.clients, *options.publisher, *options.consumer]:
        if name.partition("@")[0] not in known:
            parser.error(no_shim(name))
    for case in options.case:
        if case not in [name for name, *_ in cases()]:
            parser.error(f"there is no case {case!r}; interop_cases.py has them, such as {next(iter(cases()))[0]!r}")
    return options


def main():
    options = arguments()
    wanted = [case for case in cases() if not options.case or case[0] in options.case]
    broker = Simbroker(options.conformance.parent / "simbroker")
    target = {"host": "127.0.0.1", "port": broker.port, "user": "guest", "password": "guest", "vhost": "/"}
    names = options.clients or list(newest_names())
    try:
        publishers = available(options.publisher or names, target)
        there = names if options.publisher else [client.name for client in publishers]
        consumers = available(options.consumer or there, target)
        if not publishers or not consumers or not wanted:
            sys.exit("interop: nothing to run: no publisher, no consumer or no case")
        print(f"interop: {len(publishers)} publishers, {len(consumers)} consumers, {len(wanted)} cases", flush=True)
        matrix = Matrix(target, wanted)
        matrix.run(publishers, consumers)
        report = report_of(matrix, publishers, consumers)
        for client in [*publishers, *consumers]:
            client.shim.close()
    finally:
        broker.close()
    everything = not (options.clients or options.publisher or options.consumer or options.case)
    file = options.json or (SEEN if everything else None)
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(report, ensure_ascii=False) + "\n", encoding="utf-8")
    return told(report, everything)


if __name__ == "__main__":
    sys.exit(main())
