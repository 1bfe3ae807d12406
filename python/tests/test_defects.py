"""The defects known in AMQP clients: each has scenarios that ask about it, or says why none can."""

import re

import pytest
import yaml
from codebase import ROOT

FIELDS = {"id", "project", "source", "link", "level", "evidence", "statement", "scenarios", "unreachable"}
FAMILIES = {"HS", "FR", "TB", "CA", "CL", "PC", "CO", "HB", "BL", "RC"}


def defects():
    return yaml.safe_load((ROOT / "conformance/catalogue/defects.yaml").read_text())


def scenario_ids():
    """The ids of all scenarios of role client."""
    ids = set()
    for file in (ROOT / "scenarios").rglob("*.yaml"):
        if "deviation" in file.parts:
            continue
        scenarios = yaml.safe_load_all(file.read_text())
        ids |= {scenario["id"] for scenario in scenarios if scenario and "under_test" in scenario}
    return ids


def test_they_are_all_there_once():
    ids = [defect["id"] for defect in defects()]
    assert len(ids) == len(set(ids)) >= 146
    assert {id.split("-")[0] for id in ids} == FAMILIES


@pytest.mark.parametrize("defect", defects(), ids=lambda defect: defect["id"])
def test_a_defect_says_where_it_was_found_and_what_went_wrong(defect):
    assert set(defect) <= FIELDS
    assert re.fullmatch(r"[A-Z]{2}-\d\d", defect["id"])
    assert defect["project"] and defect["source"] and defect["statement"].endswith(".")
    assert defect["link"].startswith("https://")
    assert defect["level"] in ("MUST", "SHOULD", "ROBUST")
    assert defect.get("evidence", "title") == "title"


@pytest.mark.parametrize("defect", defects(), ids=lambda defect: defect["id"])
def test_a_defect_has_scenarios_or_a_reason(defect, ids=scenario_ids()):
    named = defect.get("scenarios", "").split()
    assert bool(named) != bool(defect.get("unreachable")), "it needs scenarios, or a reason (unreachable), and not both"
    assert set(named) <= ids, f"no scenario has the id {set(named) - ids}"
