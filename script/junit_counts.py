"""Prints "passed failed skipped" of a JUnit file for script/test: junit_counts.py FILE STATUS-OF-THE-COMMAND."""

import sys
import xml.etree.ElementTree as xml


def counts(path: str, status: int) -> tuple[int, int, int]:
    try:
        cases = list(xml.parse(path).iter("testcase"))
    except (OSError, xml.ParseError) as error:
        print(f"no usable results: {error}", file=sys.stderr)
        return 0, 1, 0
    failed = sum(any(case.find(tag) is not None for tag in ("failure", "error")) for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    passed = len(cases) - failed - skipped
    if not failed and (status or not passed):
        print(f"exit status {status} with {passed} passed and none failed: counted as a failure", file=sys.stderr)
        failed = 1
    return passed, failed, skipped


if __name__ == "__main__":
    print(*counts(sys.argv[1], int(sys.argv[2])))
