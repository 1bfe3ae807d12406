"""script/clients: real client libraries on simbroker, or their own test suites; a line of PASS, FAIL or SKIP for each.

Exit status: 0 nothing failed, 1 something did, 2 the call was wrong or nothing ran.
"""

import argparse
import concurrent.futures
import fnmatch
import os
import shutil
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from harness import suites
from harness.broker import BrokerError, Forwarded, Simbroker, look_at
from harness.catalogue import CLIENTS
from harness.install import HERE, Unavailable
from harness.story import tell

DEFAULT_PROGRAM = HERE.parent / "build" / "bin" / "simbroker"


@dataclass
class Result:
    title: str
    verdict: str
    detail: str = ""
    lines: list = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self):
        return "\n    ".join([f"{self.verdict} {self.title}  {self.detail}".rstrip(), *self.lines])


def arguments():
    parser = argparse.ArgumentParser(prog="script/clients", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="clients, as globs: pika, '*@newest', bunny@debian")
    parser.add_argument("--suites", choices=("short", "all"), help="run the libraries' own test suites, not the stories")
    parser.add_argument("--list", action="store_true", help="only say what there is")
    parser.add_argument("--broker", metavar="URL", help="ask this broker and not simbroker; it must be a RabbitMQ")
    parser.add_argument("--simbroker", default=DEFAULT_PROGRAM, metavar="FILE", help="the program (%(default)s)")
    parser.add_argument("--profile", help="the profile of simbroker")
    parser.add_argument("--jobs", type=int, default=4, help="how many at once (%(default)s)")
    parser.add_argument("--junit", metavar="FILE")
    return parser.parse_args()


def is_wanted(title, names):
    return not names or any(fnmatch.fnmatch(title, glob) or title.split("@")[0] == glob for glob in names)


def open_broker(options, profile=None, more=(), certificates=None):
    if options.broker:
        return Forwarded(options.broker)
    profile = options.profile or profile
    return Simbroker(options.simbroker, [*(["--profile", profile] if profile else []), *more], certificates)


# Clients keep their heartbeats in wall time, which a manual clock would leave behind: none are asked for.
OPERATED = ["--clock", "manual", "--control", "127.0.0.1:0", "--config", HERE / "harness" / "operated.json"]


# Several clients of one language share what is installed.
installing = threading.Lock()


def run_client(client, options):
    began = time.monotonic()
    try:
        if client.operates and options.broker:
            raise Unavailable("it operates the broker over HTTP, which RabbitMQ does not offer")
        with installing:
            command = client.command()
            version = client.version(command)
    except Unavailable as reason:
        return Result(client.title, "SKIP", str(reason))
    prefix = f"simbroker-clients.{client.name}.{client.release}.{os.getpid()}"
    try:
        broker = open_broker(options, more=OPERATED if client.operates else ())
        try:
            control = broker.control_url if client.operates else None
            outcome = tell(command, broker, prefix, client.story, client.says, control=control)
        finally:
            broker.close()
    except BrokerError as error:
        return Result(client.title, "FAIL", version, [str(error)], time.monotonic() - began)
    verdict = "FAIL" if outcome.problems else "PASS"
    lines = [*outcome.problems, *(f"output: {line}" for line in outcome.log)] if outcome.problems else []
    return Result(client.title, verdict, f"{version}  {outcome.seconds:.1f} s", lines, outcome.seconds)


def run_suite(suite, options):
    began = time.monotonic()
    results = Path(tempfile.mkdtemp(prefix="simbroker-suite-")) / "results"
    if options.broker:
        suite = replace(suite, left_out=suite.left_out | suite.tls, certificates=None)
    try:
        with installing:
            command, folder = suite.command(suite, results)
            certificates = suite.certificates(folder, options.simbroker) if suite.certificates else None
    except Unavailable as reason:
        return Result(suite.title, "SKIP", str(reason))
    try:
        opened = partial(open_broker, options, suite.profile, certificates=certificates)
        broker = opened()
        try:
            tests = suites.run(suite, command, folder, results, broker, opened)
        finally:
            broker.close()
    except Unavailable as reason:
        return Result(suite.title, "SKIP", str(reason))
    except BrokerError as error:
        return Result(suite.title, "FAIL", suite.version, [str(error)], time.monotonic() - began)
    seconds = time.monotonic() - began
    told = f"{suite.version}  {tests.passed} passed, {len(tests.failures)} failed, {tests.skipped} skipped  {seconds:.0f} s"
    lines = [*tests.failures, *(f"left out: {name} ({reason})" for name, reason in suite.left_out.items())]
    good = tests.passed and not tests.failures
    if good:
        shutil.rmtree(results.parent)
    return Result(suite.title, "PASS" if good else "FAIL", told, lines, seconds)


def all_jobs(options):
    """What could be run: each a client or a suite, and a function of it and the options."""
    if options.suites:
        return [(suite, run_suite) for suite in suites.SUITES if options.suites == "all" or suite.length == "short"]
    return [(client, run_client) for client in CLIENTS]


def mistake(options, jobs):
    """What is wrong with the call, or None."""
    for name in options.names:
        if not any(is_wanted(one.title, [name]) for one, _ in jobs):
            return f"{name!r} fits nothing; there are {', '.join(one.title for one, _ in jobs)}"
    try:
        if options.broker:
            look_at(options.broker)
    except BrokerError as error:
        return f"--broker: {error}"
    return None


def write_junit(path, results):
    suite = xml.Element("testsuite", name="clients", tests=str(len(results)))
    for result in results:
        case = xml.SubElement(suite, "testcase", classname="clients", name=result.title, time=f"{result.seconds:.3f}")
        if result.verdict == "FAIL":
            xml.SubElement(case, "failure", message=result.detail).text = "\n".join(result.lines)
        elif result.verdict == "SKIP":
            xml.SubElement(case, "skipped", message=result.detail)
    xml.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def main():
    options = arguments()
    jobs = all_jobs(options)
    wrong = mistake(options, jobs)
    if wrong:
        print(f"script/clients: {wrong}", file=sys.stderr)
        return 2
    wanted = [(one, run) for one, run in jobs if is_wanted(one.title, options.names)]
    if options.list:
        print(*(one.title for one, _ in wanted), sep="\n")
        return 0
    results = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for done in concurrent.futures.as_completed([pool.submit(run, one, options) for one, run in wanted]):
            results.append(done.result())
            print(results[-1], flush=True)
    count = {verdict: [result.verdict for result in results].count(verdict) for verdict in ("PASS", "FAIL", "SKIP")}
    print(f"clients: {count['PASS']} passed, {count['FAIL']} failed, {count['SKIP']} skipped")
    if options.junit:
        write_junit(options.junit, results)
    if not count["PASS"] and not count["FAIL"]:
        print(f"script/clients: nothing ran of {options.names or 'all clients'}", file=sys.stderr)
        return 2
    return 1 if count["FAIL"] else 0


sys.exit(main())
