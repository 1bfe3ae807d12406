"""simbroker.explore: the same outcomes, whoever runs the seeds and in which order."""

import json
import multiprocessing
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from pathlib import Path

import pytest
import simbroker

SEEDS = range(1, 25)
SMALL = {"seconds": 10, "calm_seconds": 30, "clients": 5}


@pytest.fixture(scope="module")
def expected():
    return simbroker.explore(SEEDS, workload=SMALL)


def test_the_broker_keeps_every_invariant(expected):
    assert [outcome.seed for outcome in expected] == list(SEEDS)
    assert [outcome.finding for outcome in expected if outcome.finding] == []
    assert sum(outcome.delivered for outcome in expected) > 500
    assert len({outcome.hash for outcome in expected}) == len(SEEDS)


def test_a_process_pool_finds_the_same(expected):
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        assert simbroker.explore(SEEDS, workload=SMALL, executor=executor) == expected


def test_a_dask_cluster_finds_the_same(expected):
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
    )
    with cluster, distributed.Client(cluster) as client:
        assert simbroker.explore(SEEDS, workload=SMALL, executor=client.get_executor()) == expected


class LastFirst(Executor):
    """Does nothing until it is asked for the first result, and then everything from the last to the first."""

    def __init__(self):
        self._waiting = []
        self.order = []

    def submit(self, function, /, *args):
        executor, future = self, Future()

        class Late(Future):
            def result(self, timeout=None):
                executor._run()
                return future.result(timeout)

        self._waiting.append((future, function, args))
        return Late()

    def _run(self):
        while self._waiting:
            future, function, args = self._waiting.pop()
            self.order.append(args[0][0])
            future.set_result(function(*args))


def test_the_order_does_not_matter(expected):
    executor = LastFirst()
    assert simbroker.explore(SEEDS, workload=SMALL, executor=executor) == expected
    assert executor.order == sorted(executor.order, reverse=True) and len(executor.order) > 1


def test_a_workload_may_be_a_file(tmp_path, expected):
    file = tmp_path / "workload.json"
    file.write_text(json.dumps(SMALL))
    assert simbroker.explore([3], workload=file) == [expected[2]]
    example = Path(__file__).parents[2] / "simbroker/explore/workload.example.yaml"
    assert len(simbroker.draw_plan(1, workload=example)["clients"]) == 12


@pytest.mark.parametrize(
    ("workload", "complaint"),
    [({"client": 3}, "client: is not known"), ({"roles": {"juggler": 1}}, "roles.juggler"), ({"clients": -1}, "clients")],
)
def test_a_workload_that_is_none_is_refused(workload, complaint):
    with pytest.raises(simbroker.ConfigurationError, match=complaint):
        simbroker.explore([1], workload=workload)


def test_a_plan_is_the_run_of_its_seed(expected):
    plan = simbroker.draw_plan(4, workload=SMALL)
    assert simbroker.run_plan(plan) == expected[3]
    without_mishaps = simbroker.run_plan({**plan, "mishaps": []})
    assert without_mishaps.mishaps == 0 and without_mishaps.finding is None
    with pytest.raises(simbroker.ConfigurationError, match="mishaps"):
        simbroker.run_plan({**plan, "mishaps": [{"kind": "earthquake"}]})


def test_a_seed_that_breaks_nothing_is_not_shrunk(tmp_path):
    assert simbroker.shrink(1, tmp_path, workload=SMALL) == []
    assert list(tmp_path.iterdir()) == []
