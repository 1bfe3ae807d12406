"""The simulation: a broker, the network to it and an event loop for its clients, all in one thread and in virtual time."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any, TypeVar, Union

from simbroker import _core
from simbroker.aio.loop import EventLoop
from simbroker.aio.sockets import Network
from simbroker.aio.surroundings import Surroundings
from simbroker.configuration import check_range, check_seed, configuration, url_of, users_of, vhosts_of
from simbroker.errors import ClosedError, ConfigurationError, DeadlockError
from simbroker.faults import Faults
from simbroker.operator import Operator

T = TypeVar("T")
Time = Union[float, timedelta]  # a number is seconds


def run(main: Coroutine[Any, Any, T] | Callable[[Simulation], Coroutine[Any, Any, T]], **options: Any) -> T:
    """What asyncio.run() does, in a simulation of its own: run(main(), seed=1), with any argument of Simulation.

    Given a function instead of a coroutine, it is called with the Simulation: run(main, latency=0.02).
    """
    with Simulation(**options) as simulation:
        return simulation.run(main if inspect.iscoroutine(main) else main(simulation))  # type: ignore[operator]


def current() -> Simulation:
    """The simulation that runs the coroutine at hand."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, SimulationLoop):
        raise ClosedError(f"no simulation runs here, but {loop!r}; expected to be called in simbroker.aio.run()")
    return loop.simulation


class SimulationLoop(EventLoop):
    """An EventLoop that knows whose it is."""

    simulation: Simulation


