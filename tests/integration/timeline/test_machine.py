"""Any order of beginnings, logs, kills and turns of the timeline, through the real SDK and a real server, beside a model in plain Python.

In `make test` it runs for seconds, always with the same examples; in `make check` for some minutes, with other ones each time:
PLAYHEAD_MACHINE_EXAMPLES says how many. PLAYHEAD_MACHINE_SHRINK=0 shows a failure as it was found; making it smaller takes minutes.
"""

import itertools
import json
import math
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, event, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from a_timeline import Disk, Entry, Piece, RefusedError, Segment, Server, clock
from playhead.client.ingest import Ingest
from playhead.domain.errors import NotFoundError, UsageError
from playhead.sdk import earlier
from playhead.sidecar import sync
from waiting import until

EXAMPLES = int(os.environ.get("PLAYHEAD_MACHINE_EXAMPLES", "0"))
SHRINK = os.environ.get("PLAYHEAD_MACHINE_SHRINK") != "0"
IDS = ("r0", "r1", "r2")
KEYS = st.sampled_from(["a", "b", "c.d"])
VALUES = st.one_of(
    st.integers(-9, 9), st.floats(-1, 1, width=32), st.just(math.nan), st.just(1 << 60), st.booleans(),
    st.sampled_from(["", "x", "é\n"]),
)  # fmt: skip
DATA = st.dictionaries(KEYS, VALUES, min_size=1, max_size=3)
ROWS = st.lists(
    st.tuples(DATA, st.none() | st.integers(-6, 4), st.sampled_from([None, None, True, False])), min_size=1, max_size=4
)
CONFIG = st.dictionaries(st.sampled_from(["lr", "n", "deep"]), st.integers(0, 3) | st.just({"x": 1}), max_size=2)
RESUMES = st.sampled_from([None, "allow", "must", "never", "auto"])
BACK = st.integers(-1, 6)
ENDS = st.sampled_from([None, None, 0, 1])
MODES = st.sampled_from(["online", "online", "online", "offline"])
NUMBERS = st.integers(0, 1 << 16)
_names = itertools.count()


def plain(value):
    """NaN is equal to itself, and 1 is not 1.0 nor True."""
    return json.dumps(value, sort_keys=True)


