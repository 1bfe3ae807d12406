"""What can be done with a recorded trace: run it again, look at it, compare it, give it to Wireshark."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta

from simbroker import _core


@dataclass(frozen=True)
class Replay:
    """What came of it. `hash` is one number for all octets sent: equal runs have equal hashes."""

    inputs: int
    output_octets: int
    hash: int
    difference: str | None  # where the run first was not as recorded
    cut_short: str | None  # where the file ends too early; all up to there was run

    @property
    def identical(self) -> bool:
        return self.difference is None


def replay(trace: str | os.PathLike[str]) -> Replay:
    """Feeds a fresh broker what the trace holds and compares every octet it sends. TraceError if it is no trace."""
    return Replay(*_core.replay(os.fspath(trace)))


def show(
    trace: str | os.PathLike[str],
    *,
    connection: int | None = None,
    start: timedelta = timedelta(),
    end: timedelta | None = None,
    heartbeats: bool = False,
) -> str:
    """Frames, events and operations on one time line, with a lane for each connection, as text."""
    return _core.show_trace(os.fspath(trace), connection, _nanoseconds(start), _nanoseconds(end), heartbeats)


@dataclass(frozen=True)
class Difference:
    """Of two traces: whether there is none, and the first with what led to it, in words."""

    same: bool
    text: str


def diff(
    first: str | os.PathLike[str], second: str | os.PathLike[str], *, ignore_times: bool = False
) -> Difference:
    """Where clients came from and in which pieces octets arrived is no difference; instants are, unless ignored."""
    return Difference(*_core.diff_traces(os.fspath(first), os.fspath(second), ignore_times))


@dataclass(frozen=True)
class Capture:
    packets: int
    connections: int


def export_pcapng(trace: str | os.PathLike[str], to: str | os.PathLike[str]) -> Capture:
    """Writes a capture that Wireshark reads as AMQP, on a network made up for it."""
    return Capture(*_core.export_pcapng(os.fspath(trace), os.fspath(to)))


def _nanoseconds(time: timedelta | None) -> int | None:
    return None if time is None else time // timedelta(microseconds=1) * 1000
