"""What records make of a run."""

import pytest

from playhead.domain.errors import NotFoundError
from playhead.domain.ids import RunPath
from playhead.domain.metric import Span
from playhead.domain.run import Run, RunState, Segment, Writer
from playhead.domain.timeline import lineage
from playhead.journal import format as f
from playhead.journal.columns import Record
from playhead.services.draft import Draft
from playhead.services.points import Last, Logged
from playhead.services.summary import Summary, shown
from playhead.services.text import fit_json, fit_line

RUN = Run(
    path=RunPath("ada", "p", "r"), name="r", state=RunState.RUNNING, head="g", created_at=10, updated_at=10, heartbeat_at=10,
    started_at=10, last_at=10, writers=(Writer(stream="w", begun=10),),
)  # fmt: skip

RUNTIME = abs


def after(*records, logged=None, run=RUN, main=True):
    draft = Draft(run)
    made = [Record(kind, offset, 0, time, data) for offset, (kind, time, data) in enumerate(records)]
    draft.take(made, logged or Logged(), writer="w", main=main, now=1_000)
    return draft


def row(step, time=100, **values):
    place = Last(step, time, step, None)
    return Logged(
        last={key: Last(step, time, step, value) for key, value in values.items()},
        row=place,
        first_step=step,
        last_time=time,
    )


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ("preempting", "preempting"),
        ("preempted", "preempted"),
        ("killed", "killed"),
        ("asleep", "running"),
        (7, "running"),
    ],
)
def test_states_that_are_told(told, state):
    assert after((f.STATE, 50, {"state": told})).run.state == state


def test_the_end_outweighs_a_crash_in_any_order():
    end, crash = (f.EXIT, 50, {"code": 0}), (f.STATE, 60, {"state": "crashed"})
    assert after(end, crash).run.state is RunState.FINISHED
    assert after(crash, end).run.state is RunState.FINISHED
    assert after(end, crash).run.finished_at == 50


def test_an_exit_code_that_is_none_is_a_failure():
    for code in (None, "0", True, 1 << 40):
        assert after((f.EXIT, 50, {"code": code})).run.exit_code == 1


def test_starting_again_forgets_the_end():
    ended = after((f.EXIT, 50, {"code": 1})).run
    again = after((f.START, 60, {"name": "n"}), run=ended).run
    assert (again.state, again.exit_code, again.finished_at, again.started_at) == (RunState.RUNNING, None, None, 10)


def test_rows_from_before_a_crash_do_not_revive():
    crashed = after((f.STATE, 50, {"state": "crashed"})).run
    assert after(logged=row(1, time=40), run=crashed).run.state is RunState.CRASHED
    assert after(logged=row(1, time=60), run=crashed).run.state is RunState.RUNNING
    assert after(logged=row(1, time=60), run=crashed, main=False).run.state is RunState.CRASHED


def test_only_what_changes_is_written():
    assert set(after().changes) == {"heartbeat_at", "last_at", "writers"}
    assert set(after(logged=row(4, loss=1.0)).changes) == {"heartbeat_at", "last_at", "writers", "summary", "step"}
    assert set(after((f.META, 1, {"notes": "n"})).changes) == {"heartbeat_at", "last_at", "writers", "notes"}


def test_the_summary_survives_being_stored():
    stored = {}
    for step, values in ((0, {"a": 1, "b": 1}), (7, {"a": 2}), (3, {"a": 0, "b": 2, "c": 3})):
        summary = Summary(stored)
        summary.log(row(step, time=100 + step, **values), RUNTIME)
        stored = summary.stored()
    assert {key: value for key, value in shown(stored).items() if key in "abc"} == {"a": 2, "b": 2, "c": 3}
    assert shown(stored)["_step"] == 7
    summary = Summary(stored)
    summary.set({"a": 9, "best": 1}, ["c"], 200)
    summary.log(row(8, time=150, a=3, c=4), RUNTIME)
    assert {key: shown(summary.stored()).get(key) for key in ("a", "best", "c")} == {"a": 9, "best": 1, "c": None}
    summary = Summary(summary.stored())
    summary.log(row(8, time=250, a=4, c=5, best=2), RUNTIME)
    assert {key: shown(summary.stored()).get(key) for key in ("a", "best", "c")} == {"a": 4, "best": 2, "c": 5}


def test_text_from_outside():
    assert fit_json({"a\0": ["\ud800", 1, None]}) == {"a\ufffd": ["\ufffd", 1, None]}
    deep = []
    for _ in range(200):
        deep = [deep]
    depth, inner = 0, fit_json(deep)
    while isinstance(inner, list):
        depth, inner = depth + 1, inner[0]
    assert depth == 32
    assert isinstance(inner, str)
    assert fit_line("\x1b[1;31mred\x1b[0m \x1b[2K\x1b]0;title\x07\x08\tend\x9b") == "\x1b[1;31mred\x1b[0m \tend"


def test_lineage_is_cut_at_each_branch():
    path = RunPath("ada", "p", "r")
    segments = [
        Segment(id="a", run=path),
        Segment(id="b", run=path, parent="a", parent_step=50),
        Segment(id="c", run=path, parent="b", parent_step=20),
        Segment(id="x", run=path, parent="a", parent_step=5),
    ]
    assert lineage(segments, "a") == (Span("a"),)
    assert lineage(segments, "c") == (Span("a", 20), Span("b", 20), Span("c"))
    assert lineage(segments, "x") == (Span("a", 5), Span("x"))
    with pytest.raises(NotFoundError):
        lineage(segments, "gone")
