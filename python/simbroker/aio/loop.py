"""An asyncio event loop whose clock is the simulation's: to wait costs nothing, for time moves on to what comes next."""

from __future__ import annotations

import asyncio
import gc
import itertools
import math
import selectors
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from typing import Any

from simbroker.aio.sockets import Network, Socket
from simbroker.aio.surroundings import Surroundings
from simbroker.errors import DeadlockError, Error

_NANOSECONDS = 1_000_000_000
# Turns of the loop without time moving on, until we say that it never will.
_MOST_TURNS_AT_AN_INSTANT = 1_000_000
# The garbage collector runs at turns that are the same in every run, not when memory says so: what dies then may act.
_TURNS_BETWEEN_COLLECTIONS = 50_000


class _Keys(Mapping[Any, selectors.SelectorKey]):
    """By number or by whatever has a fileno(), as selectors want it."""

    def __init__(self, by_fileno: dict[int, selectors.SelectorKey]) -> None:
        self._by_fileno = by_fileno

    def __getitem__(self, fileobj: Any) -> selectors.SelectorKey:
        return self._by_fileno[_fileno(fileobj)]

    def __iter__(self) -> Iterator[int]:
        return iter(self._by_fileno)

    def __len__(self) -> int:
        return len(self._by_fileno)


class Selector(selectors.BaseSelector):
    """Waits by letting the simulation go on: until a socket has news, or to the loop's next timer."""

    def __init__(self, network: Network, last_instant: int) -> None:
        self._network = network
        self._last_instant = last_instant
        self._keys: dict[int, selectors.SelectorKey] = {}
        self._map = _Keys(self._keys)
        self._writers: dict[int, Socket] = {}
        self._turns = itertools.count(1)
        self._idle = (0, 0)  # an instant, and how many turns it has lasted

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        fileno = _fileno(fileobj)
        if fileno in self._keys:
            raise KeyError(f"{fileobj!r} is already registered")
        return self._set(fileobj, fileno, events, data)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._set(self._map[fileobj].fileobj, _fileno(fileobj), events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        fileno = _fileno(fileobj)
        self._writers.pop(fileno, None)
        return self._keys.pop(fileno)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._map

    def _set(self, fileobj: Any, fileno: int, events: int, data: Any) -> selectors.SelectorKey:
        if fileno not in self._network.by_fileno:
            raise Error(
                f"{fileobj!r} is no socket of this simulation, and its loop can wait for no other: time does not pass "
                "out there; expected TCP connections to the simulated broker only"
            )
        key = self._keys[fileno] = selectors.SelectorKey(fileobj, fileno, events, data)
        if events & selectors.EVENT_WRITE:
            self._writers[fileno] = self._network.by_fileno[fileno]
        else:
            self._writers.pop(fileno, None)
        return key

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        network = self._network
        self._count_turn(network.now)
        if timeout is not None and timeout <= 0:
            network.run_what_is_due()
            return self._ready()
        limit = None if timeout is None else network.now + max(1, math.ceil(timeout * _NANOSECONDS))
        while not (ready := self._ready()):
            if network.now > self._last_instant:
                raise DeadlockError(
                    f"{network.now / _NANOSECONDS:g} s of broker time have passed, which is more than time_limit allows, "
                    f"and the program has not come to its end{_what_tasks_wait_for()}"
                )
            if limit is not None and network.now >= limit:
                break
            network.run(limit)
            if limit is None and network.next_event is None and not (ready := self._ready()):
                raise DeadlockError(
                    "nothing is left that could happen: no timer of the program, no octets on their way, no deadline of "
                    f"the broker{_what_tasks_wait_for()}"
                )
        return ready

    def _ready(self) -> list[tuple[selectors.SelectorKey, int]]:
        if not self._network.readable and not self._writers:
            return []
        ready: dict[int, int] = {}
        for fileno in self._network.readable:
            if (key := self._keys.get(fileno)) is not None and key.events & selectors.EVENT_READ:
                ready[fileno] = selectors.EVENT_READ
        for fileno, opened in self._writers.items():
            if opened.is_writable:
                ready[fileno] = ready.get(fileno, 0) | selectors.EVENT_WRITE
        return [(self._keys[fileno], events) for fileno, events in ready.items()]

    def _count_turn(self, now: int) -> None:
        if next(self._turns) % _TURNS_BETWEEN_COLLECTIONS == 0:
            gc.collect()
        since, turns = self._idle
        self._idle = (now, turns + 1 if since == now else 0)
        if self._idle[1] > _MOST_TURNS_AT_AN_INSTANT:
            self._idle = (now, 0)  # what cleans up may take its turns
            raise DeadlockError(
                f"the program has been busy for {_MOST_TURNS_AT_AN_INSTANT} turns of its loop without waiting for "
                f"anything that takes time, at {now / _NANOSECONDS:g} s{_what_tasks_wait_for()}"
            )


class EventLoop(asyncio.SelectorEventLoop):
    """The loop of one simulation. Its time() is broker time; TCP connections lead to the simulated broker."""

    def __init__(self, network: Network, surroundings: Surroundings, last_instant: int) -> None:
        self._network = network
        self._surroundings = surroundings
        self._numbers = itertools.count(1)
        super().__init__(Selector(network, last_instant))
        # What a float still tells apart after years: a finer one, and a timer that is due would never be.
        self._clock_resolution = 1e-6
        self.set_task_factory(self._make_task)

    def time(self) -> float:
        return self._network.now / _NANOSECONDS

    def run_forever(self) -> None:
        with self._surroundings:
            super().run_forever()

    # Names lead to the broker; what asyncio would do in another thread is done here and now.

    async def getaddrinfo(
        self, host: Any, port: Any, *, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host or ""
        address = self._network.address_of(name)
        found = socket.AF_INET6 if ":" in address else socket.AF_INET
        if family not in (0, found):
            raise socket.gaierror(socket.EAI_NONAME, f"{name!r} has no address of family {family} in this simulation")
        if not str(port or 0).isdigit():
            raise socket.gaierror(socket.EAI_SERVICE, f"{port!r} is no port number")
        place = (address, int(port or 0))
        return [(found, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", place if found == socket.AF_INET else (*place, 0, 0))]

    def run_in_executor(self, executor: Executor | None, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        result = self.create_future()
        try:
            result.set_result(func(*args) if executor is None else executor.submit(func, *args).result())
        except StopIteration as error:
            result.set_exception(RuntimeError(f"{func!r} raised {error!r}"))
        except Exception as error:
            result.set_exception(error)
        return result

    def call_soon_threadsafe(self, callback: Callable[..., Any], *args: Any, context: Any = None) -> asyncio.Handle:
        if self._surroundings.thread not in (None, threading.get_ident()):
            raise Error(f"{callback!r} from another thread: a simulation has one, or no run would be like the last")
        return self.call_soon(callback, *args, context=context)

    def add_signal_handler(self, sig: int, callback: Callable[..., Any], *args: Any) -> None:
        raise NotImplementedError("no signals in virtual time")

    # Sets of tasks and futures, of which asyncio and its users have many, are ordered by hash; by default that is an
    # address, different in every run.

    def create_future(self) -> asyncio.Future[Any]:
        return _Future(next(self._numbers), loop=self)

    def _make_task(self, loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
        return _Task(next(self._numbers), coro, loop=loop, **options)

    # No pipe to wake it up: nobody sleeps.

    def _make_self_pipe(self) -> None: ...

    def _close_self_pipe(self) -> None: ...

    def _write_to_self(self) -> None: ...


class _Future(asyncio.Future):  # type: ignore[type-arg]
    def __init__(self, number: int, **options: Any) -> None:
        self._number = number
        super().__init__(**options)

    def __hash__(self) -> int:
        return self._number


class _Task(asyncio.Task):  # type: ignore[type-arg]
    def __init__(self, number: int, coro: Any, **options: Any) -> None:
        self._number = number
        super().__init__(coro, **options)

    def __hash__(self) -> int:
        return self._number


def _fileno(fileobj: Any) -> int:
    return fileobj if isinstance(fileobj, int) else fileobj.fileno()


def _what_tasks_wait_for() -> str:
    """A line for each task: its name, and where it stands."""
    lines = []
    for task in sorted(asyncio.all_tasks(), key=hash):
        stack = task.get_stack()
        where = f"{stack[-1].f_code.co_filename}:{stack[-1].f_lineno}" if stack else "its end"
        lines.append(f"\n  {task.get_name()} ({getattr(task.get_coro(), '__qualname__', '?')}) waits at {where}")
    return "".join(lines) or "; there are no tasks"
