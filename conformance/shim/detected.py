"""script/detected: what the catalogue would have found. Makes conformance/DETECTED.md of what it saw itself.

detected.yaml names releases with a defect that was published, the releases that mended it, and scenarios. Both are
installed, each in a folder of its own; the older must fail every scenario, the newer pass it. Rows can be run again
alone: of the others the page says what it said before.
"""
import argparse
import fnmatch
import json
import subprocess
import sys
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGE = ROOT / "conformance" / "DETECTED.md"
HEAD = """# Defects that the catalogue detects

Made by `script/detected`, which installs both releases of a library and runs the scenarios: the older release fails
each, the newer one passes it. Every row was seen; the message is that of the older release.

| client | fails | passes | scenario | the defect | what was seen |
|---|---|---|---|---|---|
"""


def arguments():
    parser = argparse.ArgumentParser(prog="script/detected", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="GLOB", help="rows: a client, client@release or part of a scenario")
    parser.add_argument("--conformance", default=ROOT / "build" / "bin" / "amqp-conformance", type=Path, metavar="FILE")
    parser.add_argument("--seen", default=ROOT / "build" / "detected", type=Path, metavar="DIR")
    parser.add_argument("--scenarios", default=ROOT / "scenarios", type=Path, metavar="DIR")
    parser.add_argument("--patience", default="8s", metavar="TIME", help="how long a step waits (%(default)s)")
    parser.add_argument("--shims", default=HERE, type=Path, metavar="DIR", help="the launchers (%(default)s)")
    parser.add_argument("--page-only", action="store_true", help="run nothing, write the page")
    return parser.parse_args()


def key_of(row):
    return f"{row['client']}@{row['old']} {row['scenarios'][0]}".replace("/", "-")


def is_wanted(row, names):
    return not names or any(fnmatch.fnmatch(key_of(row), f"*{name}*") for name in names)


def run(options, client, row, report):
    """The verdict and message of each scenario, or why there are none."""
    report.unlink(missing_ok=True)
    name, _, release = client.partition("@")
    words = [str(options.conformance), "client", "--json", str(report), "--timeout", options.patience]
    words += ["--scenarios", str(options.scenarios)]
    if "profile" in row:  # Old releases do not get on with the newest RabbitMQ.
        words += ["--profile", row["profile"]]
    words += [word for scenario in row["scenarios"] for word in ("--select", scenario)]
    words += ["--", str(options.shims / name), release]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if not report.exists():
        return None, (done.stderr.strip() or "nothing ran").splitlines()[-1]
    results = json.loads(report.read_text(encoding="utf-8"))["results"]
    report.unlink()
    return {result["id"]: (result["verdict"], result.get("message", "")) for result in results}, None


def check(options, row):
    """What was seen; nothing, if the defect was not; None, if it could not be asked. Prints it."""
    report = options.seen / f"{key_of(row)}.report"
    seen = {}
    for which, good in (("old", ("fail", "expected failure")), ("fixed", ("pass",))):
        results, why = run(options, f"{row['client']}@{row[which]}", row, report)
        title = f"{row['client']}@{row[which]}"
        if not results:
            print(f"SKIP {title}: {why or 'no such scenario'}", flush=True)
            return None
        wrong = {name: verdict for name, verdict in results.items() if verdict[0] not in good}
        if which == "old":
            wrong = {} if len(wrong) < len(results) else wrong  # of several cases, those that it fails
            results = {name: verdict for name, verdict in results.items() if verdict[0] in good}
            row = {**row, "scenarios": sorted(results) or row["scenarios"]}
            seen["message"] = next(iter(results.values()), ("", ""))[1]
        if wrong:
            name, (verdict, message) = next(iter(wrong.items()))
            print(f"NOT DETECTED {title}: {name}: expected {good[0]}, got {verdict}: {message[:200]}", flush=True)
            return {}
        seen["scenarios"] = sorted(results)
    print(f"DETECTED {key_of(row)}, fixed in {row['fixed']}", flush=True)
    return seen


def beginning(row):
    old, fixed = (row[which].replace(",", ", ").replace("==", " ") for which in ("old", "fixed"))
    return f"| {row['client']} | {old} | {fixed} | "


def line(row, seen):
    message = seen["message"].replace("\n", " ").replace("|", "\\|").replace("<", "&lt;")
    message = message if len(message) <= 140 else message[:137] + "..."
    scenarios = ", ".join(f"`{name}`" for name in seen["scenarios"])
    return f"{beginning(row)}{scenarios} | [{row['bug']}]({row['link']}) | {message} |"


def line_before(row, page):
    """What the page says of the row already, if anything."""
    about = f"[{row['bug']}]({row['link']})"
    lines = [line for line in page.splitlines() if line.startswith(beginning(row)) and about in line]
    return lines[0] if lines else ""


def main():
    options = arguments()
    options.seen.mkdir(parents=True, exist_ok=True)
    rows = yaml.safe_load((HERE / "detected.yaml").read_text(encoding="utf-8"))
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    good, lines = True, {}
    for row in rows:
        seen = check(options, row) if not options.page_only and is_wanted(row, options.names) else None
        good = good and (seen is None or bool(seen))
        its_line = line_before(row, before) if seen is None else line(row, seen) if seen else ""
        if its_line:
            lines[key_of(row)] = row, its_line
    if not lines:
        sys.exit("script/detected: nothing was detected")
    releases = {(row["client"], row["old"]) for row, _ in lines.values()}
    libraries = {client for client, _ in releases}
    total = f"{len(lines)} defects in {len(releases)} releases of {len(libraries)} clients."
    PAGE.write_text(HEAD + "\n".join([*(text for _, text in lines.values()), "", total, ""]), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(lines)} of {len(rows)} defects")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
