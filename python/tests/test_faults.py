"""Faults as real clients see them, one story for each fault of simbroker/fault/README.md; and rules in Python."""

import inspect
import re
from pathlib import Path

import fault_stories_of_brokers  # noqa: F401
import fault_stories_of_peers  # noqa: F401
import fault_stories_of_wires  # noqa: F401
import pytest
import simbroker
import simbroker.aio
from fault_stories import STORIES, Client, run
from simbroker.trace import show

README = Path(__file__).resolve().parents[2] / "simbroker" / "fault" / "README.md"


@pytest.mark.parametrize("fault", STORIES)
def test_a_real_client_sees(fault, simbroker_certificates):
    function = STORIES[fault]
    if inspect.iscoroutinefunction(function):
        run(lambda client: function(client, fault))
    else:
        function(simbroker_certificates, fault)


def faults_of_the_readme():
    lines = README.read_text(encoding="utf-8").split("| `do` |")[1].split("\n\n")[0]
    return set(re.findall(r"^\| `(\w+)`", lines, re.MULTILINE))


def test_every_fault_of_the_readme_has_a_story():
    assert faults_of_the_readme() <= set(STORIES), "each needs a client that sees it"


# ---- rules in Python


def test_a_rule_is_listed_counted_and_removed():
    with simbroker.Broker(clock="manual") as broker:
        rule = broker.faults.add(when={"to": "client", "method": "basic.ack", "nth": 3}, do="drop", id="third")
        assert [each.id for each in broker.faults] == ["third"]
        assert broker.faults["third"].rule["when"]["nth"] == 3
        rule.remove()
        assert len(broker.faults) == 0
        assert rule.fired == 0
        with pytest.raises(LookupError, match="no fault 'third'"):
            broker.faults["third"]


@pytest.mark.parametrize(
    "rule, text",
    [
        ({"when": {"to": "client", "nth": 0}, "do": "drop"}, "/when/nth: expected a whole number from 1"),
        ({"when": {"to": "client"}, "do": "explode"}, "/do: there is no fault 'explode'; there are drop"),
        ({"when": {"to": "client", "method": "basic.akk"}, "do": "drop"}, "/when/method: expected a method"),
        ({"do": {"late_confirms": "soon"}}, "/do/late_confirms/by: expected a duration"),
        ({"when": {"to": "client"}, "do": {"answer": [{"basic.akk": {}}]}}, "/do/answer/0: "),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule, text):
    with simbroker.Broker(clock="manual") as broker, pytest.raises(simbroker.Error, match=re.escape(text)):
        broker.faults.add(**rule)


def test_a_run_with_faults_is_recorded_shown_and_repeated(tmp_path):
    async def main(simulation):
        async with Client(simulation) as client:
            client.faults.add(do={"confirms_out_of_order": {"count": 2}}, id="backwards")
            client.faults.add(when={"to": "client", "method": "queue.purge-ok", "probability": 0.5}, do="duplicate")
            for _ in range(5):
                await client.publish_at_once(2)
            client.faults["backwards"].remove()
            await client.publish()

    hashes = set()
    for number in range(2):
        trace = tmp_path / f"{number}.trace"
        with simbroker.aio.Simulation(seed=4, trace=trace) as simulation:
            simulation.run(main(simulation))
            hashes.add(simulation.trace_hash)
        assert simbroker.replay(trace).identical
    assert len(hashes) == 1
    story_of_it = show(trace)
    assert "add_fault" in story_of_it
    assert "fault_fired backwards: confirms_out_of_order: basic.ack to the client" in story_of_it
    assert "remove_fault backwards" in story_of_it
