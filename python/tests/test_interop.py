"""What script/interop tells of what it saw, and the section that script/results makes of it."""

import sys

import pytest
from codebase import ROOT

SHIMS = ROOT / "conformance" / "shim"
sys.path.insert(0, str(SHIMS))
import interop  # noqa: E402
import interop_told  # noqa: E402
import results  # noqa: E402

CAUSES = [
    {"publisher": "eager", "field": "+properties.priority", "means": "priority 0 is added"},
    {"consumer": "deaf", "case": "header *", "means": "headers are lost"},
]


def row(publisher, consumers, field, sent, got, *cases):
    return {"publisher": publisher, "consumers": consumers, "field": field, "sent": sent, "got": got, "cases": [*cases]}


def report(*differences):
    return {
        "clients": {"eager@newest": "eager 1", "deaf@debian": "deaf 2"},
        "consumers": ["eager@newest", "deaf@debian"],
        "cases": ["plain", "header 1", "header 2", "body"],
        "asked": {"eager@newest": 3, "deaf@debian": 2},
        "left_out": {"eager@newest": [], "deaf@debian": ["plain"]},
        "differences": [*differences],
    }


ADDED = row("eager@newest", ["eager@newest", "deaf@debian"], "properties.priority", None, "0", "plain", "header 1")
LOST = row("eager@newest", ["deaf@debian"], "properties.headers.h", "1", None, "header 1", "header 2")
REFUSED = row("deaf@debian", [None], "publication", "{}", "no", "body")


@pytest.mark.parametrize(
    ("sent", "got", "told"),
    [
        ({"h": 1}, {"h": 1.0}, []),
        ({"h": -(2**63)}, {"h": -9223372036854776000}, []),
        ({"h": 2**63 - 1}, {"h": 9223372036854776000}, [("h", "9223372036854775807", "9223372036854776000")]),
        ({"h": True}, {"h": 1}, [("h", "true", "1")]),
        ({"h": [1, [True]]}, {"h": [1, [1]]}, [("h", "[1, [true]]", "[1, [1]]")]),
        ({"h": None}, {}, [("h", "null", None)]),
        ({}, {"h": {}}, [("h", None, "{}")]),
        ({"t": {"h": {"!x": ""}}}, {"t": {"h": ""}}, [("t.h", '{"!x": ""}', '""')]),
    ],
)
def test_what_differs(sent, got, told):
    assert list(interop.differences(sent, got)) == told


def test_what_is_added_takes_nothing_away():
    seen = interop_told.arrived(report(ADDED, LOST, REFUSED))
    assert seen["eager@newest", "eager@newest"] == 3
    assert seen["eager@newest", "deaf@debian"] == 1
    assert seen["deaf@debian", "eager@newest"] == seen["deaf@debian", "deaf@debian"] == 1


def test_differences_are_told_by_their_cause():
    explained, others = interop_told.by_cause(report(ADDED, LOST, REFUSED), CAUSES)
    assert [interop_told.line_of(cause, found) for cause, found in zip(CAUSES, explained)] == [
        "eager: priority 0 is added (plain; header 1)",
        "deaf: headers are lost (header 1, 2)",
    ]
    assert list(interop_told.lines_of_others(others, {"eager@newest", "deaf@debian"})) == [
        "deaf@debian -> nobody: body: publication: sent {}, got no"
    ]


def test_a_cause_explains_no_message_that_did_not_arrive():
    missing = row("eager@newest", ["deaf@debian"], "delivery", "the message", "nothing arrived", "header 1")
    assert interop_told.by_cause(report(missing), CAUSES)[1]


def test_the_known_causes_are_of_clients_that_there_are():
    for cause in interop_told.known_causes():
        assert ("publisher" in cause) != ("consumer" in cause), cause
        assert cause["means"]
        assert cause.keys() <= {"publisher", "consumer", "case", "field", "means", "link"}
        for name in interop_told.listed(cause[interop_told.side_of(cause)]):
            assert (SHIMS / name).is_file(), name


def a_run(peer, *failed):
    passed = {"id": "client.connect", "verdict": "pass", "as_expected": True}
    failures = [{"id": name, "verdict": "fail", "as_expected": False, "message": "it failed"} for name in failed]
    return results.json.dumps({"peer": f"client {peer}", "results": [passed, *failures]})


def test_the_page_keeps_what_it_said_of_runs_elsewhere(tmp_path, monkeypatch):
    page, files = tmp_path / "RESULTS.md", tmp_path / "runs"
    monkeypatch.setattr(results, "PAGE", page)
    monkeypatch.setattr(results, "ROOT", tmp_path)
    monkeypatch.setattr(results.sys, "argv", ["results", "--page-only", "--results", str(files)])
    files.mkdir()
    (files / "pika@debian.json").write_text(a_run("pika 1.2.0", "client.close"), encoding="utf-8")
    (files / "bunny@debian.json").write_text(a_run("bunny 2.19.0"), encoding="utf-8")
    assert results.main() == 0
    page.write_text(page.read_text(encoding="utf-8") + f"\n{interop_told.TITLE}\n\nas it was\n", encoding="utf-8")

    (files / "pika@debian.json").unlink()
    (files / "bunny@debian.json").write_text(a_run("bunny 2.19.0", "client.close"), encoding="utf-8")
    assert results.main() == 0
    told = page.read_text(encoding="utf-8")
    assert "| pika@debian | pika 1.2.0 | 1 | 0 | 1 | 0 |\n| bunny@debian | bunny 2.19.0 | 1 | 0 | 1 | 0 |\n\n" in told
    assert "### pika@debian: pika 1.2.0\n\n* it failed (`client.close`)\n\n### bunny@debian: bunny 2.19.0\n\n*" in told
    assert told.endswith(f"{interop_told.TITLE}\n\nas it was\n")


def test_the_page_has_a_row_for_each_publisher(tmp_path, monkeypatch):
    monkeypatch.setattr(interop_told, "known_causes", lambda: CAUSES)
    (tmp_path / "interop.json").write_text(interop.json.dumps(report(ADDED, LOST, REFUSED)), encoding="utf-8")
    told = results.interop_section(tmp_path / "interop.json", before="")
    assert "| eager@newest | 3 | 3 | 1 |" in told
    assert "| deaf@debian | 2 | 1 | 1 |" in told
    assert "* deaf: headers are lost (header 1, 2)" in told
    assert "### Not explained yet" in told
