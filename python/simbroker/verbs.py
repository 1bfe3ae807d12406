"""The verbs of scenarios as functions, for scenarios written in Python: each gives one step.

    from simbroker.verbs import ask, expect, observe

    steps = [
        ask({"connect": {}}),
        ask({"basic.get": {"queue": "orders"}}, error={"kind": "channel_closed", "code": 404}),
        expect("channel.close-ok", within="2s"),
    ]

What a verb takes, which modifiers it has and which role may use it is described in scenarios/README.md; a mistake is a
ScenarioError when the scenario is made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Step = dict[str, Any]


def _verb(name: str) -> Callable[..., Step]:
    def step(argument: Any, **modifiers: Any) -> Step:
        return {name: argument, **{modifier.rstrip("_"): value for modifier, value in modifiers.items()}}

    step.__name__ = step.__qualname__ = name
    step.__doc__ = f"A step `{name}: argument` with its modifiers; `as_` stands for `as`."
    return step


# Sending and expecting.
send = _verb("send")
send_frame = _verb("send_frame")
send_bytes = _verb("send_bytes")
expect = _verb("expect")
expect_one_of = _verb("expect_one_of")
expect_all = _verb("expect_all")
expect_confirms = _verb("expect_confirms")
expect_silence = _verb("expect_silence")
expect_anything = _verb("expect_anything")
expect_close = _verb("expect_close")

# Connections.
connect = _verb("connect")
open_channel = _verb("open_channel")
disconnect = _verb("disconnect")
close = _verb("close")

# Time, repetition, the operator.
advance = _verb("advance")
repeat = _verb("repeat")
operate = _verb("operate")

# The client under test.
ask = _verb("ask")
await_ = _verb("await")
observe = _verb("observe")
fault = _verb("fault")
release = _verb("release")
wire = _verb("wire")
