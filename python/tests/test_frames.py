"""Frames as values: what is written, what is read, and what is said about everything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

import simbroker


def test_a_method_frame_is_the_octets_of_the_specification():
    octets = simbroker.encode_method("queue.declare", queue="q", durable=True, arguments={"x-max-length": 3})

    #  type channel size         class method reserved  "q"  bits  table: size, name, I, 3            end
    assert octets == (
        b"\x01\x00\x01\x00\x00\x00\x1f\x00\x32\x00\x0a\x00\x00\x01q\x02\x00\x00\x00\x12\x0cx-max-lengthI\x00\x00\x00\x03\xce"
    )


def test_what_was_written_is_read():
    octets = (
        simbroker.encode_method("basic.publish", exchange="e", routing_key="r", mandatory=True, channel=7)
        + simbroker.encode_content(
            b"0123456789", {"content_type": "text/plain", "headers": {"a": [1, None]}}, channel=7, frame_max=14
        )
        + simbroker.encode_frame(8, 0, b"")
    )

    publish, header, first, second, heartbeat = simbroker.decode_frames(octets)

    assert (publish.name, publish.channel, publish.type_name) == ("basic.publish", 7, "method")
    assert publish.fields == {"exchange": "e", "routing_key": "r", "mandatory": True, "immediate": False}
    assert (header.type_name, header.body_size) == ("header", 10)
    assert header.properties == {"content_type": "text/plain", "headers": {"a": [1, None]}}
    assert (first.payload, second.payload) == (b"012345", b"6789")
    assert (heartbeat.type_name, heartbeat.channel) == ("heartbeat", 0)


def test_the_channel_is_0_for_the_connection_and_1_otherwise():
    assert [
        simbroker.decode_frames(simbroker.encode_method(name))[0].channel
        for name in ("connection.open", "channel.open")
    ] == [0, 1]


@pytest.mark.parametrize("name", simbroker.methods())
def test_every_method_with_nothing_but_defaults_comes_back(name):
    (frame,) = simbroker.decode_frames(simbroker.encode_method(name))
    assert frame.name == name
    assert sorted(frame.fields) == sorted(simbroker.methods()[name])


VALUES = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(2**63), 2**63 - 1)
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text(),
    lambda inner: (
        some.lists(inner, max_size=4) | some.dictionaries(some.text("abc-", min_size=1, max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(some.dictionaries(some.text("xyz-", min_size=1, max_size=9), VALUES, max_size=5))
def test_every_table_comes_back(table):
    (frame,) = simbroker.decode_frames(simbroker.encode_method("queue.declare", arguments=table))
    assert frame.fields["arguments"] == table


@given(some.lists(some.integers(1, 40), max_size=12), some.lists(some.binary(max_size=30), min_size=1, max_size=5))
def test_any_segmentation_gives_the_same_frames(cuts, payloads):
    stream = b"".join(simbroker.encode_frame(3, 1, payload) for payload in payloads)
    splitter, received, rest = simbroker.FrameSplitter(), [], stream
    for cut in cuts:
        received += splitter.feed(rest[:cut])
        rest = rest[cut:]
    received += splitter.feed(rest)

    assert received == simbroker.decode_frames(stream)
    assert [frame.payload for frame in received] == payloads
    assert splitter.unread == 0


def test_octets_that_are_no_text():
    (frame,) = simbroker.decode_frames(simbroker.encode_method("basic.publish", routing_key=b"\xff\xfe"))
    assert frame.fields["routing_key"] == {"!hex": "fffe"}
    again = simbroker.encode_method(frame.name, **frame.fields)
    assert simbroker.decode_frames(again) == [frame]


def test_a_tag_that_python_has_no_value_for():
    arguments = {"short": {"!s": 5}, "when": {"!T": 1767225600}}
    (frame,) = simbroker.decode_frames(simbroker.encode_method("queue.declare", arguments=arguments))
    assert frame.fields["arguments"] == arguments


@pytest.mark.parametrize(
    "name, fields, text",
    [
        ("queue.eat", {}, "queue.eat"),
        ("queue.declare", {"queu": "q"}, "queu.*queue"),
        ("queue.declare", {"queue": "q" * 256}, "queue.*255"),
        ("queue.declare", {"durable": "yes"}, "durable"),
        ("basic.ack", {"delivery_tag": -1}, "delivery_tag"),
        ("basic.ack", {"delivery_tag": 2**64}, "delivery_tag.*64 bits"),
        ("queue.declare", {"arguments": {"a": {"b": object()}}}, r"arguments\.a\.b: .*cannot be a field value"),
        ("queue.declare", {"arguments": {1: "a"}}, "arguments.*1 is not text"),
        ("queue.declare", {"arguments": {"a": {"!s": 70000}}}, r"arguments.*a"),
    ],
)
def test_what_cannot_be_written_is_named(name, fields, text):
    with pytest.raises(simbroker.EncodeError, match=text):
        simbroker.encode_method(name, **fields)


@pytest.mark.parametrize(
    "octets, text",
    [
        (b"\x01\x00\x01\x00\x00\x00\x04\x00\x0a\x00\x0a\xcd", "(?i)0xce.*0xcd|0xcd.*0xce"),
        (b"\x01\x00\x01\x00\x00\x00\x04\x00\x0a\x00", "10 octets after the last whole frame at offset 0"),
        (b"\x01\x00\x01\x00\x00\x00\x04\x03\xe7\x00\x01\xce", "method"),
        (b"\x01\x00\x01\x00\x00\x00\x05\x00\x14\x00\x0b\x00\xce", "at octet 4: expected"),
        (b"\x02\x00\x01\x00\x00\x00\x02\x00\x3c\xce", "at octet 2: expected"),
    ],
    ids=["bad frame-end", "half a frame", "unknown method", "octets cut off", "short header"],
)
def test_what_is_no_frame_is_refused(octets, text):
    with pytest.raises(simbroker.DecodeError, match=text):
        simbroker.decode_frames(octets)


def test_a_frame_beyond_frame_max_is_refused():
    splitter = simbroker.FrameSplitter(frame_max=4096)
    assert splitter.feed(simbroker.encode_frame(3, 1, bytes(4088)))
    with pytest.raises(simbroker.DecodeError, match="4089"):
        splitter.feed(simbroker.encode_frame(3, 1, bytes(4089)))


def test_frames_no_peer_should_send_can_be_written_on_purpose():
    assert simbroker.encode_frame(9, 3, b"x", end=0) == b"\x09\x00\x03\x00\x00\x00\x01x\x00"
    with pytest.raises(simbroker.EncodeError, match="channel of a frame is 65536"):
        simbroker.encode_frame(1, 65536, b"")
