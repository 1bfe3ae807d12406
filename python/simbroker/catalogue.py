"""Conformance scenarios as objects: found in the catalogue, in files of your own or written in code; run; judged.

    @simbroker.scenarios("basic.*", against=MyClient)          # in pytest: one test an item
    def test_my_client(scenario):
        scenario.run().check()

    for scenario in simbroker.scenarios("queue.*"):            # or one after the other
        print(scenario.id, scenario.run("amqp://localhost:5672").verdict)

    lost = simbroker.Scenario.write(                           # written with the same verbs as the files
        "orders.get-after-close", under_test="client", level="ROBUST", notes="ticket 4711",
        steps=[verbs.ask({"connect": {}}), verbs.ask({"close": {}}), verbs.ask({"connect": {}})],
    )

scenarios/README.md describes scenarios, their verbs and their verdicts.
"""

from __future__ import annotations

import itertools
import json
import os
import secrets
import unittest
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar, Union

from simbroker import _core
from simbroker.errors import ConfigurationError, ScenarioFailed
from simbroker.shim import Shim

# Who answers: "simulated" (the broker in this process, in virtual time), the URL of a broker, the class of a client's
# shim, or the command of a shim.
Target = Union[str, type[Shim], Sequence[str]]
_Test = TypeVar("_Test", bound=Callable[..., object])

_AS_EXPECTED = ("pass", "unsupported", "expected failure")
_LEVELS = ("MUST", "SHOULD", "MAY", "EXTENSION", "ROBUST")
_numbers = itertools.count(1)
_this_run = f"simbroker.{secrets.token_hex(4)}"


@dataclass(frozen=True)
class ScenarioResult:
    """What came of a scenario.

    `verdict` is pass, fail, unsupported, inconclusive, expected failure or unexpected pass. Unless it passed, `message`
    says what was expected and what came, `file` and `line` which step decided, `transcript` the last of what was said,
    `shim_errors` what the shim wrote to stderr. `reason` and `link` are those of an expected failure.
    """

    scenario: Scenario = field(repr=False)
    verdict: str
    message: str
    file: str
    line: int
    transcript: list[str] = field(repr=False)
    shim_errors: str = field(repr=False)
    reason: str
    link: str
    seconds: float  # virtual or real

    @property
    def as_expected(self) -> bool:
        """Whether a run may still be called a success: pass, unsupported or expected failure."""
        return self.verdict in _AS_EXPECTED

    def check(self) -> ScenarioResult:
        """Itself if all was as expected. ScenarioFailed, an AssertionError with the whole story, if not.

        What cannot be asked of the peer is a skipped test: unittest.SkipTest, which pytest knows, too.
        """
        if self.verdict == "unsupported":
            raise unittest.SkipTest(f"{self.scenario.id}: {self.message}")
        if not self.as_expected:
            raise ScenarioFailed(str(self))
        return self

    def __str__(self) -> str:
        lines = [f"{self.scenario.id}: {self.verdict}"]
        if self.message:
            lines.append(f"{self.file}:{self.line}: {self.message}")
        if self.scenario.title:
            lines.append(f"about:   {self.scenario.title}")
        if self.scenario.clauses:
            lines.append(f"clauses: {' '.join(self.scenario.clauses)}")
        if self.transcript:
            lines += ["the conversation:", *(f"  {line}" for line in self.transcript)]
        if self.shim_errors:
            lines += ["stderr of the shim:", *(f"  {line}" for line in self.shim_errors.splitlines())]
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
        if test:
            lines.append(f"the same again: pytest '{test}'")
        return "\n".join(lines)


@dataclass(frozen=True)
class _Run:
    """How scenarios are run unless run() is told otherwise."""

    against: Target = "simulated"
    profile: str = "rabbitmq-4.3"
    seed: int = 0
    timeout: float = 5.0
    longest_advance: float = 15.0
    operator: str = ""
    deviations: tuple[_core.Deviation, ...] = ()

    def changed(self, options: Mapping[str, Any]) -> _Run:
        given = {name: value for name, value in options.items() if value is not None}
        if "deviations" in given:
            given["deviations"] = tuple(
                deviation for file in _listed(given["deviations"]) for deviation in _core.load_deviations(os.fspath(file))
            )
        try:
            return replace(self, **given)
        except TypeError:
            known = ", ".join(_Run.__dataclass_fields__)
            unknown = ", ".join(sorted(set(given) - set(_Run.__dataclass_fields__)))
            raise ConfigurationError(f"unknown option {unknown}; expected {known}") from None


