"""What script/shim-check asks a shim itself: each check gets one that has said hello, its hello, and what connect needs."""
import json
import subprocess
import time

from talk import ANSWER_SECONDS, Broken

PROMPT_SECONDS = 2  # an answer of a shim that is warm; the end after the end of stdin
OPERATIONS = {  # and the fields that their results must have
    "connect": (), "close": (), "channel.open": (), "channel.close": (), "exchange.declare": (), "exchange.delete": (),
    "exchange.bind": (), "exchange.unbind": (), "queue.declare": ("queue", "message_count", "consumer_count"),
    "queue.bind": (), "queue.unbind": (), "queue.purge": ("message_count",), "queue.delete": ("message_count",),
    "basic.qos": (), "basic.publish": (), "basic.consume": ("consumer_tag",), "basic.cancel": (),
    "basic.get": ("message",), "basic.ack": (), "basic.nack": (), "basic.reject": (), "basic.recover": (),
    "confirm.select": (), "confirm.asynchronous": (), "tx.select": (), "tx.commit": (), "tx.rollback": (), "wait": (),
}
CLAIMS = ("concurrent", "recovery")  # beside the operations: what scenarios may require
NEEDED = ("connect", "close", "channel.open", "channel.close", "queue.declare", "queue.delete", "basic.publish",
          "basic.get", "basic.consume", "basic.ack", "wait")


def says_hello(shim, hello, _target):
    for field in ("library", "version", "language"):
        if not isinstance(hello.get(field), str) or not hello[field]:
            raise Broken(f"hello: {field} is no text: {hello.get(field)!r}")
    if hello.get("contract") != 1:
        raise Broken(f"hello: contract: expected 1, got {hello.get('contract')!r}")
    names = hello.get("operations")
    if not isinstance(names, list) or len(set(names)) != len(names):
        raise Broken(f"hello: operations: expected a list without repetition, got {names!r}")
    for name in names:
        if name not in OPERATIONS and name not in CLAIMS:
            raise Broken(f"hello: {name} is no operation of the contract")
    for name in NEEDED:
        if name not in names:
            raise Broken(f"hello: {name} is missing, without which hardly a scenario runs")
    if not any(name in names for name in ("confirm.select", "confirm.asynchronous", "tx.select")):
        raise Broken("hello: neither confirms nor transactions")


def answers_every_operation(shim, hello, target):
    """A conversation in which everything that is declared is asked once, or more often, and succeeds."""
    steps = [("connect", target), ("channel.open", {"channel": 1}),
             ("queue.declare", {"queue": "q", "exclusive": True}),
             ("exchange.declare", {"exchange": "e", "type": "fanout"}),
             ("exchange.declare", {"exchange": "f", "type": "direct"}),
             ("exchange.bind", {"destination": "f", "source": "e", "routing_key": "k"}),
             ("exchange.unbind", {"destination": "f", "source": "e", "routing_key": "k"}),
             ("queue.bind", {"queue": "q", "exchange": "e", "routing_key": "k"}),
             ("basic.publish", {"exchange": "e", "routing_key": "k", "body": "1"}),
             ("basic.get", {"queue": "q", "auto_ack": True}),
             ("queue.unbind", {"queue": "q", "exchange": "e", "routing_key": "k"}), ("basic.get", {"queue": "q"}),
             *(("basic.publish", {"routing_key": "q", "body": str(n)}) for n in range(3)),
             ("basic.qos", {"prefetch_count": 10}), ("basic.get", {"queue": "q"}), ("basic.ack", {"delivery_tag": 2}),
             ("basic.get", {"queue": "q"}), ("basic.nack", {"delivery_tag": 3, "requeue": False}),
             ("basic.get", {"queue": "q"}), ("basic.reject", {"delivery_tag": 4, "requeue": True}),
             ("queue.purge", {"queue": "q"}),
             ("basic.consume", {"queue": "q", "consumer_tag": "c"}), ("basic.recover", {"requeue": True}),
             ("basic.cancel", {"consumer_tag": "c"}), ("channel.open", {"channel": 2}),
             ("confirm.select", {"channel": 2}), ("basic.publish", {"channel": 2, "routing_key": "q", "body": "m"}),
             ("confirm.asynchronous", {"channel": 4}), ("tx.select", {"channel": 3}),
             ("basic.publish", {"channel": 3, "routing_key": "q", "body": "m"}), ("tx.commit", {"channel": 3}),
             ("tx.rollback", {"channel": 3}), ("wait", {"seconds": 1}), ("queue.delete", {"queue": "q"}),
             ("exchange.delete", {"exchange": "f"}), ("exchange.delete", {"exchange": "e"}),
             ("channel.close", {"channel": 2}), ("close", {})]
    for operation, arguments in steps:
        if operation not in hello["operations"]:
            continue
        answer = shim.answer(shim.ask(operation, arguments), about=operation)
        if "result" not in answer:
            raise Broken(f"{operation} {json.dumps(arguments)}: expected a result, got {json.dumps(answer)}")
        missing = [field for field in OPERATIONS[operation] if field not in answer["result"]]
        if missing:
            raise Broken(f"{operation}: the result has no {missing[0]}: {json.dumps(answer)}")
    shim.rest(0.3)


