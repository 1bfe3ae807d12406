"""The pytest plugin: a broker for each test that asks for one, and what is needed to see a failure again.

    def test_the_order_expires(simbroker):
        connection = pika.BlockingConnection(pika.URLParameters(simbroker.url))
        ...
        simbroker.advance(minutes=30)

    @pytest.mark.simbroker(profile="rabbitmq-3.10", observe_messages=True)     # any argument of Broker
    def test_on_an_older_broker(simbroker): ...

    def test_two(simbroker_factory):
        here, there = simbroker_factory(), simbroker_factory(clock="wall")

    async def test_three(simbroker_aio):                   # runs in virtual time: see simbroker.aio
        connection = await aio_pika.connect_robust(simbroker_aio.url)
        await asyncio.sleep(86400)

    @simbroker.scenarios("basic.*", against=MyClient)      # one test for each conformance scenario: simbroker.scenarios
    def test_my_client(scenario):
        scenario.run().check()

    @pytest.mark.simbroker_aio(latency=0.02, seed=7)       # any argument of simbroker.aio.Simulation
    async def test_on_a_slow_network(simbroker_aio): ...

A failed test shows the last events inside its brokers, and the commands that run it again and replay what was recorded.
"""

from __future__ import annotations

import inspect
import os
import re
import secrets
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Union

import pytest

from simbroker.aio import Simulation
from simbroker.broker import Broker
from simbroker.errors import ClosedError
from simbroker.tls import Certificates, certificates

_LAST_EVENTS = 30
_LONGEST_NAME = 200
_DEFAULTS = {"--simbroker-clock": "manual", "--simbroker-profile": "rabbitmq-4.3", "--simbroker-seed": "0"}
_Recorded = Union[Broker, Simulation]
_brokers_key = pytest.StashKey[list[_Recorded]]()
_seed_key = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("simbroker", "the simulated AMQP broker")
    for option, metavar, meaning in (
        ("--simbroker-clock", "CLOCK", "manual, wall or xN"),
        ("--simbroker-profile", "NAME", "which broker to be"),
        ("--simbroker-seed", "N", "decides everything random: a number, or `random`"),
    ):
        default = _DEFAULTS[option]
        group.addoption(option, default=default, metavar=metavar, help=f"{meaning} (default: {default})")
    group.addoption(
        "--simbroker-trace-dir", metavar="DIR", help="record the runs there (default: each test's tmp_path)"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "simbroker(clock=..., profile=..., seed=..., ...): the arguments of simbroker.Broker for this test"
    )
    config.addinivalue_line(
        "markers", "simbroker_aio(latency=..., seed=..., ...): the arguments of simbroker.aio.Simulation for this test"
    )
    config.stash[_seed_key] = _seed(config.getoption("--simbroker-seed"))


def _seed(text: str) -> int:
    if text == "random":
        return secrets.randbits(32)
    if re.fullmatch("[0-9]+", text) and int(text) < 2**64:
        return int(text)
    raise pytest.UsageError(f"--simbroker-seed is {text!r}; expected `random` or a number from 0 to {2**64 - 1}")


def pytest_report_header(config: pytest.Config) -> str:
    clock, profile = config.getoption("--simbroker-clock"), config.getoption("--simbroker-profile")
    return f"simbroker: seed {config.stash[_seed_key]}, clock {clock}, profile {profile}"


@pytest.fixture(scope="session")
def simbroker_certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A throw-away authority with certificates for a server on this machine and a client called guest, and bad ones."""
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def simbroker(simbroker_factory: Callable[..., Broker]) -> Broker:
    """An AMQP broker of this test's own on a free port, with a manual clock unless told otherwise."""
    return simbroker_factory()