class Scenario:
    """A conversation with one peer under test, a broker or a client."""

    def __init__(self, core: _core.Scenario, run: _Run = _Run()) -> None:
        self._core = core
        self._run = run

    @classmethod
    def write(cls, id: str, *, under_test: str, level: str, steps: Iterable[Mapping[str, Any]], **fields: Any) -> Scenario:
        """A scenario written in code. `steps` are made with simbroker.verbs, or as a file would have them; `fields` are
        the others of scenarios/README.md (`clauses`, `notes`, `title`, `requires`, `connection`, `cleanup` ...;
        `parameters` make several: use write_all). ScenarioError says what is wrong with it.
        """
        written = cls.write_all(id, under_test=under_test, level=level, steps=steps, **fields)
        if len(written) != 1:
            raise ConfigurationError(f"{id}: its parameters make {len(written)} scenarios; use write_all")
        return written[0]

    @classmethod
    def write_all(
        cls, id: str, *, under_test: str, level: str, steps: Iterable[Mapping[str, Any]], **fields: Any
    ) -> list[Scenario]:
        """The same with `parameters`: a scenario for each case."""
        whole = {"id": id, "under_test": under_test, "level": level, "steps": list(steps), **fields}
        return [cls(core) for core in _core.parse_scenarios(json.dumps(whole), id, _requirements())]

    @property
    def id(self) -> str:
        """With the case in brackets: queue.declare.type[direct]."""
        return self._core.id

    @property
    def title(self) -> str:
        """One line for reports, or empty."""
        return self._core.title

    @property
    def under_test(self) -> str:
        """`broker` or `client`."""
        return self._core.under_test

    @property
    def level(self) -> str:
        """MUST, SHOULD, MAY, EXTENSION or ROBUST."""
        return self._core.level

    @property
    def clauses(self) -> list[str]:
        """Ids of the requirements it is about."""
        return self._core.clauses

    @property
    def notes(self) -> str:
        """Why it exists: the defect, the link."""
        return self._core.notes

    @property
    def file(self) -> str:
        """Where it was read from; the id if it was written in code."""
        return self._core.file

    @property
    def line(self) -> int:
        """Where in `file` it begins."""
        return self._core.line

    def __repr__(self) -> str:
        return f"<Scenario {self.id} ({self.level}, of a {self.under_test})>"

    def bound(self, **options: Any) -> Scenario:
        """The same scenario, with other options for run()."""
        return Scenario(self._core, self._run.changed(options))

    def run(self, against: Target | None = None, **options: Any) -> ScenarioResult:
        """Runs it against a broker or a client and judges what happened.

        `against` is "simulated", a broker's amqp:// URL, a Shim class or the command of a shim. Options: `profile` and
        `seed` of the simulated broker, `timeout` (seconds, for what a step expects), `longest_advance` (seconds of real
        time an `advance` may take over TCP), `operator` (a rabbitmqctl command for what a real broker's operator does),
        `deviations` (a file, or several, of failures that are expected).
        """
        chosen = self._run.changed({"against": against, **options})
        settings = _core.run_settings(
            f"{_this_run}.{next(_numbers)}", _nanoseconds(chosen.timeout), list(chosen.deviations)
        )
        return ScenarioResult(scenario=self, **self._outcome(chosen, settings))

    def _outcome(self, run: _Run, settings: _core.RunSettings) -> dict[str, Any]:
        client = not isinstance(run.against, str)
        if client != (self.under_test == "client"):
            asked = "a client: give its Shim class or the command of its shim" if self.under_test == "client" else (
                'a broker: give "simulated" or the URL of one'
            )
            raise ConfigurationError(f"{self.id} is about {asked}, got {run.against!r}")
        wait = _nanoseconds(run.longest_advance)
        if client:
            return _core.run_client(self._core, settings, _command(run.against), run.profile, run.seed, wait)
        if run.against == "simulated":
            return _core.run_simulated(self._core, settings, run.profile, run.seed)
        return _core.run_broker(self._core, settings, run.against, wait, run.operator)


