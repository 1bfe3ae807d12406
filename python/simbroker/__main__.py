"""python -m simbroker replay FILE, and trace show|diff|pcapng: what `simbroker` of the C++ programs does with a trace.
python -m simbroker shim MODULE:CLASS: a client under test speaks the shim contract on stdin and stdout.

Exit status 0: the same, or done; 1: something differed; 2: a file is no trace, or cannot be written.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta

from simbroker import ConfigurationError, TraceError, __version__, replay, shim, trace


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m simbroker", description="Looks at what a broker recorded, and more.")
    parser.add_argument("--version", action="version", version=f"simbroker {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, "replay", _replay, "run a trace again and compare every octet the broker sends")
    traces = commands.add_parser("trace", help="look at what was recorded").add_subparsers(required=True, metavar="COMMAND")
    show = _add(traces, "show", _show, "frames, events and operations on one time line")
    show.add_argument("--connection", type=int, help="only this one, and what is of none")
    show.add_argument("--from", dest="start", type=_seconds, default=timedelta(), help="seconds of broker time")
    show.add_argument("--to", type=_seconds, help="seconds of broker time")
    show.add_argument("--heartbeats", action="store_true", help="show heartbeats too")
    compare = _add(traces, "diff", _diff, "the first difference of two traces")
    compare.add_argument("other", help="the trace to compare with")
    compare.add_argument("--ignore-times", action="store_true", help="for runs by the wall clock")
    _add(traces, "pcapng", _pcapng, "write a capture for Wireshark").add_argument("out", help="the capture to write")
    client = commands.add_parser("shim", help="a client under test: a class derived from simbroker.Shim")
    client.add_argument("--path", default="", help="where modules are looked for first, as in PYTHONPATH")
    client.add_argument("where", help="module:Class or file.py:Class")
    client.set_defaults(do=_shim)
    chosen = parser.parse_args(arguments)
    try:
        return chosen.do(chosen)
    except (TraceError, ConfigurationError) as error:
        print(f"simbroker: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    do: Callable[[argparse.Namespace], int],
    meaning: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=meaning)
    command.add_argument("file", help="what Broker(trace=...) or `simbroker serve --trace` wrote")
    command.set_defaults(do=do)
    return command


def _seconds(text: str) -> timedelta:
    return timedelta(seconds=float(text))


def _replay(chosen: argparse.Namespace) -> int:
    result = replay(chosen.file)
    if result.cut_short is not None:
        print(f"the file ends early: {result.cut_short}")
    if result.difference is not None:
        print(result.difference)
        return 1
    print(f"identical: {result.inputs} inputs, {result.output_octets} output octets")
    return 0


def _show(chosen: argparse.Namespace) -> int:
    text = trace.show(
        chosen.file, connection=chosen.connection, start=chosen.start, end=chosen.to, heartbeats=chosen.heartbeats
    )
    print(text, end="")
    return 0


def _diff(chosen: argparse.Namespace) -> int:
    difference = trace.diff(chosen.file, chosen.other, ignore_times=chosen.ignore_times)
    print(difference.text, end="")
    return 0 if difference.same else 1


def _pcapng(chosen: argparse.Namespace) -> int:
    capture = trace.export_pcapng(chosen.file, chosen.out)
    print(f"{chosen.out}: {capture.packets} packets of {capture.connections} connections")
    return 0


def _shim(chosen: argparse.Namespace) -> int:
    sys.path[:0] = [folder for folder in chosen.path.split(os.pathsep) if folder and folder not in sys.path]
    shim.run(shim.load(chosen.where))
    return 0


if __name__ == "__main__":
    sys.exit(main())
