"""Beginning, resuming, rewinding, forking, leases, shared writers, the trash: over HTTP, with journals as a training sends them."""

import itertools
import os
import time

import pytest

from a_run import digest
from a_server import ME
from playhead.domain.errors import ConflictError, LeaseError, NotFoundError, UsageError
from playhead.domain.ids import RunPath
from playhead.journal import format as f
from playhead.wire.timeline import Begin
from playhead.wire.views import RunPatch

_ids = itertools.count()


def now():
    return time.time_ns() // 1000


@pytest.fixture
def begin(server, journal):
    """Begins to write to a run; answers what the server said and the journal."""

    def call(client=None, send=True, start=None, **ask):
        name = f"{os.getpid()}-{next(_ids)}"
        told = {"project": "line", "stream": f"t-{name}", "segment": f"h-{name}", "created_at": now(), **ask}
        begun = (client or server.client()).begin(Begin(**told))
        one = journal(
            stream=told["stream"], run_id=begun.run_id, project=begun.project, entity=begun.entity, segment=begun.segment,
            parent=begun.parent, parent_step=begun.parent_step, step=begun.step, shared=begun.shared,
            label=told.get("label", ""),
        )  # fmt: skip
        one.writer.record(f.START, begun.step, start or {})
        if send:
            sent(server, one)
        return begun, one

    return call


def sent(server, one, final=False):
    offset = server.client().stream_offset(one.stream)
    return server.client().append(one.stream, offset, one.data[offset:], final=final)


def rows(one, *steps, key="a", value=None):
    for step in steps:
        one.writer.row(step, {key: step if value is None else value})
    return one


def ended(server, one, code=0):
    one.record(f.EXIT, 0, code=code)
    sent(server, one, final=True)


def history(server, run, **place):
    return [(row["_step"], row["a"]) for row in server.client().rows(run, keys=["a"], **place).items]


def a_run(begin, server, count=10, **ask):
    begun, one = begin(**ask)
    rows(one, *range(count))
    one.record(f.SUMMARY, count, set={"best": count})
    one.record(f.CONSOLE, 3, n=0, c="stdout", t="three")
    one.record(f.CONSOLE, 8, n=1, c="stdout", t="eight")
    ended(server, one)
    return begun, RunPath(begun.entity, begun.project, begun.run_id)


def test_a_new_run(begin, server):
    begun, run = a_run(begin, server, name="calm-river-1", start={"config": {"lr": 0.1}})
    assert (begun.entity, begun.resumed, begun.replaced, begun.step, begun.parent) == (ME, False, False, 0, None)
    view = server.client().run(run)
    assert (view.state, view.step, view.config, view.segment) == ("finished", 10, {"lr": 0.1}, begun.segment)
    assert view.summary["a"] == 9


def test_asking_again_gives_the_same_answer(begin, server):
    _, run = a_run(begin, server)
    ask = Begin(project="line", stream="again", segment="again-g", created_at=now(), run_id=run.run_id, resume="must")
    first = server.client().begin(ask)
    assert server.client().begin(ask) == first


@pytest.mark.parametrize(
    ("resume", "there", "answer"),
    [
        ("must", True, "resumed"), ("allow", True, "resumed"), ("never", True, ConflictError), (None, True, "replaced"),
        ("must", False, NotFoundError), ("allow", False, "new"), ("never", False, "new"), (None, False, "new"),
    ],
)  # fmt: skip
def test_the_table_of_resuming(begin, server, resume, there, answer):
    run_id = f"table-{next(_ids)}-{os.getpid()}"
    if there:
        a_run(begin, server, run_id=run_id)
    if isinstance(answer, type):
        with pytest.raises(answer, match=r"resume="):
            begin(run_id=run_id, resume=resume)
        return
    begun, _ = begin(run_id=run_id, resume=resume)
    assert ("resumed" if begun.resumed else "replaced" if begun.replaced else "new") == answer
    assert begun.step == (10 if answer == "resumed" else 0)