class Scenarios(Sequence[Scenario]):
    """Scenarios that were chosen: a sequence, and a decorator that gives a test function one test an item."""

    def __init__(self, chosen: Callable[[], list[Scenario]]) -> None:
        self._choose = chosen
        self._chosen: list[Scenario] | None = None

    def _all(self) -> list[Scenario]:
        if self._chosen is None:  # not before somebody looks: a shim that is imported from a test need not load them
            self._chosen = self._choose()
        return self._chosen

    def __getitem__(self, index: Any) -> Any:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Scenario]:
        return iter(self._all())

    def __call__(self, test: _Test) -> _Test:
        """As a decorator: the plug-in of pytest calls the test once for each, as its argument `scenario`."""
        test.__simbroker_scenarios__ = self  # type: ignore[attr-defined]
        return test


def scenarios(
    *select: str,
    skip: str | Sequence[str] = (),
    level: str | Sequence[str] = (),
    under_test: str | None = None,
    files: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
    against: Target | None = None,
    **options: Any,
) -> Scenarios:
    """The scenarios whose ids match any of `select` (globs; none: all) and none of `skip`, of these levels.

    `under_test` is `broker` or `client`; by default what `against` is. They come from the catalogue, or from `files`
    (YAML, as in scenarios/). `against` and `options` are those of Scenario.run(). A choice that chooses nothing is a
    ConfigurationError.
    """
    run = _Run().changed({"against": against, **options})
    role = under_test or ("broker" if isinstance(run.against, str) else "client")
    skipped, levels = _listed(skip), _listed(level)
    _look_at_choice([*select, *skipped], levels, role)

    def choose() -> list[Scenario]:
        chosen = [
            Scenario(core, run)
            for core in (_catalogue() if files is None else _read(files))
            if core.under_test == role
            and (not select or _is_meant(core.id, select))
            and not _is_meant(core.id, skipped)
            and (not levels or core.level in levels)
        ]
        if not chosen:
            of_levels = f" of level {', '.join(levels)}" if levels else ""
            raise ConfigurationError(f"no scenario of a {role}{of_levels} matches {', '.join(select) or 'the choice'}")
        return chosen

    return Scenarios(choose)


def _look_at_choice(globs: Iterable[Any], levels: Iterable[Any], role: str) -> None:
    for glob in globs:
        if not isinstance(glob, str):
            raise ConfigurationError(f"expected ids or globs such as 'basic.*', got {glob!r}")
    for level in levels:
        if level not in _LEVELS:
            raise ConfigurationError(f"level: expected one of {', '.join(_LEVELS)}, got {level!r}")
    if role not in ("broker", "client"):
        raise ConfigurationError(f"under_test: expected broker or client, got {role!r}")


def _is_meant(id: str, globs: Iterable[str]) -> bool:
    bare = id.partition("[")[0]
    return any(glob == id or _core.matches_glob(glob, id) or _core.matches_glob(glob, bare) for glob in globs)


def _listed(value: Any) -> list[Any]:
    return [value] if isinstance(value, (str, os.PathLike)) else list(value)


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1e9)


def _command(target: Target) -> list[str]:
    return target.command() if isinstance(target, type) else [os.fspath(word) for word in target]


def _data(name: str) -> str:
    return os.fspath(Path(str(resources.files("simbroker"))) / "data" / name)


@lru_cache(maxsize=None)
def _requirements() -> _core.Requirements:
    return _core.load_requirements(_data("requirements.yaml"))


@lru_cache(maxsize=None)
def _catalogue() -> list[_core.Scenario]:
    return _core.load_catalogue(_data("scenarios"), _data("requirements.yaml"))


def _read(files: Any) -> list[_core.Scenario]:
    return [core for file in _listed(files) for core in _core.load_scenarios(os.fspath(file), _requirements())]
