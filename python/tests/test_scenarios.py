"""Scenarios from Python: chosen, written, run against a broker and against a client whose shim is a class."""

import json
import re
import subprocess
import sys
import unittest

import pytest
import simbroker as package
from codebase import ROOT
from simbroker import _core, verbs

TUTORIAL = (ROOT / "python/TUTORIAL.md").read_text(encoding="utf-8")
LANGUAGE = (ROOT / "scenarios/README.md").read_text(encoding="utf-8")
WRONG = [verbs.open_channel(1), verbs.send("tx.select"), verbs.expect("tx.commit-ok", within="1s")]


def write(name="test.written", under_test="broker", steps=None, **fields):
    fields = {"level": "ROBUST", "notes": "a test", **fields}
    return package.Scenario.write(name, under_test=under_test, steps=steps or [verbs.open_channel(1)], **fields)


# --- choosing


def test_globs_levels_and_what_is_under_test_choose():
    basic = package.scenarios("basic.*")
    assert len(basic) > 20
    assert {scenario.under_test for scenario in basic} == {"broker"}
    musts = package.scenarios("basic.*", level="MUST", skip="basic.ack*")
    assert {scenario.level for scenario in musts} == {"MUST"}
    assert 0 < len(musts) < len(basic)
    assert not [scenario for scenario in musts if scenario.id.startswith("basic.ack")]


def test_a_choice_of_nothing_is_a_mistake():
    with pytest.raises(package.ConfigurationError, match="no scenario of a broker matches no.such"):
        len(package.scenarios("no.such"))
    with pytest.raises(package.ConfigurationError, match="no scenario of a broker of level MAY matches tx.select"):
        len(package.scenarios("tx.select", level="MAY"))


@pytest.mark.parametrize(
    ("globs", "options", "told"),
    [
        (["basic.*"], {"level": "MUSTT"}, "level: expected one of MUST, SHOULD, MAY, EXTENSION, ROBUST, got 'MUSTT'"),
        (["basic.*"], {"under_test": "clinet"}, "under_test: expected broker or client, got 'clinet'"),
        (["basic.*", ...], {}, "expected ids or globs such as 'basic.*', got Ellipsis"),
    ],
)
def test_a_choice_that_makes_no_sense_says_what_was_expected(globs, options, told):
    with pytest.raises(package.ConfigurationError) as refused:
        package.scenarios(*globs, **options)
    assert str(refused.value) == told


def test_an_unknown_option_names_those_there_are():
    with pytest.raises(package.ConfigurationError, match="unknown option profil; expected against, profile"):
        package.scenarios("basic.*", profil="strict")


# --- the language, as it is described


def test_the_first_example_of_the_language_is_a_scenario_that_passes(tmp_path):
    file = tmp_path / "example.yaml"
    file.write_text(re.search(r"```yaml\n(id: .*?)```", LANGUAGE, re.S).group(1))
    for scenario in package.scenarios(files=file):
        scenario.run().check()


def test_the_example_of_a_repetition_publishes(tmp_path):
    repeat = re.search(r"^- repeat: .*$", LANGUAGE, re.M).group()
    file = tmp_path / "example.yaml"
    file.write_text(
        "id: a.repetition\nlevel: ROBUST\nnotes: an example\nunder_test: broker\nsteps:\n- open_channel: 1\n"
        f"- send: {{queue.declare: {{queue: $id, exclusive: true}}}}\n- expect: queue.declare-ok\n{repeat}\n"
        "- send: {basic.get: {queue: $id}}\n- expect: {basic.get-ok: {message_count: 2}}\n"
    )
    package.scenarios(files=file)[0].run().check()


# --- running


@pytest.mark.parametrize("profile", ["rabbitmq-4.3", "rabbitmq-3.10"])
def test_the_simulated_broker_passes(profile):
    for scenario in package.scenarios("basic.get*", "confirm.*", profile=profile):
        assert scenario.run().as_expected, str(scenario.run())


def test_a_broker_on_a_socket_is_asked_by_its_url():
    with package.Broker() as broker:
        result = package.scenarios("basic.get*", against=broker.url)[0].run()
        assert result.check().verdict == "pass"
        assert any(event.kind == "connection_opened" for event in broker.events())