def test_resuming_goes_on_at_the_head(begin, server):
    first, run = a_run(begin, server, start={"config": {"lr": 0.1, "old": 1}, "notes": "before"})
    begun, one = begin(run_id=run.run_id, resume="must", start={"config": {"lr": 0.2}})
    assert (begun.segment, begun.step, begun.config["lr"]) == (first.segment, 10, 0.1)
    rows(one, 10, 11)
    ended(server, one)
    view = server.client().run(run)
    assert view.config == {"lr": 0.2, "old": 1}
    assert (view.summary["best"], view.summary["a"], view.notes, view.step) == (10, 11, "before", 12)
    assert history(server, run) == [(step, step) for step in range(12)]
    [segment] = server.client().segments(run)
    assert [session.step for session in segment.sessions] == [0, 10]
    assert server.client().run(run, step=9).config == {"lr": 0.1, "old": 1}


def test_the_runtime_of_a_resumed_run_adds_up(begin, server, journal):
    start = now() - 3_600_000_000
    run_id = f"clock-{next(_ids)}-{os.getpid()}"
    one = journal(run_id=run_id, project="line", created_at=start)
    body = one.data
    for step, late in ((0, 0), (1, 10)):
        payload = f.record_payload(f.SUMMARY, step, start + late * 1_000_000, {"set": {"s": step}})
        body += f.frame(payload, one.header.seed)
    body += f.frame(f.record_payload(f.EXIT, 1, start + 10_000_000, {"code": 0}), one.header.seed)
    server.client().append(one.stream, 0, body, final=True)
    _, two = begin(run_id=run_id, resume="must")
    rows(two, 5)
    sent(server, two)
    [row] = server.client().rows(RunPath(ME, "line", run_id)).items
    assert 10 <= row["_runtime"] < 60
    assert 10 <= server.client().run(RunPath(ME, "line", run_id)).runtime < 60


def test_beginning_anew_archives_what_was_there(begin, server):
    first, run = a_run(begin, server, start={"config": {"lr": 0.1}, "notes": "n"})
    begun, one = begin(run_id=run.run_id)
    assert begun.replaced
    rows(one, 0, value=7)
    sent(server, one)
    view = server.client().run(run)
    assert (view.config, view.notes, view.summary.get("best"), view.step) == ({}, None, None, 1)
    assert history(server, run) == [(0, 7)]
    assert history(server, run, segment=first.segment) == [(step, step) for step in range(10)]
    assert [(one.id, one.archived) for one in server.client().segments(run)] == [
        (first.segment, True),
        (begun.segment, False),
    ]


def test_a_header_alone_archives_too(begin, server, journal):
    first, run = a_run(begin, server)
    one = rows(journal(run_id=run.run_id, project="line").start(), 0, value=7)
    assert server.client().append(one.stream, 0, one.data).replaced
    assert history(server, run) == [(0, 7)]
    assert history(server, run, segment=first.segment)[-1] == (9, 9)


def test_rewind(begin, server):
    first, run = a_run(begin, server, start={"config": {"lr": 0.1}})
    begun, one = begin(from_run=run.run_id, step=5, start={"config": {"lr": 0.2}})
    assert (begun.run_id, begun.step, begun.parent, begun.parent_step) == (run.run_id, 6, first.segment, 5)
    assert begun.resumed
    assert begun.config == {"lr": 0.1}
    assert begun.segment != first.segment
    view = server.client().run(run)
    assert (view.summary["a"], view.summary.get("best"), view.step, view.config) == (5, None, 6, {"lr": 0.2})
    rows(one, 6, 7, value=70)
    sent(server, one)
    assert history(server, run) == [*((step, step) for step in range(6)), (6, 70), (7, 70)]
    assert history(server, run, segment=first.segment) == [(step, step) for step in range(10)]
    assert [line.text for line in server.client().console(run).items] == ["three"]
    assert [line.text for line in server.client().console(run, segment=first.segment).items] == ["three", "eight"]
    assert server.client().run(run, segment=first.segment).summary["best"] == 10


