"""The story with Celery: a worker doing tasks, retries with a countdown, and a chord.

Results come back over the broker itself (rpc://), except those of a chord, which that back-end refuses: a second worker
keeps its results in files.
"""

import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import celery.result
import kombu

URL, PREFIX = sys.argv[1:3]
BACKEND = sys.argv[3] if len(sys.argv) > 3 else "rpc://"
SECONDS = 20

logging.basicConfig(level=logging.WARNING, stream=sys.stdout)
os.environ.update(STORY_BROKER=URL, STORY_QUEUE=PREFIX, STORY_BACKEND=BACKEND)
import celery_tasks as tasks  # noqa: E402 (the environment is its configuration)


def step(text):
    print("step:", text, flush=True)


class Worker:
    """`celery worker` with one backend. What it warns of goes to the output of this program."""

    def __init__(self, backend):
        self._environment = {**os.environ, "STORY_BACKEND": backend}

    def __enter__(self):
        command = [sys.executable, "-W", "ignore:You're running the worker with superuser", "-m", "celery"]
        command += ["--app", "celery_tasks", "--quiet", "worker", "--loglevel", "WARNING"]
        command += ["--pool", "prefork", "--concurrency", "2", "--without-gossip", "--without-mingle"]
        command += ["--hostname", f"{PREFIX}@localhost"]
        folder = Path(__file__).parent
        self._process = subprocess.Popen(command, cwd=folder, env=self._environment, stderr=subprocess.STDOUT)
        return self

    def __exit__(self, kind, _value, _trace):
        self._process.terminate()
        status = self._process.wait(SECONDS)
        assert kind or status == 0, f"the worker ended with status {status}"


def tell_over_rpc():
    with Worker("rpc://"):
        # As a set: Celery 5.2 may wait a second for each result that came while it waited for another.
        results = celery.result.ResultSet([tasks.add.delay(number, number) for number in range(20)])
        assert results.join_native(timeout=SECONDS) == [2 * number for number in range(20)]
        step("20 tasks done")
        step(f"done after {tasks.succeed_at_last.delay().get(timeout=SECONDS)} retries")


def ask_for_a_restart():
    """Returns when it is over, as a connection of its own sees it."""
    with kombu.Connection(URL) as connection:
        connection.connect()
        print("restart", flush=True)
        try:
            while True:
                connection.drain_events(timeout=SECONDS)
        except connection.connection_errors:
            pass
        connection.ensure_connection(max_retries=100, interval_start=0.05, interval_step=0)


def tell_with_files(backend):
    with Worker(backend):
        header = [tasks.add.s(number, number) for number in range(10)]
        step(f"chord of {celery.chord(header)(tasks.total.s()).get(timeout=SECONDS)}")
        ask_for_a_restart()
        # The worker comes back by itself; so does the producer, whose first publishing finds the connection lost.
        assert tasks.add.apply_async((40, 2), retry=True).get(timeout=SECONDS) == 42
        step("recovered")


def tell_with_files_elsewhere():
    """An app has one back-end for its life, so this part is told by a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, __file__, URL, PREFIX, f"file://{folder}"], check=True, timeout=2 * SECONDS)


def close():
    with kombu.Connection(URL) as connection:
        channel = connection.default_channel
        channel.queue_delete(PREFIX)
        channel.exchange_delete(PREFIX)
    step("closed")


def main():
    if BACKEND != "rpc://":
        tell_with_files(BACKEND)
        return
    tell_over_rpc()
    tell_with_files_elsewhere()
    close()


main()
