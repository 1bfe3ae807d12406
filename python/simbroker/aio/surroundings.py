"""What a program meets while a simulation runs it: sockets, clocks and chance of the simulation's own.

Libraries do not only ask the event loop. pika makes its sockets itself, aiormq measures its timeouts by
time.monotonic(), correlation ids and consumer tags come of os.urandom() and the module random. While the loop runs, and in
its thread only, these are the simulation's; afterwards all is as it was.

Not reached are datetime.now(), which does not ask the module time, and the order of sets of objects, which is that of
their addresses; sets of text differ between processes unless PYTHONHASHSEED is set.
"""

from __future__ import annotations

import _weakrefset
import gc
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Any
from unittest import mock

from simbroker.aio.sockets import Network

_NANOSECONDS = 1_000_000_000
_FAMILIES = (-1, socket.AF_INET, socket.AF_INET6)
_TYPES = (-1, socket.SOCK_STREAM)


class Surroundings:
    """A context manager, entered for as long as the loop runs; it may be entered again."""

    def __init__(self, network: Network, seed: int) -> None:
        self._network = network
        self._octets = random.Random(f"simbroker octets {seed}")
        self._random_state = random.Random(f"simbroker random {seed}").getstate()
        self._stack = ExitStack()
        self.thread: int | None = None  # the one that runs

    def __enter__(self) -> Surroundings:
        with ExitStack() as stack:
            self.thread = threading.get_ident()
            stack.callback(self._forget_thread)
            for name, clock in self._clocks().items():
                stack.enter_context(mock.patch.object(time, name, self._here(getattr(time, name), clock)))
            stack.enter_context(mock.patch.object(os, "urandom", self._here(os.urandom, self._octets.randbytes)))
            stack.enter_context(mock.patch.object(random, "_urandom", os.urandom))
            stack.enter_context(mock.patch.object(socket, "socket", _socket_class(self)))
            stack.enter_context(mock.patch.object(_weakrefset, "set", _OrderedSet, create=True))
            self._seed_random(stack)
            self._take_over_garbage(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def network(self) -> Network:
        return self._network

    @property
    def is_here(self) -> bool:
        return threading.get_ident() == self.thread

    def _forget_thread(self) -> None:
        self.thread = None

    def _here(self, real: Callable[..., Any], simulated: Callable[..., Any]) -> Callable[..., Any]:
        def choose(*arguments: Any) -> Any:
            return simulated(*arguments) if threading.get_ident() == self.thread else real(*arguments)

        return choose

    def _clocks(self) -> dict[str, Callable[..., Any]]:
        network = self._network
        epoch = network.server.epoch * _NANOSECONDS
        return {
            "monotonic": lambda: network.now / _NANOSECONDS,
            "monotonic_ns": lambda: network.now,
            "perf_counter": lambda: network.now / _NANOSECONDS,
            "perf_counter_ns": lambda: network.now,
            "time": lambda: (epoch + network.now) / _NANOSECONDS,
            "time_ns": lambda: epoch + network.now,
            # Who blocks the loop is not listening; the broker goes on without him.
            "sleep": lambda seconds: network.run_until(network.now + max(0, round(seconds * _NANOSECONDS))),
        }

    def _seed_random(self, stack: ExitStack) -> None:
        before = random.getstate()
        random.setstate(self._random_state)

        def restore() -> None:
            self._random_state = random.getstate()
            random.setstate(before)

        stack.callback(restore)

    def _take_over_garbage(self, stack: ExitStack) -> None:
        """The loop collects, at turns it counts. What others left behind is none of ours."""
        if gc.isenabled():
            gc.collect()
            gc.disable()
            stack.callback(gc.enable)


def _socket_class(surroundings: Surroundings) -> type[socket.socket]:
    real = socket.socket

    class LikeReal(type):
        def __instancecheck__(cls, instance: Any) -> bool:
            return isinstance(instance, real)

    class SimulatedOrReal(real, metaclass=LikeReal):  # type: ignore[misc, valid-type]
        """TCP sockets are the simulation's; what wraps a descriptor, or is no TCP, is the kernel's."""

        def __new__(cls, family: int = -1, type: int = -1, proto: int = -1, fileno: Any = None) -> Any:
            if surroundings.is_here and fileno is None and family in _FAMILIES and type in _TYPES:
                return surroundings.network.open(socket.AF_INET if family == -1 else family, socket.SOCK_STREAM, max(proto, 0))
            return super().__new__(cls)

    return SimulatedOrReal


class _OrderedSet(set):  # type: ignore[type-arg]
    """A set that remembers in which order its elements came: what WeakSet holds, whose elements hash by address."""

    def __init__(self, elements: Any = ()) -> None:
        super().__init__()
        self._order: dict[Any, None] = {}
        self.update(elements)

    def add(self, element: Any) -> None:
        super().add(element)
        self._order[element] = None

    def update(self, *many: Any) -> None:
        for elements in many:
            for element in elements:
                self.add(element)

    def discard(self, element: Any) -> None:
        super().discard(element)
        self._order.pop(element, None)

    def remove(self, element: Any) -> None:
        super().remove(element)
        self._order.pop(element, None)

    def pop(self) -> Any:
        if not self._order:
            raise KeyError("pop from an empty set")
        element, _ = self._order.popitem()
        super().discard(element)
        return element

    def clear(self) -> None:
        super().clear()
        self._order.clear()

    def difference_update(self, *many: Any) -> None:
        for element in [element for elements in many for element in elements]:
            self.discard(element)

    def intersection_update(self, *many: Any) -> None:
        kept = set(self._order).intersection(*many)
        for element in [element for element in self._order if element not in kept]:
            self.discard(element)

    def symmetric_difference_update(self, other: Any) -> None:
        for element in list(dict.fromkeys(other)):
            (self.discard if element in self else self.add)(element)

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._order))
