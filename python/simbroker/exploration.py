"""Exploring by seed: random clients under random faults, invariants checked throughout.

    outcomes = simbroker.explore(range(1, 201), workload={"clients": 12})
    assert not [outcome for outcome in outcomes if outcome.finding]

A seed's outcome depends on nothing but the seed and the workload, so it does not matter who runs it: give any
`concurrent.futures.Executor`, of processes or of a Dask cluster, to have the seeds run there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simbroker import _core

_SEEDS_AT_A_TIME = 8  # for an executor: enough to be worth the way there


@dataclass(frozen=True)
class Finding:
    """An invariant that did not hold."""

    invariant: str
    clause: str
    at: float  # seconds of broker time
    text: str


@dataclass(frozen=True)
class Outcome:
    """What a run came to. `hash` is one number, in hex, for all octets the broker sent: equal runs have equal hashes."""

    seed: int
    hash: str
    client_seconds: float
    published: int
    confirmed: int
    delivered: int
    mishaps: int
    finding: Finding | None


def _outcome(text: str) -> Outcome:
    fields = json.loads(text)
    finding = fields.pop("finding")
    return Outcome(**fields, finding=Finding(**finding) if finding else None)


def _text(workload: Mapping[str, Any] | str | os.PathLike[str] | None) -> str:
    if workload is None:
        return ""
    if isinstance(workload, Mapping):
        return json.dumps(dict(workload))
    return Path(workload).read_text(encoding="utf-8")


def _explore_some(seeds: list[int], workload: str) -> list[str]:
    return [_core.explore_seed(seed, workload) for seed in seeds]


def explore(
    seeds: Iterable[int],
    *,
    workload: Mapping[str, Any] | str | os.PathLike[str] | None = None,
    executor: Executor | None = None,
) -> list[Outcome]:
    """Runs every seed and gives the outcomes in the order of the seeds, whoever ran them and in which order.

    `workload` is a file (simbroker/explore/workload.example.yaml shows one) or the same as a dict. Without an executor
    the seeds run here, one after the other. ConfigurationError if the workload is none.
    """
    wanted = list(seeds)
    text = _text(workload)
    if executor is None:
        return [_outcome(outcome) for outcome in _explore_some(wanted, text)]
    parts = [wanted[at : at + _SEEDS_AT_A_TIME] for at in range(0, len(wanted), _SEEDS_AT_A_TIME)]
    futures = [executor.submit(_explore_some, part, text) for part in parts]
    return [_outcome(outcome) for future in futures for outcome in future.result()]


def run_plan(plan: Mapping[str, Any] | str) -> Outcome:
    """Runs one plan: the JSON that shrink() or draw_plan() made, perhaps changed by hand."""
    return _outcome(_core.run_plan(plan if isinstance(plan, str) else json.dumps(dict(plan))))


def draw_plan(
    seed: int, *, workload: Mapping[str, Any] | str | os.PathLike[str] | None = None
) -> dict[str, Any]:
    """What explore() does with this seed: queues, clients with their steps, mishaps."""
    return json.loads(_core.draw_plan(seed, _text(workload)))


def shrink(
    seed: int,
    directory: str | os.PathLike[str] = ".",
    *,
    workload: Mapping[str, Any] | str | os.PathLike[str] | None = None,
) -> list[Path]:
    """Makes a failure small and writes a plan, a trace and a pytest; their names. Empty if the seed breaks nothing."""
    return [Path(file) for file in _core.shrink_seed(seed, _text(workload), os.fspath(directory))]