class Simulation:
    """Whole-system virtual time: `with Simulation(seed=1) as simulation: simulation.run(main(simulation.url))`.

    Clients that live on asyncio (aio-pika, aiormq, pika's AsyncioConnection) run as they are. Every host name and address
    leads to the broker, on one port; the same arguments and the same program give the same octets at the same instants.

    seed      decides everything random: the broker's names, jitter, and what the program draws of random, uuid4 and the like.
    latency   from sending to arriving, one way, in seconds or as a timedelta; jitter is up to so much more, drawn anew each time.
    bandwidth octets a second in each direction; None: no limit.
    port      the broker's; connections to any other are refused.
    trace     a file to record the run in, for replay() or `simbroker trace show`.
    time_limit   so much broker time, and a program that has not come to its end gets a DeadlockError: where there are
              heartbeats there is always something left to happen.
    The others are those of Broker.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        profile: str = "rabbitmq-4.3",
        latency: Time = 0.001,
        jitter: Time = 0,
        bandwidth: int | None = None,
        port: int = 5672,
        trace: str | os.PathLike[str] | None = None,
        users: Mapping[str, str] | None = None,
        vhosts: Sequence[str] = ("/",),
        plugins: Sequence[str] | None = None,
        auth_mechanisms: Sequence[str] | None = None,
        observe_messages: bool = False,
        config: Mapping[str, object] | None = None,
        time_limit: Time = timedelta(days=366),
    ) -> None:
        self.seed = seed
        self.profile = profile
        self.trace = None if trace is None else os.fspath(trace)
        check_seed(seed)
        check_range("port", port, 65535)
        if bandwidth is not None and bandwidth < 1:
            raise ConfigurationError(f"bandwidth is {bandwidth!r}; expected octets a second, or None for no limit")
        users, vhosts = users_of(users), vhosts_of(vhosts)
        self._server = _core.SimulatedServer(
            config=configuration(
                profile=profile,
                users=users,
                vhosts=vhosts,
                plugins=plugins,
                auth_mechanisms=auth_mechanisms,
                certificate_login="distinguished_name",
                observe_messages=observe_messages,
                config=config,
            ),
            seed=seed,
            trace=self.trace,
            latency=_nanoseconds("latency", latency),
            jitter=_nanoseconds("jitter", jitter),
            octets_per_second=bandwidth or 0,
            port=port,
        )
        network = Network(self._server)
        self.loop = SimulationLoop(network, Surroundings(network, seed), _nanoseconds("time_limit", time_limit))
        self.loop.simulation = self
        self.broker = SimulatedBroker(network, self.loop, users, vhosts)
        self._closed = False

    @property
    def url(self) -> str:
        """For clients that take one, as the first user on the first vhost; broker.url_for() has the others."""
        return self.broker.url_for()

    @property
    def now(self) -> timedelta:
        """Broker time since the beginning; loop.time() is the same in seconds."""
        return self.broker.now

    @property
    def trace_hash(self) -> int:
        """One number for the whole trace up to now, inputs with their instants and outputs: equal runs have equal ones."""
        return self._server.trace_hash

    @property
    def closed(self) -> bool:
        return self._closed

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine to its end. Tasks it leaves behind stand still until the next run(), or end with close()."""
        if self._closed:
            main.close()
            raise ClosedError("the simulation is closed: its time is over")
        return self.loop.run_until_complete(main)

    def close(self) -> None:
        """Cancels what still runs, closes the loop, and finishes the trace. Harmless when closed already."""
        if self._closed:
            return
        self._closed = True
        try:
            self._cancel_all()
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        finally:
            self.loop.close()
            self._server.finish()

    def _cancel_all(self) -> None:
        tasks = sorted(asyncio.all_tasks(self.loop), key=hash)
        for task in tasks:
            task.cancel()
        try:
            if tasks:
                self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        except DeadlockError:
            return  # a task that does not let itself be cancelled; run() has told of it, if it mattered
        for task in tasks:
            if not task.cancelled() and task.exception() is not None:
                self.loop.call_exception_handler(
                    {"message": "in a task that was cancelled at the end", "exception": task.exception(), "task": task}
                )

    def __enter__(self) -> Simulation:
        asyncio.set_event_loop(self.loop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.close()
        finally:
            asyncio.set_event_loop(None)

    def events(self, kind: str | None = None, *, since: int = 0) -> list[_core.Event]:
        return self.broker.events(kind, since=since)

    def __repr__(self) -> str:
        state = "closed" if self._closed else f"now={self.now}"
        return f"<simbroker.aio.Simulation {self.url} profile={self.profile} seed={self.seed} {state}>"


class SimulatedBroker(Operator):
    """The broker of a Simulation: what operators and networks do to it, at this instant of virtual time."""

    def __init__(
        self,
        network: Network,
        loop: EventLoop,
        users: Mapping[str, str],
        vhosts: Sequence[str],
    ) -> None:
        self._network = network
        self._loop = loop
        self.users = dict(users)
        self.vhosts = list(vhosts)
        self.host = "broker"

    @property
    def port(self) -> int:
        """Where it listens; a fault may move it."""
        return self._network.port

    @property
    def _server(self) -> _core.SimulatedServer:  # type: ignore[override]
        return self._network.server

    @property
    def url(self) -> str:
        return self.url_for()

    def url_for(self, vhost: str | None = None, user: str | None = None) -> str:
        """The URL of any vhost, as any user."""
        return url_of(self.users, self.vhosts, user, vhost, self.host, self.port)

    @property
    def now(self) -> timedelta:
        return timedelta(microseconds=self._server.now / 1000)

    @property
    def next_deadline(self) -> timedelta | None:
        """When the broker does something next by itself: a TTL, a heartbeat."""
        due = self._server.next_deadline
        return None if due is None else timedelta(microseconds=due / 1000)

    def events(self, kind: str | None = None, *, since: int = 0) -> list[_core.Event]:
        """What happened inside, oldest first: all, or of one kind, or from sequence number `since` on."""
        if kind is not None and kind not in _core.event_kinds():
            raise ConfigurationError(f"no event is of kind {kind!r}; expected one of {', '.join(_core.event_kinds())}")
        return [event for event in self._server.events(since) if kind in (None, event.kind)]

    def drop_connection(self, connection: int) -> None:
        """Resets the transport under one client without a word, as a failing network would."""
        self._server.drop(self._open(connection))

    def stall(self, connection: int, direction: str = "to_client", *, for_: Time | None = None) -> None:
        """From now on nothing gets through in one direction, "to_client" or "to_broker", until resume() or so long."""
        self._server.stall(self._open(connection), direction)
        self._later(for_, lambda: self.resume(connection, direction))

    def resume(self, connection: int, direction: str = "to_client") -> None:
        """What was held back by stall() is on its way now."""
        self._server.resume(connection, direction)

    def set_alarm(self, resource: str, raised: bool = True) -> None:
        """Raises or clears the "memory" or the "disk" alarm: while one is up, publishers are blocked."""
        self._server.set_alarm(resource, raised)

    def crash(self, *, for_: Time | None = None) -> None:
        """The power goes: connections are reset, none is taken until start(), or for so long. What is durable stays."""
        self._server.crash()
        self._later(for_, self.start)

    def shut_down(self, *, for_: Time | None = None) -> None:
        """An orderly stop: clients are told 320, and no connection is taken until start(), or for so long."""
        self._server.shut_down()
        self._later(for_, self.start)

    def restart(self, *, for_: Time = 1.0) -> None:
        """shut_down(), and start() so much later."""
        self.shut_down(for_=for_)

    def start(self) -> None:
        """Up again after crash() or shut_down(); nothing happens if it is up."""
        self._server.start()

    @property
    def faults(self) -> Faults:
        """What goes wrong between the broker and its clients, on purpose."""
        return Faults(lambda: self._server)

    def _later(self, after: Time | None, what: Callable[[], None]) -> None:
        if after is not None:
            self._loop.call_later(_nanoseconds("for_", after) / 1e9, what)


def _nanoseconds(name: str, time: Time) -> int:
    seconds = time.total_seconds() if isinstance(time, timedelta) else time
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not 0 <= seconds < 1e9:
        raise ConfigurationError(f"{name} is {time!r}; expected a timedelta or seconds, from 0 to 1e9")
    return round(seconds * 1e9)