def refuses_what_it_does_not_know(shim, hello, _target):
    for operation in ("basic.unheard-of", *(name for name in OPERATIONS if name not in hello["operations"])):
        answer = shim.answer(shim.ask(operation, {}), about=operation)
        if "unsupported" not in answer:
            raise Broken(f"{operation} is not declared: expected `unsupported`, got {json.dumps(answer)}")


def works_on_requests_that_overlap(shim, _hello, target):
    shim.answer(shim.ask("connect", target), about="connect")
    shim.answer(shim.ask("channel.open", {"channel": 1}), about="channel.open")
    asked = [shim.ask("queue.declare", {"queue": f"q{n}", "exclusive": True}) for n in range(30)]
    for n, request in enumerate(asked):
        answer = shim.answer(request, about=f"request {request} of 30 at once")
        if answer.get("result", {}).get("queue") != f"q{n}":
            raise Broken(f"30 requests at once: the answer for q{n} is {json.dumps(answer)}")
    shim.rest(0.3)


def is_prompt(shim, _hello, target):
    """Warmed up it answers at once, and tells events without being asked."""
    shim.answer(shim.ask("connect", target), about="connect")
    shim.answer(shim.ask("queue.declare", {"queue": "q", "exclusive": True}), about="queue.declare")
    shim.answer(shim.ask("basic.consume", {"queue": "q", "auto_ack": True}), about="basic.consume")
    time.sleep(0.5)
    began = time.monotonic()
    shim.answer(shim.ask("basic.publish", {"routing_key": "q", "body": "m"}), PROMPT_SECONDS, "basic.publish")
    while not any(event["event"] == "basic.deliver" for event in shim.events):
        if not shim.take_line(began + PROMPT_SECONDS):
            raise Broken(f"no event basic.deliver within {PROMPT_SECONDS} s of the publication")
    began = time.monotonic()
    shim.answer(shim.ask("wait", {"seconds": 1}), 1 + PROMPT_SECONDS, "wait")
    if time.monotonic() < began + 0.9:
        raise Broken(f"wait 1 s: answered after {time.monotonic() - began:.1f} s")


def ends_when_its_input_does(shim, _hello, _target):
    ends_with_status_0(shim, "idle")


def ends_with_a_connection_open(shim, _hello, target):
    shim.answer(shim.ask("connect", target), about="connect")
    shim.answer(shim.ask("channel.open", {"channel": 1}), about="channel.open")
    ends_with_status_0(shim, "with a connection open")


def ends_with_status_0(shim, how):
    status = shim.end(PROMPT_SECONDS + 1)
    if status is None:
        raise Broken(f"{how}, its input ends and it does not, within {PROMPT_SECONDS + 1} s")
    if status != 0:
        raise Broken(f"{how}, its input ends: expected exit status 0, got {status}: {shim.last_error()}")


def does_not_swallow_nonsense(shim, _hello, _target):
    """A line that is no request is a mistake of the harness, and nobody must think that it was worked on."""
    ends_over(shim, '{"id": 1, "op": "connect", "with"')


def does_not_swallow_nonsense_with_a_connection_open(shim, _hello, target):
    """Threads of a connection keep some programs alive that have nobody left to read their input."""
    shim.answer(shim.ask("connect", target), about="connect")
    shim.answer(shim.ask("channel.open", {"channel": 1}), about="channel.open")
    ends_over(shim, '{"id": 3, "op": "close"')


def does_not_swallow_json_that_is_no_request(shim, _hello, _target):
    ends_over(shim, '{"id": 1}')


def ends_over(shim, line):
    shim.say(line)
    try:
        status = shim.process.wait(ANSWER_SECONDS)
    except subprocess.TimeoutExpired:
        raise Broken(f"{line}: expected it to end, but it runs on for {ANSWER_SECONDS} s") from None
    if status == 0:
        raise Broken(f"{line}: expected an exit status that is not 0, got 0")
    if shim.last_error() == "nothing on stderr":
        raise Broken(f"{line}: it ended without a word on stderr")


CHECKS = (says_hello, answers_every_operation, refuses_what_it_does_not_know, works_on_requests_that_overlap, is_prompt,
          ends_when_its_input_does, ends_with_a_connection_open, does_not_swallow_nonsense,
          does_not_swallow_nonsense_with_a_connection_open, does_not_swallow_json_that_is_no_request)
