"""What can be done with a recorded trace: shown, compared, and read by Wireshark's own dissector."""

import json
import shutil
import subprocess
import sys
from collections import Counter

import pika
import pytest

import simbroker
from simbroker import trace


def record(path, *, body=b"hello", seed=3, wrong_octets=b""):
    """A pika that declares, publishes, gets, is refused and leaves; a raw client that says something wrong."""
    with simbroker.Broker(clock="manual", trace=path, seed=seed) as broker:
        connection = pika.BlockingConnection(pika.URLParameters(broker.url))
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare("orders", durable=True, arguments={"x-message-ttl": 60_000, "x-max-length": 10})
        channel.exchange_declare("shop", "topic")
        channel.queue_bind("orders", "shop", "#")
        properties = pika.BasicProperties(headers={"a": [1, "two", None, {"three": 3}]}, delivery_mode=2, priority=1)
        channel.basic_publish("shop", "key", body, properties)
        assert channel.basic_get("orders")[2] == body
        channel.basic_publish("shop", "key", b"x" * 300_000)
        with pytest.raises(pika.exceptions.ChannelClosedByBroker):
            channel.queue_declare("nowhere", passive=True)
        broker.advance(seconds=61)
        if wrong_octets:
            with pika.BlockingConnection(pika.URLParameters(broker.url)) as other:
                other.channel()
                other._impl._output_marshaled_frames([wrong_octets])
                with pytest.raises(pika.exceptions.AMQPConnectionError):
                    other.process_data_events(time_limit=5)
                    other.channel()
        connection.close()
        # Sockets are real here: that the broker sees the client leave before it stops itself is waited for.
        broker.wait_for_event("connection_closed", detail="closed by the client", timeout=10)
    return path


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "simbroker", *map(str, arguments)], capture_output=True, text=True, timeout=30, check=False
    )


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    return record(tmp_path_factory.mktemp("trace") / "run.trace")


def test_a_trace_is_shown(recorded):
    text = trace.show(recorded)
    assert "-> queue.declare(" in text and "<- channel.close(" in text
    assert "* queue_declared orders" in text
    assert 'header of 5 octets {"delivery_mode":2,"headers":{"a":[1,"two",null,{"three":3}]},"priority":1}' in text
    shown = command("trace", "show", recorded)
    assert (shown.returncode, shown.stdout) == (0, text)
    late = command("trace", "show", recorded, "--from", 60.5, "--connection", 1).stdout
    assert "connection.close(" in late and "queue.declare(" not in late


def test_traces_are_compared(recorded, tmp_path):
    other = record(tmp_path / "other.trace", body=b"jello")
    difference = trace.diff(recorded, other)
    assert not difference.same
    assert "body of 5 octets: hello" in difference.text and "body of 5 octets: jello" in difference.text
    again = trace.diff(recorded, record(tmp_path / "again.trace"))  # from another port of the client
    assert again.same, again.text
    assert command("trace", "diff", recorded, recorded).returncode == 0
    assert command("trace", "diff", recorded, other).stdout == difference.text
    assert command("trace", "diff", recorded, other).returncode == 1


def test_what_is_no_trace_is_refused(tmp_path):
    (tmp_path / "text").write_text("a text")
    for arguments in (("show", "text"), ("diff", "text", "text"), ("pcapng", "text", "out"), ("show", "absent")):
        refused = command("trace", arguments[0], *(tmp_path / name for name in arguments[1:]))
        assert refused.returncode == 2
        assert str(tmp_path / arguments[1]) in refused.stderr
    with pytest.raises(simbroker.TraceError, match="cannot be written"):
        trace.export_pcapng(record(tmp_path / "good.trace"), tmp_path / "nowhere" / "out")


def test_show_and_replay_know_a_run_in_virtual_time(tmp_path):
    import asyncio

    import simbroker.aio

    async def main(simulation):
        await asyncio.open_connection("broker", 5672)
        simulation.broker.crash()

    simbroker.aio.run(main, trace=tmp_path / "aio.trace")
    assert "crash\n" in trace.show(tmp_path / "aio.trace")


needs_tshark = pytest.mark.skipif(
    shutil.which("tshark") is None, reason="tshark is not installed (Debian: apt-get install tshark)"
)


def dissect(capture):
    """What tshark sees, packet by packet. It looks twice, as Wireshark does: once it knows what a connection speaks."""
    rows = subprocess.run(
        ["tshark", "-2", "-r", capture, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-T", "json"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return json.loads(rows.stdout, object_pairs_hook=lambda pairs: _Multi(pairs))


class _Multi(dict):
    """tshark's JSON repeats names; here a name has a list of all its values."""

    def __init__(self, pairs):
        super().__init__()
        for name, value in pairs:
            self.setdefault(name, []).append(value)

    def all(self, wanted):
        """Every value of that name, however deep."""
        for name, values in self.items():
            for value in values:
                if name == wanted:
                    yield value
                for element in value if isinstance(value, list) else [value]:
                    if isinstance(element, _Multi):
                        yield from element.all(wanted)


def frame_counts(file):
    """How many frames of each type the trace holds."""
    types = Counter()
    for line in trace.show(file, heartbeats=True).splitlines():
        for arrow in (" -> ", " <- "):
            if arrow in line:
                word = line.split(arrow, 1)[1].split(" ", 1)[0]
                types[{"header": "2", "body": "3", "heartbeat": "8", "protocol": "protocol"}.get(word, "1")] += 1
    return types


@needs_tshark
def test_wireshark_dissects_every_frame(recorded, tmp_path):
    exported = trace.export_pcapng(recorded, tmp_path / "run.pcapng")
    packets = dissect(tmp_path / "run.pcapng")
    assert len(packets) == exported.packets > 30
    expected = frame_counts(recorded)
    seen = Counter(kind for packet in packets for kind in packet.all("amqp.type"))
    assert seen == {kind: count for kind, count in expected.items() if kind != "protocol"}
    assert expected["3"] >= 4  # one body of five octets, one in three frames
    assert len([1 for packet in packets for _ in packet.all("amqp.init.protocol")]) == expected["protocol"]
    assert not [1 for packet in packets for _ in packet.all("_ws.malformed")]
    # No gap, no overlap, no retransmission, no bad checksum: nothing to remark on, but for connections that begin and end.
    remarks = {text for packet in packets for text in packet.all("_ws.expert.message")}
    assert {text for text in remarks if not text.startswith(("Connection ", "Channel ", "This frame "))} <= set(), remarks


@needs_tshark
def test_wireshark_finds_only_what_was_injected(tmp_path):
    # A queue.declare that ends in the middle of its arguments.
    wrong = simbroker.encode_frame(1, 1, bytes.fromhex("0032000a0000") + b"\x20short")
    file = record(tmp_path / "wrong.trace", wrong_octets=wrong)
    trace.export_pcapng(file, tmp_path / "wrong.pcapng")
    packets = dissect(tmp_path / "wrong.pcapng")
    malformed = [packet for packet in packets if any(True for _ in packet.all("_ws.malformed"))]
    assert len(malformed) == 1
    assert "malformed method" in trace.show(file)