def test_a_failure_says_where_what_and_how_to_see_it_again():
    with pytest.raises(package.ScenarioFailed) as failed:
        write(steps=WRONG).run().check()
    told = str(failed.value)
    assert "test.written:1: " in told
    assert "tx.commit-ok" in told and "tx.select-ok" in told
    assert "the same again: pytest '" in told and "test_a_failure_says_where" in told


def test_what_cannot_be_asked_is_skipped():
    with pytest.raises(unittest.SkipTest, match="no_such_capability"):
        write(requires=["no_such_capability"]).run().check()


def test_a_client_s_scenario_is_not_asked_of_a_broker():
    asked = write(under_test="client", steps=[verbs.ask({"connect": {}})])
    with pytest.raises(package.ConfigurationError, match="about a client: give its Shim class"):
        asked.run("simulated")


def test_a_known_failure_is_expected_and_its_end_is_a_surprise(tmp_path):
    known = tmp_path / "known.yaml"
    known.write_text(
        "- {scenario: test.*, reason: never learnt it, link: https://example.org/1, message: tx.commit-ok}\n"
    )
    result = write(steps=WRONG).run(deviations=known)
    assert (result.verdict, result.reason, result.as_expected) == ("expected failure", "never learnt it", True)
    assert write().run(deviations=known).verdict == "unexpected pass"


# --- writing


def test_the_verbs_are_those_of_the_files():
    written = {name.rstrip("_") for name in vars(verbs) if not name.startswith("_")} & {row[0] for row in _core.verbs()}
    assert written == {row[0] for row in _core.verbs()}


def test_a_written_scenario_is_checked_as_a_file_is():
    with pytest.raises(package.ScenarioError, match=r"test\.written:1: .*unknown verb 'sent'; expected .*send"):
        write(steps=[{"sent": "tx.select"}])
    with pytest.raises(package.ScenarioError, match="tx.select has no field 'nonsense'"):
        write(steps=[verbs.send({"tx.select": {"nonsense": 1}})])


def test_parameters_make_several():
    both = package.Scenario.write_all(
        "test.written",
        under_test="broker",
        level="ROBUST",
        notes="a test",
        parameters={"type": ["direct", "fanout"]},
        steps=[
            verbs.open_channel(1),
            verbs.send({"exchange.declare": {"exchange": "$id", "type": "$type", "auto_delete": True}}),
            verbs.expect("exchange.declare-ok"),
        ],
        cleanup={"exchanges": ["$id"]},
    )
    assert [scenario.id for scenario in both] == ["test.written[direct]", "test.written[fanout]"]
    assert [scenario.run().verdict for scenario in both] == ["pass", "pass"]


