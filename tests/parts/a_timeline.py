"""What a server should know, in plain Python: entries with their place in the order of things, segments as trees, runs with a head."""

import itertools
from dataclasses import dataclass, field


class RefusedError(Exception):
    """It should not be possible."""


@dataclass
class Entry:
    kind: str
    """`row`, `config`, `summary` or `line`."""
    step: int
    time: int
    data: object
    gone: tuple = ()
    """Keys that a change takes away."""


@dataclass
class Segment:
    id: str
    run: str | None
    """The run that made it, if it is still there."""
    created: int
    parent: str | None = None
    parent_step: int | None = None
    inherits: bool = True
    origin: tuple | None = None
    """(run, step) that its run was forked from."""
    entries: list = field(default_factory=list)

    @property
    def steps(self):
        return [entry.step for entry in self.entries if entry.kind == "row"]


@dataclass(eq=False)
class Piece:
    """A journal: what one process recorded of a run."""

    run: str
    segment: Segment
    """Without entries: as its header tells of it."""
    begun: int
    step: int
    folder: str
    offline: bool = False
    entries: list = field(default_factory=list)
    code: int | None = None
    """How it ended."""
    dead: bool = False
    """Whether it died without a word."""
    sent: int = 0
    """Entries that the server has."""
    told: str = ""
    """What the server knows of its end."""

    @property
    def state(self):
        if self.dead:
            return "crashed"
        return {None: "running", 0: "finished"}.get(self.code, "failed")


@dataclass
class Run:
    id: str
    head: str
    chosen: int
    """When the head was."""
    writer: int
    """When the newest of the head's writers began."""
    state: str = "running"
    step: int = 0
    trashed: bool = False


class Tree:
    """Segments, and what one sees of them."""

    def __init__(self):
        self.segments = {}

    def add(self, segment):
        """Know of it; its entries come later. Answers the one that is known."""
        known = self.segments.get(segment.id)
        if known is None:
            known = self.segments[segment.id] = Segment(
                segment.id,
                segment.run,
                segment.created,
                segment.parent,
                segment.parent_step,
                segment.inherits,
                segment.origin,
            )
        return known

    def chain(self, head, up_to=None):
        found = []
        while head in self.segments:
            segment = self.segments[head]
            found.insert(0, (segment, up_to))
            if segment.parent_step is not None:
                up_to = segment.parent_step if up_to is None else min(up_to, segment.parent_step)
            head = segment.parent
        return found

    def entries(self, head, up_to=None, kind=None):
        """Segment by segment, in the order of time, in whichever order they came."""
        for segment, limit in self.chain(head, up_to):
            for entry in sorted(segment.entries, key=lambda entry: entry.time):
                if (limit is None or entry.step <= limit) and entry.kind == kind:
                    yield entry

    def history(self, head, up_to=None):
        rows = {}
        for entry in self.entries(head, up_to, "row"):
            if entry.data:
                rows.setdefault(entry.step, {}).update(entry.data)
        return dict(sorted(rows.items()))

    def summary(self, head, up_to=None):
        logged = {}
        for entry in self.entries(head, up_to, "row"):
            for key, value in entry.data.items():
                if key not in logged or entry.step >= logged[key][0]:
                    logged[key] = (entry.step, entry.time, value)
        by_hand = {}
        for entry in sorted(self.entries(head, up_to, "summary"), key=lambda entry: entry.time):
            by_hand.update({key: (entry.time, value) for key, value in entry.data.items()})
            by_hand.update(dict.fromkeys(entry.gone, (entry.time, None)))
        found = {key: value for key, (_, _, value) in logged.items()}
        for key, (time, value) in by_hand.items():
            if key not in logged or logged[key][1] < time:
                found[key] = value
                if value is None:
                    del found[key]
        return found

    def config(self, head, up_to=None):
        found = {}
        for segment, limit in self.chain(head, up_to):
            if not segment.inherits:
                found = {}
            for entry in sorted(segment.entries, key=lambda entry: entry.time):
                if entry.kind == "config" and (limit is None or entry.step <= limit):
                    found.update(entry.data)
                    for key in entry.gone:
                        found.pop(key, None)
        return found

    def console(self, head, up_to=None):
        return [(entry.data, entry.step) for entry in self.entries(head, up_to, "line")]

    def last(self, head):
        """The end of its history: where a segment goes on, but is not seen further, that place."""
        ends = [
            max(segment.steps) if limit is None else min(max(segment.steps), limit)
            for segment, limit in self.chain(head)
            if segment.steps and (limit is None or min(segment.steps) <= limit)
        ]
        return max(ends, default=-1)

    def branch(self, head, step):
        """(parent, step) of a segment that begins behind `step`: what shows nothing of its own is left out."""
        if step is None:
            step = self.last(head)
        if step > self.last(head):
            raise RefusedError
        at = self.segments[head]
        while at.parent in self.segments and at.inherits and at.parent_step >= step:
            if any(own <= step for own in at.steps):
                break
            at = self.segments[at.parent]
        return at.id, step


