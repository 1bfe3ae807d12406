"""script/shim-check: does a shim implement the contract of README.md? It says nothing about the library.

Two parts: what goes over stdin and stdout is asked by shim_checks.py, against a `simbroker serve`; what needs a broker
that misbehaves are the scenarios of contract/, run by `amqp-conformance client`.
"""
import argparse
import fnmatch
import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "clients"))
from harness.broker import Simbroker  # noqa: E402
from shim_checks import CHECKS  # noqa: E402
from talk import Broken, Shim, command_of, no_shim  # noqa: E402

UNAVAILABLE = 3


def run_check(check, command, port):
    """Why it failed, or None."""
    shim = Shim(command)
    target = {"host": "127.0.0.1", "port": port, "user": "guest", "password": "guest", "vhost": "/"}
    try:
        check(shim, shim.hello(), target)
    except Broken as broken:
        return str(broken)
    except BrokenPipeError:
        return f"it takes no more requests: {shim.last_error()}"
    finally:
        shim.close()
    return None


def run_scenarios(conformance, command, select):
    """What is wrong with each scenario of contract/, or None. Unsupported is what is not declared."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        words = [str(conformance), "client", "--scenarios", str(HERE / "contract"), "--json", str(report)]
        words += [word for glob in select for word in ("--select", glob)]
        words += ["--", *command]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if not report.exists():
            return [("contract", f"the scenarios did not run: {done.stderr.strip()}")]
        results = json.loads(report.read_text(encoding="utf-8"))["results"]
    return [(result["id"], broken_promise(result)) for result in results]


def broken_promise(result):
    if result["verdict"] in ("pass", "expected failure"):  # contract/deviation: what the library itself does not tell
        return None
    declared = "the shim says" in result.get("message", "")
    return None if result["verdict"] == "unsupported" and not declared else result.get("message") or result["verdict"]


def wanted(select):
    named = [(check.__name__.replace("_", "-"), check) for check in CHECKS]
    return [(name, check) for name, check in named if not select or any(fnmatch.fnmatch(name, glob) for glob in select)]


def unavailable(command):
    """Whether its launcher says that this machine has no such library; with its words on stderr."""
    shim = Shim(command)
    try:
        shim.hello()
    except Broken:
        if shim.process.poll() == UNAVAILABLE:
            print(shim.last_error(), file=sys.stderr)
            return True
    finally:
        shim.close()
    return False


def main():
    parser = argparse.ArgumentParser(prog="script/shim-check", description=__doc__)
    parser.add_argument("shim", nargs="+", help="a shim of ours (pika, aio-pika@newest), or after -- the command of any")
    parser.add_argument("--conformance", default=ROOT / "build" / "bin" / "amqp-conformance", type=Path, metavar="FILE")
    parser.add_argument("--select", action="append", default=[], metavar="GLOB", help="only these checks; may be given again")
    options = parser.parse_args()
    command = command_of(options.shim)
    try:
        if unavailable(command):
            return UNAVAILABLE
    except OSError as error:
        told = no_shim(command[0]) if len(command) == 1 and "/" not in command[0] else f"{command[0]}: {error.strerror}"
        parser.error(f"the shim cannot be started: {told}")
    broker = Simbroker(options.conformance.parent / "simbroker")
    try:
        told = [(name, run_check(check, command, broker.port)) for name, check in wanted(options.select)]
    finally:
        broker.close()
    scenarios = [glob for glob in options.select if glob.startswith("shim.")]
    if scenarios or not options.select:
        told += run_scenarios(options.conformance, command, scenarios)
    if not told:
        sys.exit(f"shim-check: nothing is called {options.select}")
    for name, broken in told:
        print(f"PASS {name}" if broken is None else f"FAIL {name}\n     {broken}")
    failed = sum(broken is not None for _, broken in told)
    print(f"shim-check {' '.join(options.shim)}: {len(told) - failed} passed, {failed} failed")
    if failed:
        print(f"  again: script/shim-check -- {' '.join(command)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
