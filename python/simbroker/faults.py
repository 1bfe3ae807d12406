"""What goes wrong between a broker and its clients, on purpose: rules that a test adds and removes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from simbroker import _core

Json = Mapping[str, Any]
_Server = Callable[[], "_core.Server | _core.SimulatedServer"]


class Fault:
    """A rule that is there until remove()."""

    def __init__(self, server: _Server, id: str) -> None:
        self._server = server
        self.id = id
        self._last: dict[str, Any] = {"rule": {}, "matched": 0, "fired": 0, "spent": False}

    def _status(self) -> dict[str, Any]:
        for row in _rows(self._server):
            if row["id"] == self.id:
                self._last = row
        return self._last

    @property
    def rule(self) -> dict[str, Any]:
        """As it was written."""
        return self._status()["rule"]

    @property
    def matched(self) -> int:
        """How many frames it was about."""
        return self._status()["matched"]

    @property
    def fired(self) -> int:
        """How often it acted; when it is removed, until then."""
        return self._status()["fired"]

    @property
    def spent(self) -> bool:
        """It cannot act again."""
        return self._status()["spent"]

    def remove(self) -> None:
        """It acts no more, and what it keeps back goes on."""
        self._status()
        self._server().remove_fault(self.id)

    def __repr__(self) -> str:
        status = self._status()
        return f"<Fault {self.id} {json.dumps(status['rule'])} fired={status['fired']}>"


class Faults:
    """The rules of a broker, in the order in which they are asked; simbroker/fault/README.md describes them.

    broker.faults.add(when={"to": "client", "method": "basic.ack", "nth": 3}, do="drop")
    broker.faults.add(do={"late_confirms": timedelta(seconds=2)})
    broker.faults.add(now={"after": "queue_declared"}, do={"close_channel": {"code": 541}})
    """

    def __init__(self, server: _Server) -> None:
        self._server = server

    def add(
        self,
        *,
        do: str | Json,
        when: Json | None = None,
        now: Json | None = None,
        id: str | None = None,
    ) -> Fault:
        """A rule more: a fault, and on which frames (`when`) or on what occasion (`now`) it happens.

        Durations are text ("3s") or a timedelta, octets text, bytes or {"hex": "00ff"}. FaultError says what is wrong
        with a rule, and where.
        """
        given = {"id": id, "when": when, "now": now, "do": do}
        rule = {name: _plain(value) for name, value in given.items() if value is not None}
        return Fault(self._server, self._server().add_fault(json.dumps(rule)))

    def release(self, label: str = "") -> None:
        """What is held back under this label, or under any, goes on."""
        self._server().release_held(label)

    def clear(self) -> None:
        """No rule acts any more, and what they keep back goes on."""
        self._server().remove_fault("")

    def __iter__(self) -> Iterator[Fault]:
        return iter([Fault(self._server, row["id"]) for row in _rows(self._server)])

    def __len__(self) -> int:
        return len(_rows(self._server))

    def __getitem__(self, id: str) -> Fault:
        for fault in self:
            if fault.id == id:
                return fault
        raise KeyError(f"there is no fault {id!r}; there are {', '.join(fault.id for fault in self) or 'none'}")

    def __repr__(self) -> str:
        return f"<Faults {list(self)}>"


def _rows(server: _Server) -> list[dict[str, Any]]:
    return [json.loads(row) for row in server().faults()]


def _plain(value: Any) -> Any:
    """As JSON has it."""
    if isinstance(value, timedelta):
        return f"{value // timedelta(milliseconds=1)}ms"
    if isinstance(value, (bytes, bytearray)):
        return {"hex": value.hex()}
    if isinstance(value, Mapping):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(element) for element in value]
    return value
