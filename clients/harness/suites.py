"""The test suites that client libraries carry in their packages: written for RabbitMQ, run on simbroker.

A suite runs as it was published, against a broker of its own. What is left out is left out by name, with the reason.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import xml.etree.ElementTree as xml
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness.broker import Certificates
from harness.docker_engine import NOBODYS_PORT, DockerEngine
from harness.install import HERE, output_of, require, test_python, unpacked_source
from harness.management import Management

SUITE_SECONDS = 900
TEST_SECONDS = 60
# Bodies of 20 MB and more: RabbitMQ 4.x refuses what is longer than 16 MiB.
BIG_BODIES = "rabbitmq-3.10"
# aiormq's reader may end the connection before its close() says why. Fails now and then on RabbitMQ, which answers in
# 0.1 ms, and mostly where close-ok takes 0.02 ms; who ends the TCP connection, and when, is the same.
CLOSE_RACE = "loses a race of aiormq with close-ok, the more often the faster it comes"
NO_TLS = "the broker named with --broker is not known to listen with TLS"


@dataclass(frozen=True)
class Suite:
    name: str
    version: str
    command: Callable  # (suite, where the results go) -> command and folder; may raise Unavailable
    results: Callable  # the file with the results -> Tests
    # Parts of names, and why the tests that have them in their names do not run.
    left_out: dict = field(default_factory=dict)
    # The same, of those that need TLS, where a broker of somebody else's is asked.
    tls: dict = field(default_factory=dict)
    # (the suite's folder, simbroker) -> the Certificates it knows.
    certificates: Callable | None = None
    # None: the default profile.
    profile: str | None = None
    length: str = "short"
    # Which of a Go module's tests; all when empty.
    only: str = ""
    # What stands between the suite and the broker, if anything.
    front: Callable = contextlib.nullcontext

    @property
    def title(self):
        return self.name


@dataclass
class Tests:
    passed: int = 0
    skipped: int = 0
    failures: list = field(default_factory=list)


def run(suite, command, folder, results_file, broker, open_broker):
    """Runs a prepared suite to its end, and says what became of its tests."""
    with suite.front(broker) as asked:
        return _run(suite, command, folder, results_file, asked, open_broker)


def _run(suite, command, folder, results_file, broker, open_broker):
    engine = DockerEngine(open_broker)
    port = str(broker.port)
    environment = {
        **os.environ,
        "AMQP_URL": f"{broker.url}/",
        "DOCKER_HOST": engine.docker_host,
        "RABBITMQ_HOST": "127.0.0.1",
        "RABBITMQ_5672_TCP": port,
        "RABBITMQ_5671_TCP": str(broker.tls_port or NOBODYS_PORT),
        "PYTHONPATH": str(HERE / "suites"),
    }
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=results_file.with_suffix(".log").open("w"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        process.wait(SUITE_SECONDS)
    except subprocess.TimeoutExpired:
        return Tests(failures=[f"still running after {SUITE_SECONDS} s; see {results_file.with_suffix('.log')}"])
    finally:
        _end(process)
        engine.close()
    tests = suite.results(results_file)
    if process.returncode != 0 and not tests.failures:
        tests.failures.append(f"exit status {process.returncode}; see {results_file.with_suffix('.log')}")
    return tests


def _end(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def _go_command(suite, results_file):
    require("go")
    module = f"github.com/rabbitmq/amqp091-go@v{suite.version}"
    found = json.loads(output_of("go", "mod", "download", "-json", module, folder=HERE / "go"))
    # go test reads a module where it is, and the module cache is read-only, which suits the tests.
    command = ["go", "test", "-tags", "integration", "-count", "1", "-timeout", f"{SUITE_SECONDS}s"]
    command += ["-run", suite.only, "-skip", "|".join(suite.left_out), "-json", "."]
    return ["sh", "-c", f'exec "$@" >{results_file}', "sh", *command], found["Dir"]


def _go_results(file):
    tests, output = Tests(), {}
    for line in file.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        name = event.get("Test")
        if event["Action"] == "output":
            output.setdefault(name, []).append(event["Output"].rstrip())
        elif name and event["Action"] == "pass":
            tests.passed += 1
        elif name and event["Action"] == "skip":
            tests.skipped += 1
        elif name and event["Action"] == "fail":
            tests.failures.append(f"{name}: {' / '.join(output.get(name, [])[-4:])}")
    return tests


def _pytest_command(tests, *more):
    """Runs pytest over these files of the library's source distribution."""

    def command(suite, results_file):
        folder = unpacked_source(suite.name, suite.version)
        words = [*test_python(), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb", "short", *more, *tests]
        words += ["--timeout", str(TEST_SECONDS), "--junitxml", results_file]
        if suite.left_out:
            words += ["-k", f"not ({' or '.join(suite.left_out)})"]
        return words, folder

    return command


def _pytest_results(file):
    tests = Tests()
    if not file.exists():
        return tests
    for case in xml.parse(file).iter("testcase"):
        wrong = [case.find(tag) for tag in ("failure", "error") if case.find(tag) is not None]
        if wrong:
            tests.failures.append(f"{case.get('classname')}.{case.get('name')}: {wrong[0].get('message')}"[:300])
        elif case.find("skipped") is not None:
            tests.skipped += 1
        else:
            tests.passed += 1
    return tests


def _made_for_py_amqp(folder, simbroker):
    """Its source distribution lacks the certificates that its tests name."""
    here, made = Path(folder) / "t" / "certs", Path(folder) / "made"
    output_of(simbroker, "certificates", made, "--host", "127.0.0.1", "--host", "localhost")
    here.mkdir(exist_ok=True)
    for theirs, ours in (
        ("ca_certificate.pem", "ca.pem"),
        ("client_certificate.pem", "client.pem"),
        ("client_key.pem", "client.key"),
        ("client_certificate_broken.pem", "unknown_ca_client.pem"),
        ("client_key_broken.pem", "unknown_ca_client.key"),
    ):
        shutil.copy(made / ours, here / theirs)
    return Certificates(made / "server.pem", made / "server.key", made / "ca.pem")


def _of_aiormq(folder, _simbroker):
    certs = Path(folder) / "tests" / "certs"
    return Certificates(certs / "server.pem", certs / "server.key", certs / "ca.pem")


def _any(folder, simbroker):
    """The tests look at none."""
    made = Path(folder) / "made"
    output_of(simbroker, "certificates", made)
    return Certificates(made / "server.pem", made / "server.key", made / "ca.pem")


SUITES = [
    # The slowest first: the others run beside it.
    Suite(
        "amqp091-go-recovery",
        "1.16.0",
        _go_command,
        _go_results,
        length="long",  # two minutes, most of them the suite's own sleeping
        only="^TestConnectionRecovery",
        front=lambda broker: contextlib.closing(Management(broker)),
    ),
    Suite(
        "amqp091-go",
        "1.16.0",
        _go_command,
        _go_results,
        left_out={"^TestConnectionRecovery": "told by amqp091-go-recovery"},
    ),
    Suite(
        "amqp",
        "5.4.2",
        _pytest_command(["t/integration"]),
        _pytest_results,
        left_out={"default_certs": "asks badssl.com"},
        tls={"tls": NO_TLS, "ssl": NO_TLS},
        certificates=_made_for_py_amqp,
    ),
    Suite("kombu", "5.7.0", _pytest_command(["t/integration/test_py_amqp.py"]), _pytest_results),
    Suite(
        "aiormq",
        "7.2.4",
        _pytest_command(["tests"], "-p", "aiormq_broker"),
        _pytest_results,
        left_out={
            "test_connection_close_during_publish_drain": "fails on RabbitMQ as well",
            "(test_closing_waiter_cancellation and connection-True)": CLOSE_RACE,
        },
        tls={"amqps": NO_TLS, "ssl": NO_TLS},
        certificates=_of_aiormq,
        profile=BIG_BODIES,
        length="long",
    ),
    Suite(
        "aio-pika",
        "10.2.1",
        _pytest_command(["tests"], "-p", "no:asyncio"),
        _pytest_results,
        left_out={
            "test_create_channels_during_reconnect": CLOSE_RACE,
            "test_pool": "asks no broker",
            "memory_leak": "watches Python's memory, asks no broker",
        },
        tls={"amqps": NO_TLS},
        certificates=_any,
        profile=BIG_BODIES,
        length="long",
    ),
]
