"""script/shim-check finds what a shim does not keep of the contract: here one that is broken on purpose."""

import subprocess

import pytest
from codebase import ROOT

SHIM_CHECK = ROOT / "script" / "shim-check"
BROKEN = ROOT / "conformance" / "runner" / "broken_pika_shim.py"


def check(*words):
    done = subprocess.run([SHIM_CHECK, *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.longest(120)
def test_the_shim_of_pika_keeps_it():
    status, told = check("pika")
    assert status == 0, told
    assert "0 failed" in told


@pytest.mark.parametrize(
    ("how", "where", "told"),
    [
        ("says_no_hello", "says-hello", "a line that is no JSON"),
        ("promises_the_unheard_of", "says-hello", "basic.unheard_of is no operation of the contract"),
        ("answers_twice", "answers-every-operation", "request 1 is answered twice"),
        ("answers_another_request", "answers-every-operation", "a request that was not asked"),
        ("forgets_an_answer", "answers-every-operation", "no answer within"),
        ("forgets_a_field", "answers-every-operation", "queue.declare: the result has no message_count"),
        ("promises_too_much", "answers-every-operation", "expected a result"),
        ("babbles", "answers-every-operation", "a line that is no JSON"),
        ("answers_what_it_does_not_know", "refuses-what-it-does-not-know", "expected `unsupported`"),
        ("is_slow", "is-prompt", "no answer within 2 s"),
        ("does_not_wait", "is-prompt", "wait 1 s: answered after"),
        ("crashes_at_the_end", "ends-when-its-input-does", "expected exit status 0, got 1"),
        ("never_ends", "ends-with-a-connection-open", "its input ends and it does not"),
        ("ignores_nonsense", "does-not-swallow-nonsense", "expected it to end"),
        ("hides_returns", "shim.event.basic-return", "expected the client to observe basic.return"),
        ("tells_another_kind", "shim.error.channel-closed", "channel_closed"),
        ("reconnects", "shim.event.connection-close", "connection.start-ok"),
        ("confirms_everything", "shim.error.nacked", "expected the error"),
    ],
)
def test_a_broken_shim_fails_it(how, where, told):
    status, said = check("--select", where, "--", str(BROKEN), how)
    assert status == 1, said
    assert f"FAIL {where}" in said
    assert told in said


def test_what_does_not_exist_is_no_shim():
    status, said = check("--", "/no/such/shim")
    assert status == 2
    assert "/no/such/shim: No such file or directory" in said
    status, said = check("pikka")
    assert status == 2
    assert "did you mean 'pika'?" in said
