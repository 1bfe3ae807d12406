"""Frames of AMQP 0-9-1 as values, for tests that speak to a broker or a client directly.

Field values are plain: numbers, bool, str, and dict for a table. In a table bool is written with the tag t, an int as I
(or l if it needs more than 32 bits), a float as d, str as S, None as V, list as A, dict as F. Every other tag is a dict
of one, {"!s": 5} or {"!T": 1767225600}; octets that are no text are bytes when written and {"!hex": "ff00"} when read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simbroker import _core
from simbroker.errors import DecodeError, EncodeError

PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
_TYPE_NAMES = {METHOD: "method", HEADER: "header", BODY: "body", HEARTBEAT: "heartbeat"}
_FRAME_END = 0xCE
_OVERHEAD = 8
_LONGEST_PAYLOAD = 2**32 - 1


@dataclass(frozen=True)
class Frame:
    """One frame. `name` and `fields` are of a method; `body_size` and `properties` of a content header."""

    type: int
    channel: int
    payload: bytes = field(repr=False)
    name: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    body_size: int | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def type_name(self) -> str:
        """method, header, body, heartbeat, or the number of an unknown type."""
        return _TYPE_NAMES.get(self.type, str(self.type))


class FrameSplitter:
    """Cuts a stream, fed in any pieces, into frames."""

    def __init__(self, frame_max: int = _LONGEST_PAYLOAD + _OVERHEAD) -> None:
        self._splitter = _core.Splitter(frame_max - _OVERHEAD)

    def feed(self, segment: bytes) -> list[Frame]:
        """The frames this segment completes. DecodeError if the stream is broken or a payload does not decode."""
        return [_frame(*raw) for raw in self._splitter.feed(segment)]

    @property
    def unread(self) -> int:
        """Octets of an unfinished frame."""
        return self._splitter.unread


def decode_frames(octets: bytes) -> list[Frame]:
    """All frames of `octets`, which must end with a whole one."""
    splitter = FrameSplitter()
    frames = splitter.feed(octets)
    if splitter.unread:
        at = len(octets) - splitter.unread
        raise DecodeError(f"{splitter.unread} octets after the last whole frame at offset {at}; expected a whole frame")
    return frames


def encode_frame(type: int, channel: int, payload: bytes, *, end: int = _FRAME_END) -> bytes:
    """Any frame, also one that no peer should send."""
    for name, value, most in (("type", type, 0xFF), ("channel", channel, 0xFFFF), ("end", end, 0xFF)):
        if not 0 <= value <= most:
            raise EncodeError(f"{name} of a frame is {value}; expected 0 to {most}")
    return bytes([type]) + channel.to_bytes(2, "big") + len(payload).to_bytes(4, "big") + payload + bytes([end])


def encode_method(name: str, /, channel: int | None = None, **fields: Any) -> bytes:
    """A whole method frame: encode_method("queue.declare", queue="q", durable=True).

    Fields left out are zero or empty. The channel is 0 for the connection class and 1 otherwise, unless given.
    """
    if channel is None:
        channel = 0 if name.startswith("connection.") else 1
    return encode_frame(METHOD, channel, _core.encode_method(name, fields))


def encode_content(
    body: bytes, properties: Mapping[str, Any] | None = None, *, channel: int = 1, frame_max: int = 131072
) -> bytes:
    """The header frame and the body frames that follow a basic.publish."""
    frames = encode_frame(HEADER, channel, _core.encode_header(len(body), dict(properties or {})))
    most = frame_max - _OVERHEAD
    if most < 1:
        raise EncodeError(f"frame_max is {frame_max}; expected more than the {_OVERHEAD} octets around a payload")
    for start in range(0, len(body), most):
        frames += encode_frame(BODY, channel, body[start : start + most])
    return frames


def methods() -> dict[str, list[str]]:
    """Every method with the names of its fields, reserved ones left out."""
    return _core.methods()


def _frame(type: int, channel: int, payload: bytes) -> Frame:
    if type == METHOD:
        name, fields = _core.decode_method(payload)
        return Frame(type, channel, payload, name=name, fields=fields)
    if type == HEADER:
        _, _, body_size, properties = _core.decode_header(payload)
        return Frame(type, channel, payload, body_size=body_size, properties=properties)
    return Frame(type, channel, payload)
