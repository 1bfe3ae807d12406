"""The pytest plugin, seen from a project that uses it."""

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