def test_rewinding_again_and_below(begin, server):
    first, run = a_run(begin, server)
    for step in (7, 3, 2):
        begun, one = begin(from_run=run.run_id, step=step)
        assert begun.parent == first.segment
        rows(one, step + 1, value=step)
        sent(server, one)
        assert history(server, run) == [*((s, s) for s in range(step + 1)), (step + 1, step)]
    assert len(server.client().segments(run)) == 4


def test_a_head_can_come_back(begin, server):
    first, run = a_run(begin, server)
    second, one = begin(from_run=run.run_id, step=5)
    rows(one, 6, value=60)
    ended(server, one)
    back = server.client().rewind(run, segment=first.segment)
    assert (back.head, back.step, back.summary["a"], back.summary["best"]) == (first.segment, 10, 9, 10)
    assert history(server, run)[-1] == (9, 9)
    forth = server.client().rewind(run, segment=second.segment)
    assert (forth.step, forth.summary["a"]) == (7, 60)
    at = server.client().rewind(run, step=2)
    assert (at.step, at.summary["a"]) == (3, 2)
    with pytest.raises(NotFoundError):
        server.client().rewind(run, segment="gone")
    with pytest.raises(UsageError, match="step 2"):
        server.client().rewind(run, step=3)


def test_steps_that_cannot_be_gone_back_to(begin, server):
    _, run = a_run(begin, server)
    with pytest.raises(UsageError, match="ends at step 9"):
        begin(from_run=run.run_id, step=10)
    with pytest.raises(NotFoundError):
        begin(from_run="nobody", step=1)
    late, one = begin(run_id=f"late-{next(_ids)}-{os.getpid()}")
    rows(one, 20)
    ended(server, one)
    begun, _ = begin(from_run=late.run_id, step=3)
    assert begun.step == 4
    assert history(server, RunPath(ME, "line", late.run_id)) == []


def test_a_name_is_enough_if_it_is_the_only_one(begin, server):
    name = f"name-{next(_ids)}-{os.getpid()}"
    _, run = a_run(begin, server, start={"name": name})
    begun, one = begin(from_run=name, step=5)
    assert begun.run_id == run.run_id
    ended(server, one)
    a_run(begin, server, start={"name": name})
    with pytest.raises(UsageError, match=run.run_id):
        begin(from_run=name, step=5)


def test_an_immutable_id_goes_on_meaning_what_it_meant(begin, server):
    first, run = a_run(begin, server)
    second, one = begin(from_run=run.run_id, step=5)
    rows(one, 6, value=60)
    ended(server, one)
    fork, _ = begin(from_run=first.segment, step=8, fork=True)
    assert history(server, RunPath(ME, "line", fork.run_id)) == [(step, step) for step in range(9)]
    again, two = begin(from_run=first.segment, step=7)
    assert (again.run_id, again.parent, again.step) == (run.run_id, first.segment, 8)
    rows(two, 8, value=80)
    ended(server, two)
    assert history(server, run) == [*((step, step) for step in range(8)), (8, 80)]
    back, _ = begin(from_run=second.segment, step=6)
    assert history(server, run) == [*((step, step) for step in range(6)), (6, 60)]
    assert back.parent == second.segment


def test_fork(begin, server):
    first, run = a_run(begin, server, start={"config": {"lr": 0.1}})
    begun, one = begin(from_run=run.run_id, step=5, fork=True, run_id=f"fork-{next(_ids)}-{os.getpid()}")
    child = RunPath(ME, "line", begun.run_id)
    assert (begun.step, begun.parent, begun.config, begun.fork_of) == (6, first.segment, {"lr": 0.1}, str(run))
    rows(one, 6, value=60)
    ended(server, one)
    assert history(server, child) == [*((step, step) for step in range(6)), (6, 60)]
    assert history(server, run)[-1] == (9, 9)
    view = server.client().run(child)
    assert (view.summary["a"], view.parent.id, view.parent.step) == (60, run.run_id, 5)
    assert [ref.id for ref in server.client().children(run)] == [child.run_id]
    again, two = begin(from_run=child.run_id, step=6, fork=True, inherit_config=False)
    assert again.config == {}
    rows(two, 7, value=70)
    ended(server, two)
    assert history(server, RunPath(ME, "line", again.run_id)) == [*((s, s) for s in range(6)), (6, 60), (7, 70)]
    for thrown, forever in ((run, False), (run, True), (child, True)):
        server.client().delete(thrown, forever=forever)
        assert history(server, RunPath(ME, "line", again.run_id)) == [*((s, s) for s in range(6)), (6, 60), (7, 70)]
        assert server.client().run(RunPath(ME, "line", again.run_id)).summary["a"] == 70
    below, three = begin(from_run=again.run_id, step=3)
    assert below.step == 4
    rows(three, 4, value=40)
    sent(server, three)
    assert history(server, RunPath(ME, "line", again.run_id)) == [*((s, s) for s in range(4)), (4, 40)]


