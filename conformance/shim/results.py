"""script/results: every client against the whole catalogue, as a page for those who choose or use one.

A run of each client leaves its JSON in build/results; the page is made of all that lie there, and says of other clients
what it said before, so that one can be run again alone. What a failure means for a user is the reason of its entry in
scenarios/deviation. What script/interop saw is a section at the end.
"""
import argparse
import collections
import concurrent.futures
import json
import subprocess
import sys
from pathlib import Path

from interop_told import TITLE, section

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGE = ROOT / "conformance" / "RESULTS.md"
CLIENTS = ["pika@debian", "pika@newest", "pika-select@debian", "pika-select@newest", "aio-pika@debian",
           "aio-pika@newest", "py-amqp@debian", "py-amqp@newest", "amqplib@newest", "amqplib-callback@newest",
           "cloudamqp@newest", "bunny@debian", "amqp091-go@newest", "streadway@newest", "php-amqplib@debian",
           "java-client@debian", "java-client@newest", "spring-amqp@newest", "rabbitmq-client@newest",
           "librabbitmq@debian", "lapin@newest"]
HEADING = "\n### "
LIMIT_SECONDS = 3600  # for all scenarios of one client; each of them ends by its own limits long before
UNAVAILABLE = 3
HEAD = """# Clients and the catalogue

Made by `script/results`: what each client library did when it was asked the scenarios of role client. "Expected" are
failures whose cause is known, listed in `scenarios/deviation/` with a link; "unexpected" ought to be none. "Unsupported" is
what the library has no way to do. All ran against the simulated broker, profile rabbitmq-4.3, without recovery.
"""


def arguments():
    parser = argparse.ArgumentParser(prog="script/results", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="clients, as in conformance/shim: bunny, pika@newest")
    parser.add_argument("--conformance", default=ROOT / "build" / "bin" / "amqp-conformance", metavar="FILE",
                        help="the program (%(default)s)")
    parser.add_argument("--results", default=ROOT / "build" / "results", type=Path, metavar="DIR",
                        help="where the JSON of each client lies (%(default)s)")
    parser.add_argument("--page-only", action="store_true", help="run nothing, write the page")
    parser.add_argument("--no-page", action="store_true", help="run them, and leave the page as it is")
    parser.add_argument("--jobs", type=int, default=2, help="how many clients at a time (%(default)s)")
    parser.add_argument("--select", action="append", default=[], metavar="GLOB", help="only scenarios of this id or glob")
    return parser.parse_args()


def ask(name, options):
    """Runs one client. Says what became of it, and whether something was not as foretold."""
    file = options.results / f"{name}.json"
    file.unlink(missing_ok=True)
    # Most of the time of a case is waiting.
    command = [str(options.conformance), "client", name, "--jobs", "4", "--json", str(file)]
    command += [word for glob in options.select for word in ("--select", glob)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        print(f"FAIL {name}: not finished after {LIMIT_SECONDS} s", flush=True)
        return False
    if done.returncode == UNAVAILABLE:
        print(f"SKIP {name}: {done.stderr.strip().splitlines()[-1]}", flush=True)
        return True
    print((done.stdout.strip() or done.stderr.strip()).splitlines()[-1], flush=True)
    return done.returncode == 0


def verdicts(run):
    return collections.Counter(result["verdict"] for result in run["results"])


def row(name, run):
    count = verdicts(run)
    unexpected = sum(not result["as_expected"] for result in run["results"])
    peer = run["peer"].removeprefix("client ")
    return f"| {name} | {peer} | {count['pass']} | {count['expected failure']} | {unexpected} | {count['unsupported']} |"


def failures(run):
    """One line for each reason, with the scenarios it explains."""
    by_reason = collections.defaultdict(list)
    for result in run["results"]:
        if result["verdict"] not in ("pass", "unsupported"):
            known = result.get("deviation", {})
            by_reason[known.get("reason", result["message"][:160]), known.get("link", "")].append(result["id"])
    for (reason, link), scenarios in by_reason.items():
        yield f"* {reason} ({', '.join(f'`{one}`' for one in scenarios)}){f' [link]({link})' if link else ''}"


def told(name, run):
    """The row and the section of a client."""
    heading = f"{HEADING}{name}: {run['peer'].removeprefix('client ')}\n"
    return row(name, run), "\n".join([heading, *failures(run)])


def told_before(text):
    """The same of each client in the page as it is."""
    rows = {line.split("|")[1].strip(): line for line in text.splitlines() if line.startswith("| ")}
    sections = {part.partition(":")[0]: HEADING + part.rstrip("\n") for part in text.split(HEADING)[1:]}
    return {name: (rows[name], sections[name]) for name in sections}


def page(clients):
    yield HEAD
    yield "| client | version | passed | expected | unexpected | unsupported |\n|---|---|---|---|---|---|"
    yield from (its_row for its_row, _ in clients)
    yield "\n## What the failures mean for a user"
    yield from (its_section for _, its_section in clients)


def interop_section(file, before):
    """What the page says of it already, if script/interop did not run here."""
    if file.exists():
        return "\n".join(section(json.loads(file.read_text(encoding="utf-8"))))
    return before.rstrip("\n")


def main():
    options = arguments()
    options.results.mkdir(parents=True, exist_ok=True)
    names = [] if options.page_only else options.names or CLIENTS
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        good = all(list(pool.map(lambda name: ask(name, options), names)))
    files = {name: options.results / f"{name}.json" for name in CLIENTS}
    runs = {name: json.loads(file.read_text(encoding="utf-8")) for name, file in files.items() if file.exists()}
    if not runs:
        sys.exit("script/results: no client ran")
    if options.no_page:
        return 0 if good else 1
    before, title, of_pairs_before = (PAGE.read_text(encoding="utf-8") if PAGE.exists() else "").partition(TITLE)
    clients = {**told_before(before), **{name: told(name, run) for name, run in runs.items()}}
    clients = [clients[name] for name in CLIENTS if name in clients]
    of_pairs = interop_section(options.results / "interop.json", title + of_pairs_before)
    PAGE.write_text("\n".join([*page(clients), *(["", of_pairs] if of_pairs else [])]) + "\n", encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(clients)} clients, {len(names)} of them asked now")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