class Server(Tree):
    """What a server has of the runs of a project."""

    def __init__(self):
        super().__init__()
        self.runs = {}

    def open(self, piece, *, asked):
        """A journal's first bytes come; `asked`: the server was asked before where it is to go."""
        segment, new = piece.segment, piece.segment.id not in self.segments
        run = self.runs.get(piece.run)
        self.add(segment)
        if run is None:
            run = self.runs[piece.run] = Run(piece.run, segment.id, piece.begun, piece.begun, step=piece.step)
        elif new:
            if asked or piece.begun >= run.chosen:
                leads = segment.id in {one.parent for one, _ in self.chain(run.head)}
                if asked or not leads:
                    run.head, run.chosen, run.writer, run.state = segment.id, piece.begun, piece.begun, "running"
                    run.step = piece.step
        elif run.head == segment.id and piece.begun > run.writer:
            run.writer, run.state, run.step = piece.begun, "running", max(run.step, piece.step)
        run.trashed = run.trashed and not asked

    def take(self, piece):
        """All that the journal holds has come."""
        run = self.runs[piece.run]
        entries, piece.sent = piece.entries[piece.sent :], len(piece.entries)
        self.segments[piece.segment.id].entries += entries
        if run.head == piece.segment.id and run.writer == piece.begun:
            run.state = piece.state
        run.step = max(run.step, self.last(run.head) + 1)

    def parent(self, run_id):
        """(Run, step) that what it shows was forked from."""
        return self.segments[self.runs[run_id].head].origin

    def choose(self, run_id, segment, step, fresh, now):
        """Another head: a segment, or step of one, which makes the segment `fresh`."""
        run = self.runs[run_id]
        head = segment or run.head
        if step is None:
            if head == run.head:
                return
            run.head, run.step = head, self.last(head) + 1
        else:
            parent, step = self.branch(head, step)
            self.add(Segment(fresh, run_id, now, parent, step, origin=self.segments[head].origin))
            run.head, run.step = fresh, step + 1
        run.chosen = now

    def forget(self, run_id):
        """Deleted: what others are built on stays."""
        del self.runs[run_id]
        needed = {segment.id for run in self.runs.values() for segment in self.segments_of(run.id)}
        self.segments = {name: segment for name, segment in self.segments.items() if name in needed}
        for segment in self.segments.values():
            segment.run = None if segment.run == run_id else segment.run

    def segments_of(self, run_id):
        """Its own, and those that lead to them."""
        own = [segment.id for segment in self.segments.values() if segment.run == run_id]
        own.append(self.runs[run_id].head)
        return {segment.id: segment for head in own for segment, _ in self.chain(head)}.values()


class Disk:
    """What a folder has of the runs recorded there."""

    def __init__(self):
        self.pieces = []

    def of(self, run_id):
        return [piece for piece in self.pieces if piece.run == run_id]

    def tree(self):
        tree = Tree()
        for piece in sorted(self.pieces, key=lambda piece: piece.begun):
            tree.add(piece.segment).entries += piece.entries
        return tree

    def head(self, run_id):
        return max(self.of(run_id), key=lambda piece: piece.begun).segment.id


clock = itertools.count(1)
"""The order of things."""