def test_a_fork_of_a_run_of_another_project(begin, server):
    _, run = a_run(begin, server)
    begun, _ = begin(project="elsewhere", from_run=f"{ME}/line/{run.run_id}", step=4, fork=True)
    assert history(server, RunPath(ME, "elsewhere", begun.run_id)) == [(step, step) for step in range(5)]
    with pytest.raises(NotFoundError):
        begin(project="elsewhere", from_run="nobody/line/x", step=4, fork=True)


def test_a_second_writer_is_refused_while_the_first_lives(begin, server):
    begun, one = begin(host="first-host", pid=4711, run_id=f"lease-{next(_ids)}-{os.getpid()}")
    rows(one, 0, 1)
    sent(server, one)
    with pytest.raises(LeaseError, match=r"4711.*first-host.*wait=") as refused:
        begin(run_id=begun.run_id, resume="must")
    assert (refused.value.stream, refused.value.host, refused.value.pid) == (one.stream, "first-host", 4711)
    taken, two = begin(run_id=begun.run_id, resume="must", evict=one.stream)
    assert (taken.step, taken.segment) == (2, begun.segment)
    rows(two, 2, value=20)
    sent(server, two)
    rows(one, 2, 3, value=30)
    assert sent(server, one).fenced
    run = RunPath(ME, "line", begun.run_id)
    assert history(server, run) == [(0, 0), (1, 1), (2, 20)]
    beside = [segment for segment in server.client().segments(run) if segment.id != begun.segment]
    assert [segment.archived for segment in beside] == [True]
    assert history(server, run, segment=beside[0].id) == [(0, 0), (1, 1), (2, 30), (3, 30)]


def test_a_rewind_takes_the_run_from_a_writer_at_work(begin, server):
    begun, one = begin(run_id=f"fence-{next(_ids)}-{os.getpid()}")
    rows(one, *range(5))
    assert not sent(server, one).fenced
    _, two = begin(from_run=begun.run_id, step=2)
    rows(two, 3, value=30)
    sent(server, two)
    rows(one, 5, 6)
    assert sent(server, one).fenced
    run = RunPath(ME, "line", begun.run_id)
    assert history(server, run) == [(0, 0), (1, 1), (2, 2), (3, 30)]
    assert history(server, run, segment=begun.segment) == [(step, step) for step in range(7)]
    assert server.client().run(run).state == "running"
    ended(server, one, code=1)
    assert server.client().run(run).state == "running"
    ended(server, two)
    assert server.client().run(run).state == "finished"


def test_shared_writers(begin, server):
    run_id = f"shared-{next(_ids)}-{os.getpid()}"
    both = [begin(run_id=run_id, shared=True, label=f"rank-{rank}")[1] for rank in range(2)]
    for rank, one in enumerate(both):
        rows(one, 0, 1, value=rank)
        one.record(f.CONSOLE, 1, n=0, c="stdout", t=f"I am {rank}")
        sent(server, one)
    run = RunPath(ME, "line", run_id)
    found = server.client().rows(run, keys=["a"]).items
    assert sorted((row["_step"], row["a"], row["_label"]) for row in server.client().rows(run).items) == [
        (0, 0, "rank-0"), (0, 1, "rank-1"), (1, 0, "rank-0"), (1, 1, "rank-1"),
    ]  # fmt: skip
    assert [row["_step"] for row in found] == [0, 0, 1, 1]
    assert [row["a"] for row in server.client().rows(run, label="rank-1").items] == [1, 1]
    assert [(line.text, line.label) for line in server.client().console(run, label="rank-0").items] == [
        ("I am 0", "rank-0")
    ]
    assert len(server.client().console(run).items) == 2
    view = server.client().run(run)
    assert (view.state, view.labels, len(view.writers)) == ("running", ["rank-0", "rank-1"], 2)
    ended(server, both[0])
    assert server.client().run(run).state == "running"
    ended(server, both[1], code=3)
    view = server.client().run(run)
    assert (view.state, view.exit_code) == ("failed", 3)


