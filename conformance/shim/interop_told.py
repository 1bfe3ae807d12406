"""What script/interop saw, told: as text for who runs it, and as the section of RESULTS.md.

Differences whose cause is known are told by their cause, one line each: interop_known.yaml says whose they are, the
publisher's or the consumer's, and what that means for a user. What is left is told by pair and field.
"""
import collections
import fnmatch
import functools
from pathlib import Path

import yaml

KNOWN = Path(__file__).resolve().parent / "interop_known.yaml"
TITLE = "## What one client receives of another"
PUBLICATION = "publication"  # The field of what could not even be published: there is no consumer then.
MOST_CASES = 12

HEAD = """
Made by `script/interop` of what it saw: each client published {cases} messages, with each property, headers of every type and
bodies of many sizes, and all the others and itself received them through the simulated broker. "Asked" is for how many of
them the publisher has words; a cell is how many of these arrived with all that was sent, as it was sent. What a library adds
of its own is not counted there; it is among the differences below. Rows are publishers, columns consumers.
"""


def report_of(matrix, publishers, consumers):
    """What the JSON has. Equal differences of one publisher are one row."""
    by_case = collections.defaultdict(list)
    for publisher, consumer, *rest in matrix.found:
        by_case[publisher, *rest].append(consumer)
    rows = collections.defaultdict(list)
    for (publisher, case, field, sent, got), seen_by in by_case.items():
        rows[publisher, tuple(seen_by), field, sent, got].append(case)
    names = ("publisher", "consumers", "field", "sent", "got", "cases")
    return {"clients": {client.name: client.version for client in [*publishers, *consumers]},
            "consumers": [client.name for client in consumers], "cases": [case for case, *_ in matrix.wanted],
            "asked": {publisher: len(cases) for publisher, cases in matrix.asked.items()}, "left_out": matrix.left_out,
            "differences": [dict(zip(names, (*row, cases))) for row, cases in rows.items()]}


def single(report):
    """Each difference alone: (publisher, consumer, case, field, sent, got)."""
    for row in report["differences"]:
        for consumer in row["consumers"]:
            for case in row["cases"]:
                yield row["publisher"], consumer, case, row["field"], row["sent"], row["got"]


def arrived(report):
    """How many cases came as they were sent, by publisher and consumer. What is added takes nothing away."""
    changed = collections.defaultdict(set)
    for publisher, consumer, case, _, sent, _ in single(report):
        if sent is not None:
            for one in report["consumers"] if consumer is None else [consumer]:
                changed[publisher, one].add(case)
    return {(publisher, consumer): asked - len(changed[publisher, consumer])
            for publisher, asked in report["asked"].items() for consumer in report["consumers"]}


def known_causes():
    return yaml.safe_load(KNOWN.read_text(encoding="utf-8"))


def listed(value):
    return value if isinstance(value, list) else [value]


@functools.cache
def fits(value, patterns):
    return any(fnmatch.fnmatchcase(value, pattern) for pattern in patterns)


def side_of(cause):
    return "publisher" if "publisher" in cause else "consumer"


def is_cause(cause, difference):
    publisher, consumer, case, field, sent, _ = difference
    field = f"+{field}" if sent is None else field
    client = {"publisher": publisher, "consumer": consumer}[side_of(cause)]
    return (client is not None and fits(client.partition("@")[0], tuple(listed(cause[side_of(cause)])))
            and fits(case, tuple(listed(cause.get("case", "*"))))
            and fits(field, tuple(listed(cause.get("field", "properties.*")))))


def by_cause(report, causes):
    """The differences that each cause explains, in the order of the causes, and those that none does. Case by case."""
    explained, others = [[] for _ in causes], []
    for difference in sorted(single(report), key=lambda difference: report["cases"].index(difference[2])):
        number = next((number for number, cause in enumerate(causes) if is_cause(cause, difference)), None)
        (others if number is None else explained[number]).append(difference)
    return explained, others


def cases_in_words(cases):
    """`header integer -1, -128`: what names have in common is told once."""
    names = list(dict.fromkeys(cases))
    if len(names) > MOST_CASES:
        return f"{len(names)} cases"
    by_beginning = collections.defaultdict(list)
    for name in names:
        beginning, _, end = name.rpartition(" ")
        by_beginning[beginning].append(end)
    return "; ".join(f"{beginning} {', '.join(ends)}".strip() for beginning, ends in by_beginning.items())


def line_of(cause, differences):
    place = 0 if side_of(cause) == "publisher" else 1
    clients = sorted({difference[place].partition("@")[0] for difference in differences})
    return f"{', '.join(clients)}: {cause['means']} ({cases_in_words([difference[2] for difference in differences])})"


def lines_of_others(others, consumers):
    """By pair and field: 'a -> everybody' where all consumers tell the same of a publisher."""
    groups = collections.defaultdict(lambda: collections.defaultdict(set))
    for publisher, consumer, *what in others:
        groups[tuple(what)][publisher].add(consumer)
    for (case, field, sent, got), pairs in groups.items():
        by_consumers = collections.defaultdict(list)
        for publisher, found in pairs.items():
            who = "nobody" if found == {None} else "everybody" if found >= consumers else ", ".join(sorted(found))
            by_consumers[who].append(publisher)
        who = "; ".join(f"{', '.join(publishers)} -> {who}" for who, publishers in by_consumers.items())
        yield f"{who}: {case}: {field}: sent {sent or 'nothing'}, got {got or 'nothing'}"


def told(report, everything):
    """Prints it; 1 if something differs whose cause is not known."""
    causes = known_causes()
    explained, others = by_cause(report, causes)
    for cause, differences in zip(causes, explained):
        if differences:
            print(f"KNOWN {side_of(cause)} {line_of(cause, differences)}")
        elif everything:
            print(f"NOT SEEN {side_of(cause)} {', '.join(listed(cause[side_of(cause)]))}: {cause['means']}")
    for line in lines_of_others(others, set(report["consumers"])):
        print(f"DIFFERS {line}")
    as_sent, deliveries = sum(arrived(report).values()), sum(report["asked"].values()) * len(report["consumers"])
    print(f"interop: {as_sent} of {deliveries} messages arrived as they were sent, {len(others)} differences not explained")
    if others:
        publisher, consumer, case, *_ = others[0]
        print(f"  again: script/interop --publisher {publisher} --consumer {consumer or publisher} --case '{case}'")
    return 1 if others else 0


def section(report):
    """The lines of RESULTS.md."""
    consumers = report["consumers"]
    as_sent = arrived(report)
    yield TITLE
    yield HEAD.format(cases=len(report["cases"]))
    yield f"| | asked | {' | '.join(name.partition('@')[0] for name in consumers)} |"
    yield "|---|" + "---|" * (len(consumers) + 1)
    for publisher, asked in report["asked"].items():
        yield f"| {publisher} | {asked} | {' | '.join(str(as_sent[publisher, consumer]) for consumer in consumers)} |"
    causes = known_causes()
    explained, others = by_cause(report, causes)
    for side, title in (("publisher", "### As publishers"), ("consumer", "\n### As consumers")):
        yield f"\n{title}\n" if side == "publisher" else f"{title}\n"
        for cause, differences in zip(causes, explained):
            if differences and side_of(cause) == side:
                link = f" [link]({cause['link']})" if "link" in cause else ""
                yield f"* {line_of(cause, differences)}{link}"
    if others:
        yield "\n### Not explained yet\n"
        yield from (f"* {line}" for line in lines_of_others(others, set(consumers)))
