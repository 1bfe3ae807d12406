"""The pytest plugin, seen from a project that uses it."""

import re
import sys
from pathlib import Path

import pytest


@pytest.fixture
def project(pytester):
    pytester.makepyfile(
        test_shop="""
        import pika, pytest

        def connect(broker):
            return pika.BlockingConnection(pika.URLParameters(broker.url))

        def test_works(simbroker):
            assert connect(simbroker).channel().is_open
            assert simbroker.clock == "manual"

        def test_fails(simbroker):
            connect(simbroker).channel().queue_declare("leads-a-life-of-its-own")
            assert False

        @pytest.mark.simbroker(clock="x100", profile="rabbitmq-3.10", seed=99)
        def test_marked(simbroker):
            assert (simbroker.clock, simbroker.profile, simbroker.seed) == ("x100", "rabbitmq-3.10", 99)

        def test_several(simbroker_factory):
            brokers = [simbroker_factory(), simbroker_factory(seed=4)]
            assert [broker.seed for broker in brokers] == [0, 4]
            assert brokers[0].port != brokers[1].port
        """
    )
    return pytester


def test_it_is_installed_for_pytest_to_find(project):
    project.runpytest_subprocess("--markers").stdout.fnmatch_lines(["@pytest.mark.simbroker(*"])


def test_a_broker_for_each_test(project):
    result = project.runpytest_subprocess("--strict-markers", "-k", "not fails")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["simbroker: seed 0, clock manual, profile rabbitmq-4.3"])


def test_a_failure_tells_what_happened_and_how_to_see_it_again(project):
    result = project.runpytest_subprocess("--simbroker-seed", "42", "-k", "works or fails")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "simbroker: seed 42, *",
            "*- simbroker -*",
            "<simbroker.Broker amqp://*seed=42*",
            "<Event *connection_opened*",
            "<Event *queue_declared*leads-a-life-of-its-own*",
            "the same again:      pytest --simbroker-seed 42 test_shop.py::test_fails",
            "what the broker did: python -m simbroker replay /*test_fails*.trace",
            "to look at it:       python -m simbroker trace show /*test_fails*.trace",
        ]
    )


def test_the_commands_of_a_failure_work(project):
    """Each is run as it was printed."""
    result = project.runpytest_subprocess("--simbroker-seed", "42", "-k", "fails")
    told = result.stdout.str()
    commands = {name: re.search(f"^{name}: +(.*)$", told, re.M).group(1).split() for name in ("what the broker did", "to look at it")}
    for words in commands.values():
        assert words[:3] == ["python", "-m", "simbroker"]
    replayed = project.run(sys.executable, *commands["what the broker did"][1:])
    replayed.stdout.fnmatch_lines(["identical: *"])
    shown = project.run(sys.executable, *commands["to look at it"][1:])
    shown.stdout.fnmatch_lines(["profile rabbitmq-4.3, seed 42", "*-> queue.declare(*leads-a-life-of-its-own*"])
    again = re.search("^the same again: +pytest (.*)$", told, re.M).group(1).split()
    project.runpytest_subprocess(*again).assert_outcomes(failed=1)


def test_a_failure_has_its_trace_in_the_junit_report(project):
    project.runpytest_subprocess("--junit-xml=report.xml", "-k", "works or fails").assert_outcomes(passed=1, failed=1)
    report = (project.path / "report.xml").read_text()
    (trace,) = re.findall(r'<property name="simbroker_trace" value="([^"]+)"', report)
    assert "test_fails" in trace and Path(trace).is_file()


def test_an_async_test_runs_in_virtual_time(pytester):
    pytester.makepyfile(
        test_month="""
        import asyncio, pytest

        @pytest.fixture
        def days():
            return 30

        async def test_a_month(simbroker_aio, days):
            await asyncio.sleep(days * 86400)
            assert simbroker_aio.now.days == 30
            assert (simbroker_aio.seed, simbroker_aio.profile) == (0, "rabbitmq-3.10")

        @pytest.mark.simbroker_aio(seed=9, latency=1)
        async def test_marked(simbroker_aio):
            await asyncio.open_connection("broker", 5672)
            assert (simbroker_aio.seed, simbroker_aio.now.seconds) == (9, 2)

        @pytest.mark.parametrize("fails", [True])
        async def test_fails(simbroker_aio, fails):
            await asyncio.open_connection("broker", 5672)
            assert not fails

        def test_no_coroutine(simbroker_aio):
            async def main():
                await asyncio.sleep(5)
            simbroker_aio.run(main())
            assert simbroker_aio.now.seconds == 5
        """
    )
    result = pytester.runpytest_subprocess("--strict-markers", "--simbroker-profile=rabbitmq-3.10", "-W", "error::RuntimeWarning")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(
        [
            "<simbroker.aio.Simulation *profile=rabbitmq-3.10 seed=0*",
            "the same again:      pytest --simbroker-seed 0 --simbroker-profile rabbitmq-3.10 *test_fails*True*",
            "to look at it:       python -m simbroker trace show /*test_fails*.trace*",
        ]
    )


def test_the_trace_of_a_failure_replays(project, tmp_path):
    import simbroker

    result = project.runpytest_subprocess("--simbroker-trace-dir", str(tmp_path / "traces"), "-k", "fails")
    result.assert_outcomes(failed=1)

    (trace,) = (tmp_path / "traces").iterdir()
    assert simbroker.replay(trace).identical
    result.stdout.fnmatch_lines([f"*simbroker replay {trace}"])


def test_the_command_line_decides_what_no_marker_decides(project):
    project.makepyfile(
        test_chosen="""
        def test_chosen(simbroker):
            assert (simbroker.clock, simbroker.profile) == ("wall", "rabbitmq-4.0")
        """
    )
    result = project.runpytest_subprocess(
        "--simbroker-clock=wall", "--simbroker-profile=rabbitmq-4.0", "-k", "chosen or marked"
    )
    result.assert_outcomes(passed=2)


def test_a_random_seed_is_drawn_and_told(project):
    first, second = (
        project.runpytest_subprocess("--simbroker-seed=random", "-k", "works").stdout.str() for _ in range(2)
    )
    seeds = [line for run in (first, second) for line in run.splitlines() if line.startswith("simbroker: seed")]
    assert len(seeds) == 2 and seeds[0] != seeds[1]


@pytest.mark.parametrize("seed", ["soon", "-1", str(2**64)])
def test_a_bad_seed_is_refused(project, seed):
    result = project.runpytest_subprocess(f"--simbroker-seed={seed}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--simbroker-seed is '{seed}'; expected*"])


def test_a_bad_clock_fails_the_test_with_the_reason(project):
    result = project.runpytest_subprocess("--simbroker-clock=now", "-k", "works")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ConfigurationError*now*"])


def test_a_marker_without_names_is_refused(pytester):
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.simbroker("wall")
        def test_marked(simbroker):
            pass
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the simbroker marker takes names, as in simbroker(seed=7)*"])