def test_pieces_of_a_run_may_come_in_any_order(server, journal):
    for order in itertools.permutations(range(3)):
        run_id = f"pieces-{next(_ids)}-{os.getpid()}"
        begun = now() - 100_000_000
        place = {"run_id": run_id, "project": "line"}
        first = journal(**place, created_at=begun).start(config={"lr": 0.1, "x": 1}, name="first")
        rows(first, *range(6))
        first.record(f.SUMMARY, 2, set={"best": 1})
        first.record(f.EXIT, 0, code=1)
        resumed = journal(**place, segment=first.header.segment, step=6, created_at=begun + 10_000_000)
        resumed.writer.record(f.START, 6, {"config": {"lr": 0.2}})
        rows(resumed, 6, 7)
        resumed.record(f.EXIT, 0, code=1)
        rewound = journal(
            **place, parent=first.header.segment, parent_step=6, step=7, created_at=begun + 20_000_000,
        )  # fmt: skip
        rewound.writer.record(f.START, 7, {"config": {"x": 2}})
        rows(rewound, 7, value=70)
        rewound.record(f.EXIT, 0, code=0)
        pieces = [first, resumed, rewound]
        for number in order:
            one = pieces[number]
            half = len(one.data) // 2
            server.client().append(one.stream, 0, one.data[:half])
            sent(server, one, final=True)
        run = RunPath(ME, "line", run_id)
        view = server.client().run(run)
        assert history(server, run) == [*((s, s) for s in range(7)), (7, 70)], order
        assert (view.head, view.state, view.config) == (rewound.header.segment, "finished", {"lr": 0.2, "x": 2}), order
        assert (view.summary["a"], view.summary["best"], view.step) == (70, 1, 8), order


def test_as_of_any_step(begin, server):
    _, one = begin(run_id=f"at-{next(_ids)}-{os.getpid()}", start={"config": {"lr": 0.1}})
    for step in range(10):
        one.writer.row(step, {"a": step, f"only-{step}": step})
        one.record(f.CONFIG, step, set={"lr": step / 10})
        one.record(f.SUMMARY, step, set={"hand": step})
        one.record(f.CONSOLE, step, n=step, c="stdout", t=f"line {step}")
    sent(server, one)
    run = one.run
    for step in (0, 4, 9):
        view = server.client().run(run, step=step)
        assert (view.at, view.step, view.config) == (step, step + 1, {"lr": step / 10})
        assert (view.summary["a"], view.summary["hand"], view.summary["_step"]) == (step, step, step)
        assert sum(key.startswith("only-") for key in view.summary) == step + 1
        assert [row["_step"] for row in server.client().rows(run, step=step).items] == list(range(step + 1))
        assert len(server.client().console(run, step=step).items) == step + 1
        assert len(server.client().keys(run, step=step)) == step + 2
    with pytest.raises(UsageError, match="9 is the last"):
        server.client().run(run, step=10)
    marks = server.client().marks(run)
    assert [(mark.kind, mark.step, mark.text) for mark in marks] == [("config", step, "lr") for step in range(10)]


def test_stopping(begin, server):
    _, one = begin(run_id=f"stop-{next(_ids)}-{os.getpid()}")
    assert not sent(server, rows(one, 0)).stop
    assert server.client().stop(one.run).stopping
    assert sent(server, rows(one, 1)).stop
    ended(server, one, code=255)
    assert server.client().run(one.run).state == "killed"
    with pytest.raises(ConflictError, match="nothing to stop"):
        server.client().stop(one.run)


