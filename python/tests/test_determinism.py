"""The same seed and the same inputs at the same broker time: the same octets, again and again."""

import re

import pytest
from raw_client import RawClient
from simbroker.__main__ import main

import simbroker


def conversation(broker):
    """All octets a broker sends during a conversation that leans on made-up names, timers and errors."""
    heard = []
    with RawClient(broker) as client:

        def ask(name, answer, **fields):
            client.send(simbroker.encode_method(name, **fields))
            heard.append(client.expect(answer).payload)

        ask("channel.open", "channel.open-ok")
        ask("queue.declare", "queue.declare-ok", exclusive=True, arguments={"x-message-ttl": 60_000})
        ask("queue.declare", "queue.declare-ok", queue="dead", exclusive=True)
        ask("basic.consume", "basic.consume-ok", queue="dead")
        broker.advance(seconds=30)
        ask("queue.declare", "channel.close", queue="dead", durable=True)
    return heard


def test_the_same_seed_says_the_same_again():
    runs = []
    for seed in (1, 1, 2):
        with simbroker.Broker(clock="manual", seed=seed) as broker:
            runs.append(conversation(broker))

    assert runs[0] == runs[1]
    assert runs[0][-1] == runs[2][-1]
    assert runs[0][1] != runs[2][1], "another seed makes up another queue name"


def test_a_recorded_run_replays_to_the_octet(tmp_path):
    trace = tmp_path / "run.trace"
    with simbroker.Broker(clock="manual", seed=5, trace=trace) as broker:
        conversation(broker)

    first, second = simbroker.replay(trace), simbroker.replay(trace)

    assert first.identical and first.difference is None and first.cut_short is None
    assert first.inputs > 8 and first.output_octets > 500
    assert first == second


def test_the_command_line_replays(tmp_path, capsys):
    trace, text = tmp_path / "run.trace", tmp_path / "text"
    text.write_text("no trace")
    with simbroker.Broker(clock="manual", trace=trace) as broker:
        conversation(broker)

    assert main(["replay", str(trace)]) == 0
    assert re.fullmatch(r"identical: \d+ inputs, \d{3,} output octets\n", capsys.readouterr().out)
    octets = trace.read_bytes()
    trace.write_bytes(octets.replace(b"amq.ctag-", b"AMQ.ctag-"))
    assert main(["replay", str(trace)]) == 1
    assert "expected" in capsys.readouterr().out
    assert main(["replay", str(text)]) == 2
    assert str(text) in capsys.readouterr().err


def test_a_run_with_the_wall_clock_replays_as_well(tmp_path):
    trace = tmp_path / "run.trace"
    with simbroker.Broker(seed=5, trace=trace) as broker:
        with RawClient(broker) as client:
            client.send(simbroker.encode_method("channel.open"))
            client.expect("channel.open-ok")

    assert simbroker.replay(trace).identical


def test_a_replay_that_differs_says_where(tmp_path):
    trace = tmp_path / "run.trace"
    with simbroker.Broker(clock="manual", trace=trace) as broker:
        conversation(broker)
    octets = trace.read_bytes()
    at = octets.index(b"amq.ctag-")
    trace.write_bytes(octets[:at] + b"AMQ" + octets[at + 3 :])

    replay = simbroker.replay(trace)

    assert not replay.identical
    assert "input" in replay.difference and "expected" in replay.difference


def test_a_trace_of_a_killed_process_replays_up_to_its_end(tmp_path):
    trace = tmp_path / "run.trace"
    with simbroker.Broker(clock="manual", trace=trace) as broker:
        conversation(broker)
    whole = simbroker.replay(trace)
    octets = trace.read_bytes()
    trace.write_bytes(octets[: len(octets) * 2 // 3])

    replay = simbroker.replay(trace)

    assert replay.cut_short is not None
    assert 0 < replay.inputs < whole.inputs
    assert replay.output_octets < whole.output_octets


@pytest.mark.parametrize("content", [b"", b"not a trace at all, but text"])
def test_what_is_no_trace_is_refused(tmp_path, content):
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(simbroker.TraceError, match="expected") as refused:
        simbroker.replay(file)
    assert str(file) in str(refused.value)


def test_a_missing_trace_is_named(tmp_path):
    with pytest.raises(simbroker.TraceError, match="missing.trace"):
        simbroker.replay(tmp_path / "missing.trace")


def test_a_trace_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(simbroker.TraceError, match="no-such-directory"):
        simbroker.Broker(trace=tmp_path / "no-such-directory" / "run.trace")
