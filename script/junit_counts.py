"""Prints "passed failed skipped" of a JUnit file for script/test, and names what failed at the end of another file:
junit_counts.py FILE STATUS-OF-THE-COMMAND FAILURES."""

import pathlib
import sys
import xml.etree.ElementTree as xml


def counts(path: str, status: int) -> tuple[int, int, int, list[str]]:
    """Passed, failed, skipped, and the names of what failed."""
    try:
        cases = list(xml.parse(path).iter("testcase"))
    except (OSError, xml.ParseError) as error:
        return 0, 1, 0, [f"no usable results, exit status {status}: {error}"]
    failures = [
        f"{case.get('classname', '')} {case.get('name', '')}".strip()
        for case in cases
        if any(case.find(tag) is not None for tag in ("failure", "error"))
    ]
    skipped = sum(case.find("skipped") is not None for case in cases)
    passed = len(cases) - len(failures) - skipped
    if not failures and (status or not passed):
        failures = [f"exit status {status} with {passed} passed and none failed: counted as a failure"]
    return passed, len(failures), skipped, failures


if __name__ == "__main__":
    passed, failed, skipped, failures = counts(sys.argv[1], int(sys.argv[2]))
    with open(sys.argv[3], "a") as names:
        names.writelines(f"{pathlib.Path(sys.argv[1]).stem}: {name}\n" for name in failures)
    print(passed, failed, skipped)
