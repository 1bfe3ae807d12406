"""The judge of script/clients: what a client program may print, and what makes it fail."""

import sys

import pytest
from codebase import ROOT

sys.path.insert(0, str(ROOT / "clients"))
from harness import story  # noqa: E402 (found by the line above)

STORY = ("declared", "recovered")
TELL = """
import sys, threading
say = lambda text: print(text, flush=True)
"""


class Broker:
    """Remembers that it was asked to restart."""

    url = "amqp://nowhere"
    restarts = 0

    def restart(self):
        self.restarts += 1


def told(program, broker=None, **options):
    return story.tell([sys.executable, "-c", TELL + program], broker or Broker(), "prefix", STORY, **options)


GOOD = "say('step: declared'); say('restart'); say('step: recovered')"


def test_a_story_told_to_its_end_passes():
    broker = Broker()
    outcome = told(GOOD, broker)
    assert outcome.problems == []
    assert outcome.steps == list(STORY)
    assert broker.restarts == 1


def test_the_program_gets_the_url_and_the_prefix():
    assert told("assert sys.argv[1:] == ['amqp://nowhere', 'prefix'], sys.argv;" + GOOD).problems == []


def test_a_log_line_fails_it():
    assert told("say('ERROR library: no');" + GOOD).problems == ["logged: ERROR library: no"]


def test_a_log_line_on_standard_error_fails_it():
    assert told("sys.stderr.write('warning\\n');" + GOOD).problems == ["logged: warning"]


def test_a_log_line_while_the_broker_is_away_does_not():
    outcome = told("say('step: declared'); say('restart'); say('refused'); say('step: recovered')")
    assert (outcome.problems, outcome.log) == ([], ["refused"])


def test_a_log_line_after_the_recovery_fails_it():
    assert told(GOOD + "; say('late')").problems == ["logged: late"]


def test_what_the_library_says_everywhere_is_allowed():
    assert told("say('W: returned 1');" + GOOD, says=("returned [0-9]",)).problems == []


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        ("say('step: declared')", 'step 2: expected "recovered", got "nothing more"'),
        ("say('step: recovered')", 'step 1: expected "declared", got "recovered"'),
        (GOOD + "; say('step: again')", 'step 3: expected "the end", got "again"'),
        (GOOD + "; sys.exit(3)", "exit status 3, expected 0"),
    ],
)
def test_another_story_or_status_fails_it(program, problem):
    assert told(program).problems == [problem]


def test_a_program_that_hangs_is_ended():
    outcome = told("say('step: declared'); threading.Event().wait()", seconds=0.5)
    assert outcome.problems[0] == "still running at its time limit, after 1 steps"
    assert outcome.seconds < 30
