"""python -m simbroker replay FILE: runs a trace again, as `simbroker replay` of the C++ programs does.

Exit status 0: every octet was the same; 1: it was not; 2: the file is no trace.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from simbroker import TraceError, __version__, replay


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m simbroker", description="Runs what a broker recorded again.")
    parser.add_argument("--version", action="version", version=f"simbroker {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    replay_command = commands.add_parser("replay", help="run a trace again and compare every octet the broker sends")
    replay_command.add_argument("file", help="what Broker(trace=...) or `simbroker serve --trace` wrote")
    return _replay(parser.parse_args(arguments).file)


def _replay(file: str) -> int:
    try:
        result = replay(file)
    except TraceError as error:
        print(f"simbroker: {error}", file=sys.stderr)
        return 2
    if result.cut_short is not None:
        print(f"the file ends early: {result.cut_short}")
    if result.difference is not None:
        print(result.difference)
        return 1
    print(f"identical: {result.inputs} inputs, {result.output_octets} output octets")
    return 0


if __name__ == "__main__":
    sys.exit(main())
