"""Running a recorded trace again."""

from __future__ import annotations

import os
from dataclasses import dataclass

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