def test_a_file_of_one_s_own(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("id: mine\nunder_test: broker\nlevel: ROBUST\nnotes: mine\nsteps:\n  - open_channel: 1\n")
    mine = package.scenarios(files=file)
    assert [(scenario.id, scenario.file, scenario.run().verdict) for scenario in mine] == [("mine", str(file), "pass")]


# --- shims

SHIM = """
import asyncio, simbroker

class Answering(simbroker.Shim):
    library, version = "answering", "1"
    errors = {KeyError: "wrong_state"}
    def queue_declare(self, queue, **_): return {"queue": queue, "body": b"\\xff"}
    def basic_get(self, queue): return {}[queue]
    def basic_publish(self, body, properties=None, **_):
        self.event("basic.return", channel=1, body=body, properties=properties)
        raise simbroker.shim.Failed("returned", "it came back", 312)
    def basic_ack(self, delivery_tag): raise simbroker.shim.Unsupported("no acks")
    def basic_qos(self): return 1 / 0

class Asynchronous(simbroker.Shim):
    async def basic_get(self, queue):
        self.waiting = asyncio.get_running_loop().create_future()
        return {"queue": await self.waiting}
    async def basic_ack(self, delivery_tag): self.waiting.set_result(delivery_tag)
"""


@pytest.fixture
def speak(tmp_path):
    """Requests to a shim of SHIM, what it says, and how it ended."""
    (tmp_path / "my_shims.py").write_text(SHIM)

    def ask(name, *requests):
        lines = [json.dumps({"id": number, "op": op, "with": given}) for number, (op, given) in enumerate(requests)]
        ended = subprocess.run(
            [sys.executable, "-m", "simbroker", "shim", f"my_shims.py:{name}"],
            input="\n".join(lines) + "\n",
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=30,
        )
        return [json.loads(line) for line in ended.stdout.splitlines()], ended

    return ask


def test_a_shim_is_its_methods(speak):
    said, ended = speak(
        "Answering",
        ("queue.declare", {"queue": "q"}),
        ("basic.get", {"queue": "q"}),
        ("basic.publish", {"body": {"hex": "ff"}, "properties": {"headers": {"x": {"!x": "00"}}}}),
        ("basic.ack", {"delivery_tag": 1}),
    )
    hello = said[0]["hello"]
    assert hello["operations"] == ["basic.ack", "basic.get", "basic.publish", "basic.qos", "queue.declare"]
    assert said[1:] == [
        {"id": 0, "result": {"queue": "q", "body": {"hex": "ff"}}},
        {"id": 1, "error": {"kind": "wrong_state", "code": None, "text": "'q'"}},
        {
            "event": "basic.return",
            "with": {"channel": 1, "body": {"hex": "ff"}, "properties": {"headers": {"x": {"!x": "00"}}}},
        },
        {"id": 2, "error": {"kind": "returned", "code": 312, "text": "it came back"}},
        {"id": 3, "unsupported": "no acks"},
    ]
    assert ended.returncode == 0, ended.stderr


def test_an_exception_nobody_documents_ends_the_shim(speak):
    said, ended = speak("Answering", ("basic.qos", {}))
    assert len(said) == 1
    assert ended.returncode == 1
    assert "ZeroDivisionError" in ended.stderr


def test_coroutines_overlap(speak):
    said, ended = speak("Asynchronous", ("basic.get", {"queue": "q"}), ("basic.ack", {"delivery_tag": 7}))
    assert sorted(said[1:], key=lambda answer: answer["id"]) == [
        {"id": 0, "result": {"queue": 7}},
        {"id": 1, "result": {}},
    ]
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("nowhere.py:Shim", "expected a file of Python"),
        ("my_shims.py", "expected module:Class or file.py:Class"),
        ("my_shims.py:asyncio", "no class derived from simbroker.Shim"),
    ],
)
def test_a_shim_that_is_not_there_is_said_so(speak, tmp_path, where, told):
    ended = subprocess.run(
        [sys.executable, "-m", "simbroker", "shim", where], capture_output=True, text=True, cwd=tmp_path, timeout=30
    )
    assert ended.returncode == 2
    assert told in ended.stderr


# --- the tutorial, as it is printed


@pytest.fixture
def tutorial(pytester):
    """Its files in a folder of their own, named by the first words of their first lines."""
    for language, block in re.findall(r"```(python|yaml)\n(.*?)```", TUTORIAL, re.S):
        name = re.match(r'"""([\w.]+): ', block).group(1) if language == "python" else "known.yaml"
        (pytester.path / name).write_text(block)
    return pytester


@pytest.mark.longest(120)
def test_the_tutorial_asks_the_client_and_learns_what_is_known(tutorial):
    ran = tutorial.runpytest("-q", "test_my_bug.py", "test_my_service.py", "test_my_client.py")
    refused = [f"client.connect.refused[after-{what}]" for what in ("start-ok", "tune-ok", "open")]
    assert failed_cases(ran) == refused
    assert ran.parseoutcomes()["passed"] >= 8

    suite = tutorial.path / "test_my_client.py"
    suite.write_text(suite.read_text().replace("against=MyClient", 'against=MyClient, deviations="known.yaml"'))
    ran = tutorial.runpytest("-q", "test_my_client.py", "-k", "refused")
    assert ran.parseoutcomes() == {"passed": 3, "deselected": ran.parseoutcomes()["deselected"]}


def failed_cases(ran):
    return [match.group(1) for line in ran.outlines if (match := re.match(r"FAILED \S+?\[(\S+\])\]", line))]
