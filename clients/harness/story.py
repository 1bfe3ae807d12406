"""Runs one client program against one broker and judges what it printed.

A program gets a URL and a prefix for its names. It prints `step: ...` when a step of the story is done, and `restart`
when the broker shall restart; everything else on its output is its library's log, which it sets to show warnings. Log
lines are allowed while the broker is away, where RabbitMQ causes them as well, and where the catalogue says that the
library says so on RabbitMQ.
"""

import os
import queue
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field

# Every program that speaks all of AMQP tells exactly this story. A tool that cannot do a step has its own list.
WHOLE_STORY = (
    "declared, 0 messages, 0 consumers",
    "confirmed 100",
    "consumed 100 in order, at most 10 unacknowledged",
    "returned 312 NO_ROUTE",
    "dead-lettered rejected, expired",
    "answered 42",
    "recovered",
    "closed",
)
STORY_SECONDS = 60
END_OF_OUTPUT = None


@dataclass
class Outcome:
    """What a program told. No problems means that it passed."""

    steps: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    log: list = field(default_factory=list)
    seconds: float = 0.0


def tell(
    command, broker, prefix, expected=WHOLE_STORY, says=(), environment=None, seconds=STORY_SECONDS, control=None
):
    """Runs the program to its end, restarting the broker where it asks for that, and judges it. One that operates the
    broker itself gets the URL of its control API as well."""
    began = time.monotonic()
    outcome = Outcome()
    process = subprocess.Popen(
        [*map(str, command), broker.url, prefix, *([control] if control else [])],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, **(environment or {})},
        start_new_session=True,
    )
    try:
        _listen(process, broker, outcome, says, began + seconds)
    finally:
        _end(process)
    outcome.seconds = time.monotonic() - began
    _judge(process.returncode, expected, outcome)
    return outcome


def _listen(process, broker, outcome, says, deadline):
    lines = queue.Queue()
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    broker_is_away = False
    while True:
        try:
            line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            outcome.problems.append(f"still running at its time limit, after {len(outcome.steps)} steps")
            return
        if line is END_OF_OUTPUT:
            process.wait()
            return
        if line == "restart":
            broker_is_away = True
            broker.restart()
        elif line.startswith("step: "):
            broker_is_away = False
            outcome.steps.append(line.removeprefix("step: "))
        elif line.strip():
            outcome.log.append(line)
            if not broker_is_away and not any(re.search(pattern, line) for pattern in says):
                outcome.problems.append(f"logged: {line}")


def _read(stream, lines):
    for line in stream:
        lines.put(line.rstrip("\n"))
    lines.put(END_OF_OUTPUT)


def _end(process):
    """Leaves nothing running: the program has a session of its own, and may have started a worker."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def _judge(status, expected, outcome):
    if outcome.steps != list(expected):
        told = len([True for told, wanted in zip(outcome.steps, expected) if told == wanted])
        wanted = expected[told] if told < len(expected) else "the end"
        got = outcome.steps[told] if told < len(outcome.steps) else "nothing more"
        outcome.problems.append(f'step {told + 1}: expected "{wanted}", got "{got}"')
    if status != 0:
        outcome.problems.append(f"exit status {status}, expected 0")