@pytest.fixture
def simbroker_factory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Broker]]:
    """Makes brokers: simbroker_factory(clock="wall", ...) takes what Broker takes. They are closed after the test."""
    brokers: list[Broker] = []
    arguments = {"clock": request.config.getoption("--simbroker-clock"), **_arguments(request, "simbroker")}

    def make(**more: Any) -> Broker:
        brokers.append(Broker(**{"trace": _trace(request, tmp_path), **arguments, **more}))
        _recorded(request.node).append(brokers[-1])
        return brokers[-1]

    yield make
    for broker in brokers:
        broker.close()


@pytest.fixture
def simbroker_aio(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Simulation]:
    """A broker, a network and an event loop in virtual time. An `async def` test that asks for it runs in that loop."""
    arguments = {"trace": _trace(request, tmp_path), **_arguments(request, "simbroker_aio")}
    with Simulation(**arguments) as simulation:
        _recorded(request.node).append(simulation)
        yield simulation


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    simulation = getattr(pyfuncitem, "funcargs", {}).get("simbroker_aio")
    if simulation is None or not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    simulation.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


def _recorded(item: pytest.Item) -> list[_Recorded]:
    """The brokers of a test, of either kind."""
    if _brokers_key not in item.stash:
        item.stash[_brokers_key] = []
    return item.stash[_brokers_key]


def _arguments(request: pytest.FixtureRequest, name: str) -> dict[str, Any]:
    """Those of the command line, and those of the markers of this name."""
    config = request.config
    arguments: dict[str, Any] = {
        "profile": config.getoption("--simbroker-profile"),
        "seed": config.stash[_seed_key],
    }
    for marker in reversed(list(request.node.iter_markers(name))):  # the closest one last
        if marker.args:
            raise pytest.UsageError(f"{request.node.nodeid}: the {name} marker takes names, as in {name}(seed=7)")
        arguments |= marker.kwargs
    return arguments


def _trace(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where the test's next broker records what it does."""
    name = re.sub(r"[^\w.-]+", "_", request.node.nodeid)[-_LONGEST_NAME:]
    return _trace_directory(request, tmp_path) / f"{name}.{len(_recorded(request.node))}.trace"


def _trace_directory(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    chosen = request.config.getoption("--simbroker-trace-dir")
    directory = Path(chosen) if chosen else tmp_path
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen = getattr(metafunc.function, "__simbroker_scenarios__", None)
    if chosen is None:
        return
    if "scenario" not in metafunc.fixturenames:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: a test of scenarios has an argument `scenario`")
    metafunc.parametrize("scenario", list(chosen), ids=[scenario.id for scenario in chosen])


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    outcome = yield
    report = outcome.get_result()
    if not report.failed:
        return
    for broker in item.stash.get(_brokers_key, []):
        report.sections.append(("simbroker", _story(broker, item)))
        if broker.trace is not None and call.when == "call":  # for reports of other kinds, such as JUnit's
            item.user_properties.append(("simbroker_trace", os.path.abspath(broker.trace)))


def _story(broker: _Recorded, item: pytest.Item) -> str:
    lines = [repr(broker)]
    try:
        events = broker.events()
    except ClosedError:
        events = []
    if len(events) > _LAST_EVENTS:
        lines.append(f"... {len(events) - _LAST_EVENTS} events before")
    lines += map(repr, events[-_LAST_EVENTS:])
    lines.append(f"the same again:      {_command(broker, item)}")
    if broker.trace is not None:
        file = _quoted(os.path.abspath(broker.trace))
        lines.append(f"what the broker did: python -m simbroker replay {file}")
        lines.append(f"to look at it:       python -m simbroker trace show {file}")
    return "\n".join(lines)


def _command(broker: _Recorded, item: pytest.Item) -> str:
    words = ["pytest", "--simbroker-seed", str(broker.seed)]
    for option in ("--simbroker-clock", "--simbroker-profile"):
        if item.config.getoption(option) != _DEFAULTS[option]:
            words += [option, item.config.getoption(option)]
    return " ".join(map(_quoted, [*words, item.nodeid]))


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"[\w./:-]+", text) else "'" + text.replace("'", "'\\''") + "'"