def test_preempted(begin, server, journal):
    begun, one = begin(run_id=f"preempt-{next(_ids)}-{os.getpid()}")
    one.record(f.STATE, 0, state="preempting")
    sent(server, one)
    assert server.client().run(one.run).state == "preempting"
    system = journal(
        run_id=begun.run_id, project="line", segment=begun.segment, role="system", writer=one.stream,
    )  # fmt: skip
    system.record(f.STATE, 0, state="crashed")
    sent(server, system)
    assert server.client().run(one.run).state == "preempted"
    begin(run_id=begun.run_id, resume="must")
    assert server.client().run(one.run).state == "running"


def test_the_trash(begin, server):
    first, run = a_run(begin, server)
    server.client().delete(run)
    with pytest.raises(NotFoundError, match="trash"):
        server.client().run(run)
    assert run.run_id in {one.id for one in server.client().runs(ME, "line", trash=True, limit=1000).items}
    assert run.run_id not in {one.id for one in server.client().runs(ME, "line", limit=1000).items}
    with pytest.raises(ConflictError, match="trash"):
        begin(run_id=run.run_id, resume="never")
    begun, one = begin(run_id=run.run_id, resume="allow")
    assert (begun.restored, begun.step) == (True, 10)
    ended(server, one)
    server.client().delete(run)
    assert server.client().restore(run).deleted_at is None
    server.client().delete(run)
    anew, _ = begin(run_id=run.run_id)
    assert (anew.replaced, anew.step) == (False, 0)
    thrown = [one.id for one in server.client().runs(ME, "line", trash=True, limit=1000).items]
    [old] = [run_id for run_id in thrown if run_id.startswith(run.run_id)]
    assert history(server, run, segment=None) == []
    assert server.client().restore(run._replace(run_id=old)).head == first.segment
    assert history(server, run._replace(run_id=old)) == [(step, step) for step in range(10)]


def test_notes_that_are_replaced_stay_in_the_records(begin, server):
    _, run = a_run(begin, server, start={"notes": "of the script"})
    for notes in ("typed", "typed again"):
        assert server.client().patch(run, RunPatch(notes=notes)).notes == notes
    _, one = begin(run_id=run.run_id, resume="must", start={"notes": "of the next script"})
    ended(server, one)
    assert server.client().run(run).notes == "of the next script"
    told = [mark.text for mark in server.client().marks(run) if mark.kind == "notes"]
    assert sorted(told) == ["of the next script", "of the script", "typed", "typed again"]
    with pytest.raises(UsageError):
        server.client().append(f"page-{server.client().run(run).head}", 2, b"x")
    begin(from_run=run.run_id, step=3)
    assert server.client().patch(run, RunPatch(notes="after")).notes == "after"


def test_a_fork_shows_its_parents_images(begin, server):
    content = b"not really a picture"
    sha256 = digest(content)
    begun, one = begin()
    run = RunPath(ME, "line", begun.run_id)
    rows(one, 0, 1)
    one.record(f.FILE, 0, path="media/a.png", sha256=sha256, size=len(content), media=True)
    server.client().put_blob(run, sha256, content)
    ended(server, one)
    child, _ = begin(from_run=run.run_id, step=1, fork=True)
    assert server.client().blob(RunPath(ME, "line", child.run_id), sha256) == content


def test_to_know_a_segment_is_no_right_to_read_it(begin, server, journal, bob):
    first, _ = a_run(begin, server)
    one = journal(project="own", entity="bob", parent=first.segment, parent_step=5, step=6).start()
    with pytest.raises(NotFoundError):
        server.client(bob).append(one.stream, 0, one.data)
    with pytest.raises(NotFoundError):
        server.client(bob).run(one.run)
    with pytest.raises(NotFoundError):
        begin(client=server.client(bob), entity="bob", project="own", from_run=first.segment, step=5, fork=True)