class Machine(RuleBasedStateMachine):
    world = None
    compared = 0

    def __init__(self):
        super().__init__()
        self.project = f"m{next(_names)}"
        self.folder = self.world.folder / self.project
        self.folder.mkdir()
        self.server = Server()
        self.disk = Disk()
        self.open = {}
        """Handle -> piece that the training writes to."""
        self.steps = {}
        """Handle -> its counter."""
        self.configs = {}
        self.auto = None
        """The run that resume=True goes on with, and handles that forget it by a clean end."""
        self.autos = set()
        self.training = None
        self.over = None
        """The run that is taken from its writer."""
        self.handles = map(str, itertools.count())

    # -- what can be done ----------------------------------------------------------------------------------------------

    @initialize(rows=ROWS, config=CONFIG, mode=MODES)
    def first(self, rows, config, mode):
        self.start({"id": "r0", "resume": None, "mode": mode}, config, rows, 0)

    @rule(run_id=st.sampled_from([None, *IDS]), resume=RESUMES, mode=MODES, config=CONFIG, rows=ROWS, end=ENDS)
    def begin(self, run_id, resume, mode, config, rows, end):
        self.start({"id": run_id, "resume": resume, "mode": mode}, config, rows, end)

    @rule(
        which=NUMBERS,
        back=st.none() | BACK,
        word=st.sampled_from(["allow", "must"]),
        mode=MODES,
        config=CONFIG,
        rows=ROWS,
        end=ENDS,
    )
    def resume(self, which, back, word, mode, config, rows, end):
        if run_id := self.known(which, mode):
            how = {"id": run_id, "resume": word, "mode": mode}
            if back is not None:
                how["resume_step"] = self.step_of(run_id, back, mode)
            self.start(how, config, rows, end)

    @rule(which=NUMBERS, back=BACK, mode=MODES, config=CONFIG, form=st.booleans(), rows=ROWS, end=ENDS)
    def rewind(self, which, back, mode, config, form, rows, end):
        if run_id := self.known(which, mode):
            self.start({"mode": mode, **self.point("resume_from", run_id, back, mode, form=form)}, config, rows, end)

    @precondition(lambda self: self.open)
    @rule(which=NUMBERS, back=BACK, rows=ROWS)
    def take_over(self, which, back, rows):
        """Rewind a run that is being written: what its writer says from now on is beside the head."""
        _, piece = self.one(which)
        if self.writes(piece):
            self.compare(piece.run)
            self.over = piece.run
            event("taken over")
            how = {"mode": "online", **self.point("resume_from", piece.run, back, "online", form=True)}
            self.start(how, {}, rows, None)
            self.over = None

    @precondition(lambda self: self.open)
    @rule(which=NUMBERS, resume=st.sampled_from([None, "allow", "must"]))
    def intrude(self, which, resume):
        """A second writer is refused."""
        _, piece = self.one(which)
        if not self.writes(piece):
            return
        self.compare(piece.run)
        event("second writer")
        how = self.told({"mode": "online", "id": piece.run, "resume": resume})
        answer = self.training.ask_or_fail("begin", handle="none", **self.arguments(how))
        assert answer.get("error") == "LeaseError", answer

    def writes(self, piece):
        """Whether it holds its run."""
        run = self.server.runs.get(piece.run)
        return not piece.offline and run.head == piece.segment.id and run.writer == piece.begun

    @rule(
        which=NUMBERS, child=st.sampled_from([None, *IDS]), back=BACK, mode=MODES, config=CONFIG, form=st.booleans(),
        inherit=st.booleans(), rows=ROWS, end=ENDS,
    )  # fmt: skip
    def fork(self, which, child, back, mode, config, form, inherit, rows, end):
        run_id = self.known(which, mode)
        if run_id is None or child == run_id:
            return
        if mode == "offline" and (self.disk.of(child) or child in self.server.runs):
            child = None
        point = self.point("fork_from", run_id, back, mode, form=form)
        self.start({"id": child, "mode": mode, "inherit_config": inherit, **point}, config, rows, end)

    @precondition(lambda self: self.open)
    @rule(which=NUMBERS, rows=ROWS)
    def log(self, which, rows):
        self.log_rows(self.one(which)[0], rows)

    def log_rows(self, handle, rows):
        at = self.steps[handle]
        told = [(data, None if step is None else max(0, at + step), commit) for data, step, commit in rows]
        times = [self.row(handle, *one) for one in told]
        answer = self.training.ask("log", handle=handle, rows=told)
        assert answer["step"] == self.steps[handle]
        assert len(times) == len(rows)

    @precondition(lambda self: self.open)
    @rule(which=NUMBERS, given=CONFIG, gone=st.sets(st.sampled_from(["lr", "n"]), max_size=1))
    def change_config(self, which, given, gone):
        handle, _ = self.one(which)
        self.configure(handle, given, gone)
        answer = self.training.ask("config", handle=handle, given=given, gone=sorted(gone))
        assert plain(answer["config"]) == plain(self.configs[handle])

    @precondition(lambda self: self.open)
    @rule(which=NUMBERS, given=st.dictionaries(KEYS | st.just("best"), VALUES, max_size=2))
    def change_summary(self, which, given):
        handle, piece = self.one(which)
        if given:
            piece.entries.append(Entry("summary", self.steps[handle], next(clock), given))
        self.training.ask("summary", handle=handle, given=given, gone=[])

    @precondition(lambda self: self.open)
    @rule(number=st.integers(1, 3))
    def say(self, number):
        for _ in range(number):
            text = f"line {next(clock)}"
            for handle, piece in self.open.items():
                piece.entries.append(Entry("line", self.steps[handle], next(clock), text))
            self.training.ask("say", text=text)

    @precondition(lambda self: self.open)
    @rule(which=NUMBERS, code=st.sampled_from([0, 0, 1]))
    def finish(self, which, code):
        self.end(self.one(which)[0], code)

    def end(self, handle, code):
        piece = self.open[handle]
        self.training.ask("finish", handle=handle, code=code)
        piece.code = code
        self.open.pop(handle)
        if handle in self.autos and code == 0:
            self.auto = None
        self.arrive(piece)
        if not piece.offline:
            self.compare(piece.run)

    @precondition(lambda self: self.open)
    @rule(which=NUMBERS, rows=st.integers(1, 300), share=st.floats(0, 1))
    def kill(self, which, rows, share):
        """In the middle of logging: what returned is there."""
        handle, piece = self.one(which)
        base = self.steps[handle]
        self.training.tell("log", handle=handle, rows=[({"tick": i}, None, None) for i in range(rows)])
        heard = 1 + int(share * (rows - 1))
        for _ in range(heard):
            self.training.hear()
        self.training.kill()
        self.training = None
        recorded = earlier.Piece.read(Path(piece.folder)).last_step - base + 1
        note(f"{recorded} of {rows} rows were recorded, {heard} returned")
        assert heard <= recorded <= rows
        for i in range(recorded):
            self.row(handle, {"tick": i}, None, None)
        for one in self.open.values():
            one.dead = True
            self.arrive(one)
        self.open.clear()

    @rule(which=NUMBERS, at=st.integers(0, 9) | st.none())
    def choose(self, which, at):
        """Another head."""
        if (run := self.settled(which)) is None:
            return
        choices = [segment for segment in self.server.segments_of(run.id) if segment.run == run.id]
        segment = sorted(choices, key=lambda one: one.created)[which % len(choices)].id
        there = self.world.api.run(self.path(run.id))
        try:
            if at is not None:
                at = max(0, self.server.last(segment) - at)
                self.server.branch(segment, at)
        except RefusedError:
            with pytest.raises(UsageError):
                there.rewind(segment=segment, step=at)
            return
        fresh = there.rewind(segment=segment, step=at).segment_id
        self.server.choose(run.id, segment, at, fresh, next(clock))
        self.compare(run.id)

    @rule(which=NUMBERS, twice=st.booleans())
    def sync(self, which, twice):
        pieces = [piece for piece in self.disk.pieces if piece.offline and self.may_go(piece)]
        if not (pieces):
            return
        piece = pieces[which % len(pieces)]
        for _ in range(1 + twice):
            self.send(piece)
        self.compare(piece.run)

    @rule(which=NUMBERS, forever=st.booleans())
    def delete(self, which, forever):
        if (run := self.settled(which)) is None:
            return
        for piece in self.disk.of(run.id):
            self.send(piece)
        there = self.world.api.run(self.path(run.id))
        there.delete(forever=forever)
        if forever:
            self.server.forget(run.id)
            self.clear(run.id)
        else:
            run.trashed = True
        with pytest.raises(NotFoundError):
            self.world.api.run(self.path(run.id))

    @rule(which=NUMBERS)
    def restore(self, which):
        thrown = [run for run in self.server.runs.values() if run.trashed]
        if not (thrown):
            return
        run = thrown[which % len(thrown)]
        self.world.api.restore(self.path(run.id))
        run.trashed = False
        self.compare(run.id)

    @rule(which=NUMBERS)
    def look(self, which):
        """At all that there is to see of a run, also of one that is being written."""
        known = [run.id for run in self.server.runs.values() if not run.trashed]
        if not (known):
            return
        self.compare(known[which % len(known)], deep=True)

    @rule(really=st.integers(0, 9))
    def kill_the_server(self, really):
        if really != 9:
            return
        self.world.kill()
        self.world.begin()

    def teardown(self):
        try:
            for handle in list(self.open):
                piece = self.open.pop(handle)
                self.training.ask("finish", handle=handle, code=0)
                piece.code = 0
                self.arrive(piece)
            for run in [run for run in self.server.runs.values() if not run.trashed]:
                self.compare(run.id, deep=True)
            if self.training is not None:
                self.world.give_back(self.training)
                self.training = None
        finally:
            if self.training is not None:
                self.training.kill()
            shutil.rmtree(self.folder)

    # -- the model's side ----------------------------------------------------------------------------------------------

    def knows(self, mode, run_id):
        """What is known of the run to whoever decides; None: nothing."""
        if mode == "offline":
            return self.disk.tree() if self.disk.of(run_id) else None
        return self.server if run_id in self.server.runs else None

    def head(self, mode, run_id):
        return self.disk.head(run_id) if mode == "offline" else self.server.runs[run_id].head

    def known(self, which, mode):
        """One of the runs that can be gone on with."""
        runs = [run.id for run in self.server.runs.values() if not run.trashed]
        if mode == "offline":
            thrown = {run.id for run in self.server.runs.values() if run.trashed}
            runs = [run for run in dict.fromkeys(piece.run for piece in self.disk.pieces) if run not in thrown]
        return runs[which % len(runs)] if runs else None

    def step_of(self, run_id, back, mode):
        """A step, counted from the run's end."""
        self.leave(run_id)
        if mode != "offline":
            self.leftovers(run_id)
        known = self.knows(mode, run_id)
        return max(0, known.last(self.head(mode, run_id)) - back)

    def point(self, name, run_id, back, mode, *, form):
        """A step of a run, in one of both forms."""
        step = self.step_of(run_id, back, mode)
        return {name: f"{run_id}?_step={step}"} if form else {name: run_id, "step": step}

    def leave(self, run_id):
        """Nobody writes to the run any more."""
        for handle in [handle for handle, piece in self.open.items() if piece.run == run_id]:
            if self.over != run_id or self.open[handle].offline:
                self.end(handle, 0)

    def start(self, how, config, rows, end):
        """Begin as told, unless the model refuses; then log, and come to that end."""
        while len(self.open) > 2:
            self.end(min(self.open, key=int), 0)
        mode, handle, told = how["mode"], next(self.handles), self.told(how)
        target = told.get("resume_from", told.get("fork_from", told.get("id")))
        target = target and target.partition("?")[0]
        run = self.server.runs.get(target)
        if mode == "offline" and run is not None and run.trashed:
            return
        for one in {target, told.get("id")} - {None}:
            self.leave(one)
            if mode == "online":
                self.leftovers(one)
        note(f"begin {handle}: {how} in {self.project}")
        try:
            expected = self.expect(told, mode, target)
        except RefusedError:
            expected = None
        self.training = self.training or self.world.training()
        now = next(clock)
        answer = self.training.ask_or_fail("begin", handle=handle, config=config, **self.arguments(how))
        if "error" in answer:
            event(f"refused {mode}")
            assert expected is None, answer
            assert answer["error"] == "UsageError", answer
            return
        assert expected is not None, f"it began: {answer}"
        self.begun(handle, answer["done"], now, config, mode, told, *expected)
        if how.get("resume") == "auto":
            self.auto = answer["done"]["id"]
            self.autos.add(handle)
        if rows:
            self.log_rows(handle, rows)
        if end is not None:
            self.end(handle, end)

    def told(self, how):
        """`how`, with what resume=True means here."""
        if how.get("resume") == "auto":
            run_id = how["id"] or self.auto
            return {**how, "id": run_id, "resume": "allow" if run_id else None}
        if how.get("resume") is None:
            self.auto = None
        return how

    def arguments(self, how):
        given = {name: value for name, value in how.items() if value is not None}
        if how.get("resume") == "auto":
            given["resume"] = True
        return {"project": self.project, "dir": str(self.folder), **given}

    def begun(self, handle, answer, now, config, mode, told, segment, step, before):
        """Compare where it begins, and know of it. `segment`: that is gone on with, or (parent, step) of a new one."""
        wanted = told.get("resume_from", "").partition("?")[0] or told.get("id")
        assert answer["id"] == (wanted or answer["id"])
        assert answer["step"] == step
        merged = {**before, **config}
        assert plain(answer["config"]) == plain(merged)
        run_id = answer["id"]
        if isinstance(segment, tuple):
            inherits = told.get("inherit_config", True)
            known = self.knows(mode, run_id)
            assert known is None or answer["segment"] not in known.segments
            source = told.get("fork_from", "").partition("?")[0]
            if source:
                origin = (source, segment[1])
            else:
                origin = known.segments[self.head(mode, run_id)].origin if known and segment[0] else None
            segment = Segment(answer["segment"], run_id, now, *segment, inherits=inherits, origin=origin)
        else:
            assert answer["segment"] == segment.id
        event(
            f"{mode}: "
            + (
                "fork"
                if "fork_from" in told
                else "resumed"
                if step and segment.created < now
                else "branch"
                if step
                else "new"
            )
        )
        piece = Piece(run_id, segment, now, step, answer["folder"], offline=mode == "offline")
        self.disk.pieces.append(piece)
        self.open[handle], self.steps[handle], self.configs[handle] = piece, step, dict(before)
        self.configure(handle, config, ())
        if not piece.offline:
            self.server.open(piece, asked=True)

    def expect(self, told, mode, target):
        """(Segment to go on with, or parent and step of a new one; first step; config before). RefusedError."""
        known = self.knows(mode, target) if target else None
        if "resume_from" in told or "fork_from" in told:
            run = self.server.runs.get(target)
            taken = "fork_from" in told and self.knows(mode, told["id"]) is not None
            if known is None or taken or (mode == "online" and run.trashed):
                raise RefusedError
            step = told.get("step")
            if step is None:
                step = int(told.get("resume_from", told.get("fork_from")).rpartition("=")[2])
            return self.behind(known, self.head(mode, target), step, told)
        return self.expect_resumed(told, mode, target, known)

    def expect_resumed(self, told, mode, target, known):
        resume = told["resume"]
        if resume == ("must" if known is None else "never"):
            raise RefusedError
        if known is None:
            return (None, None), 0, {}
        if resume is None:
            self.anew(mode, target)
            return (None, None), 0, {}
        head = self.head(mode, target)
        if told.get("resume_step") is not None:
            return self.behind(known, head, told["resume_step"], told)
        return known.segments[head], self.next_step(mode, target), known.config(head)

    def behind(self, known, head, step, told):
        parent = known.branch(head, step)
        config = known.config(head, step) if told.get("inherit_config", True) else {}
        return parent, step + 1, config

    def next_step(self, mode, run_id):
        if mode == "online":
            return self.server.runs[run_id].step
        head = self.disk.head(run_id)
        begun = max(piece.step for piece in self.disk.of(run_id) if piece.segment.id == head)
        return max(begun, self.disk.tree().last(head) + 1)

    def anew(self, mode, run_id):
        """The id of a run in the trash is taken by another one."""
        run = self.server.runs.get(run_id)
        assert run is None or not run.trashed or mode == "online"
        if run is not None and run.trashed:
            self.server.forget(run_id)
            self.clear(run_id)

    def row(self, handle, data, step, commit):
        now = self.steps[handle]
        at = now if step is None else step
        self.open[handle].entries.append(Entry("row", at, next(clock), data))
        if step is None:
            self.steps[handle] += commit is None or commit
        elif at >= now:
            self.steps[handle] = at + bool(commit)

    def configure(self, handle, given, gone):
        config, piece = self.configs[handle], self.open[handle]
        changed = {key: value for key, value in given.items() if config.get(key) != value}
        if changed:
            piece.entries.append(Entry("config", self.steps[handle], next(clock), changed))
        config.update(changed)
        for key in sorted(gone & config.keys() if gone else ()):
            piece.entries.append(Entry("config", self.steps[handle], next(clock), {}, (key,)))
            del config[key]

    def one(self, which):
        handle = sorted(self.open, key=int)[which % len(self.open)]
        return handle, self.open[handle]

    def settled(self, which):
        """A run that the server has and nobody writes to."""
        busy = {piece.run for piece in self.open.values()}
        runs = [run for run in self.server.runs.values() if not run.trashed and run.id not in busy]
        if not runs:
            return None
        run = runs[which % len(runs)]
        self.compare(run.id)
        return run

    def may_go(self, piece):
        """Whether it can be sent now: not behind the back of a training that writes to the run."""
        run = self.server.runs.get(piece.run)
        if run is not None and run.trashed:
            return False
        return all(one is piece or one.run != piece.run for one in self.open.values())

    def leftovers(self, run_id):
        """What the SDK sends before it goes on with a run."""
        for piece in self.disk.of(run_id):
            if piece not in self.open.values() and (piece.sent, piece.told) != (len(piece.entries), piece.state):
                self.send(piece)

    def send(self, piece):
        server = Ingest.at(self.world.url, self.world.key)
        try:
            outcome = sync.sync_run(Path(piece.folder), server)
        finally:
            server.close()
        assert outcome.error is None, outcome.error
        self.arrive(piece, sent=True)

    def arrive(self, piece, *, sent=False):
        """The server has all of it."""
        if piece.offline:
            if not sent:
                return
            if not piece.told:
                self.server.open(piece, asked=False)
        piece.told = piece.state
        self.server.take(piece)

    def clear(self, run_id):
        """Nothing of it is to come again from here. The folder stays: its name is not to be taken again in the same second."""
        for piece in self.disk.of(run_id):
            for journal in Path(piece.folder).glob("*.journal"):
                journal.unlink()
            self.disk.pieces.remove(piece)

    # -- comparing -----------------------------------------------------------------------------------------------------

    def path(self, run_id):
        return f"{self.world.entity}/{self.project}/{run_id}"

    def compare(self, run_id, *, deep=False):
        for piece in self.open.values():
            if piece.run == run_id and not piece.offline:
                self.server.take(piece)

        def same():
            self.same(run_id, deep=deep)
            return True

        until(same, passing=(AssertionError, NotFoundError))
        Machine.compared += 1

    def same(self, run_id, *, deep):
        run, server = self.server.runs[run_id], self.server
        there = self.world.api.run(self.path(run_id))
        assert there.segment_id == run.head
        assert (there.state, there.step) == (run.state, run.step)
        wanted = server.parent(run_id)
        assert (wanted and wanted[0]) == (there.parent and there.parent.id)
        assert wanted is None or there.parent.step <= wanted[1]  # it may be rewound to before
        self.same_place(there, run.head, None)
        if not deep:
            return
        segments = {one.id: one for one in there.segments}
        wanted = {one.id: one for one in server.segments_of(run_id)}
        assert {one.id: (one.parent, one.parent_step) for one in segments.values()} == {
            one.id: (one.parent, one.parent_step) for one in wanted.values()
        }
        for segment in wanted.values():
            last = server.last(segment.id)
            steps = {0, last // 2, last - 1, last, segment.parent_step or 0} if last >= 0 else ()
            chosen = there if segment.id == run.head else there.segment(segment.id)
            self.same_place(chosen, segment.id, None)
            for step in sorted(step for step in steps if 0 <= step <= last):
                self.same_place(chosen.at(step), segment.id, step)

    def same_place(self, there, segment, step):
        place = f"{there} of {segment} at {step}"
        rows = {}
        for row in there.scan_history():
            at = row.pop("_step")
            del row["_timestamp"], row["_runtime"]
            assert at not in rows, place
            rows[at] = row
        history = self.server.history(segment, step)
        assert plain(rows) == plain(history), place
        summary = there.summary
        assert summary.get("_step") == max(history, default=None), place
        shown = {key: value for key, value in summary.items() if key not in {"_step", "_timestamp", "_runtime"}}
        assert plain(shown) == plain(self.server.summary(segment, step)), place
        assert plain(there.config) == plain(self.server.config(segment, step)), place
        lines = [(line.text, line.step) for line in there.console()]
        assert lines == self.server.console(segment, step), place


@pytest.mark.timeout(3600)
def test_the_timeline_beside_a_model(world):
    Machine.world = world
    long = settings(max_examples=max(EXAMPLES, 1), stateful_step_count=30, print_blob=True)
    short = settings(max_examples=5, stateful_step_count=20, derandomize=True, database=None)
    chosen = settings(
        long if EXAMPLES else short, deadline=None, report_multiple_bugs=False, suppress_health_check=list(HealthCheck),
        phases=[Phase.reuse, Phase.generate, *([Phase.shrink] if SHRINK else [])],
    )  # fmt: skip
    run_state_machine_as_test(Machine, settings=chosen)
    assert Machine.compared
