"""Aggregates of defined metrics: always those of the points that show, whichever way these came, in the training and on the server."""

import json
import math

import pytest

from playhead.domain.ids import generate_id
from playhead.wire.views import MetricView

DEFINE = 'run.define_metric("a", summary="min,max,mean,first,last", step_metric="epoch")'
BEGIN = f"""
def values(run):
    return dict(run.summary)
run = playhead.init(project="p", **json.loads(sys.argv[1]))
{DEFINE}
"""
KINDS = ("min", "max", "mean", "first", "last")


def aggregates(points):
    """Of (step, value) pairs in order."""
    values = [value for _, value in points]
    finite = [value for value in values if math.isfinite(value)]
    return {
        "min": min(finite), "max": max(finite), "mean": sum(finite) / len(finite), "first": values[0], "last": values[-1],
    }  # fmt: skip


@pytest.fixture
def record(online, server):
    """Runs `code` in a training with these arguments of `init`; answers what it said."""

    def call(code, **arguments):
        return online.ask(BEGIN + code, json.dumps(arguments))

    return call


@pytest.fixture
def check(server):
    """The run's summary is what its points say, and `expected`."""

    def compare(run_id, step=None, **expected):
        run = server.run(run_id, "finished")
        run = run if step is None else run.at(step)
        points = [(row["_step"], row["a"]) for row in run.scan_history(keys=["a"])]
        assert run.summary["a"] == pytest.approx(aggregates(points))
        assert {key: run.summary["a"][key] for key in expected} == expected
        return run

    return compare


def test_over_the_timeline(record, check, server):
    run_id = f"d-{generate_id()}"
    first = "for i in range(10): run.log({'a': 10 - i, 'epoch': i})\nsay(summary=values(run))"
    told = record(first, id=run_id)
    run = check(run_id, min=1, max=10, first=10, last=1, mean=5.5)
    assert told["summary"]["a"] == run.summary["a"]
    assert check(run_id, step=4, min=6).metrics == run.metrics
    assert run.metrics[0] == MetricView(name="a", step_metric="epoch", step_sync=True, summary=list(KINDS))
    [listed] = [one for one in server.api.runs(f"{server.entity}/p") if one.id == run_id]
    assert listed.summary == run.summary

    # Resumed: it goes on from what was, the step metric as well.
    told = record("run.log({'a': 100})\nsay(summary=values(run))", id=run_id, resume="must")
    run = check(run_id, max=100, min=1)
    assert told["summary"]["a"] == pytest.approx(run.summary["a"])
    assert [row["epoch"] for row in run.scan_history(keys=["epoch"], min_step=10)] == [9]

    # Late, and over what was there.
    record("run.log({'a': -5}, step=3)\nrun.log({'a': 0}, step=10)", id=run_id, resume="must")
    check(run_id, min=-5, max=10, last=0)

    # Rewound behind all that, and forked before it.
    record("run.log({'a': 7.5})", resume_from=f"{run_id}?_step=2")
    check(run_id, min=7.5, max=10, mean=pytest.approx((10 + 9 + 8 + 7.5) / 4))
    told = record("run.log({'a': 3})\nsay(id=run.id)", fork_from=f"{run_id}?_step=1")
    check(told["id"], min=3, max=10, mean=pytest.approx(22 / 3))
    assert {one.name for one in server.run(told["id"], "finished").metrics} == {"a", "epoch"}


def test_definitions_have_a_place_on_the_timeline(record, server):
    run_id = f"d-{generate_id()}"
    code = """
run.log({"b": 1})
run.log({"b": 5})
run.define_metric("b", summary="max", hidden=True)
run.log({"b": 2})
"""
    record(code, id=run_id)
    run = server.run(run_id, "finished")
    assert run.summary["b"] == {"max": 5}
    assert run.at(1).summary["b"] == 5
    assert "b" not in {one.name for one in run.at(1).metrics}
    run.rewind(step=1)
    assert run.summary["b"] == 5


def test_several_writers(online, server):
    run_id = f"d-{generate_id()}"
    code = """
import multiprocessing
def work(rank, there):
    run = playhead.init(project="p", id=sys.argv[1], mode="shared", settings={"label": str(rank)})
    run.define_metric("a", summary="min,max,mean,first,last")
    there.wait(60)
    for i in range(50):
        run.log({"a": 100 * rank + i})
    run.finish()
if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    there = context.Barrier(3)
    all = [context.Process(target=work, args=(rank, there)) for rank in range(3)]
    for one in all: one.start()
    for one in all: one.join()
"""
    online.ask(code, run_id)
    told = server.run(run_id, "finished").summary["a"]
    assert (told["min"], told["max"], told["mean"]) == (0, 249, pytest.approx(124.5))
    assert told["last"] in {49, 149, 249}


def test_what_was_recorded_offline(place, server):
    place.ask(
        "run = playhead.init(project='p', id='off')\nrun.define_metric('a', summary='max', step_metric='epoch')\n"
        "run.log({'epoch': 4, 'a': 9})\nrun.log({'epoch': 5.5, 'b': 'x'})"
    )
    code = "run = playhead.init(project='p', id='off', resume='must')\nrun.log({'a': 2})\nsay(row=dict(run.summary))"
    assert place.ask(code)["row"]["a"] == {"max": 2}
    place.ask("run = playhead.init(project='p', resume_from='off?_step=0')\nrun.log({'a': 3})")
    first, second, rewound = place.journals()
    assert second.of("metric") == []
    assert first.rows == [(0, {"epoch": 4, "a": 9}), (1, {"epoch": 5.5, "b": "x"})]
    assert second.rows == [(2, {"a": 2, "epoch": 5.5})]
    assert rewound.rows == [(1, {"a": 3, "epoch": 4})]
    place.train_well(
        "import sys\nfrom playhead.cli import main\nmain(['sync', '--all'])",
        env={"PLAYHEAD_DATA_DIR": str(server.data)},
    )
    rows = server.run("off", "finished").scan_history()
    assert [(row["_step"], row["a"], row["epoch"]) for row in rows] == [(0, 9, 4), (1, 3, 4)]
