"""Requests and answers of the REST API. Times are microseconds since 1970 (UTC), durations seconds.

Plain dataclasses: the server hands them to FastAPI, the client reads them with msgspec, neither needs the other's library.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playhead.wire.timeline import RunRef, SessionView, WriterView


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Start a browser's session with an API key, or with the short-lived token of a printed link."""

    key: str | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerView:
    """Who the key belongs to."""

    username: str
    entity: str
    admin: bool
    entities: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyView:
    """An API key, but not the key itself."""

    id: str
    name: str
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyNew:
    """Make an API key for oneself."""

    name: str
    """Tells where it is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyMade:
    """A new key, which is shown this once."""

    id: str
    name: str
    created_at: int
    api_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectView:
    """A project in a list."""

    entity: str
    name: str
    visibility: str
    created_at: int
    updated_at: int
    runs: int
    running: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPatch:
    """What a project's owner may change of it; what is None stays."""

    visibility: str | None = None
    """`private` or `team`: members of the entity; `public`: all may read; `open`: all may read, signed-in users may also log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPage:
    """Projects, newest activity first."""

    items: list[ProjectView]
    next: str | None = None
    """Cursor of the next page; None on the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentView:
    """A segment of a run, in the order of creation."""

    id: str
    parent: str | None
    parent_step: int | None
    first_step: int | None
    last_step: int | None
    archived: bool
    created_at: int
    run: str = ""
    """Path of the run that it was written for; another one for the ancestors of a fork."""
    labels: list[str] = field(default_factory=list)
    """Of several writers at the same time."""
    sessions: list[SessionView] = field(default_factory=list)
    """Who wrote to it, the earliest first: the second and later ones resumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricView:
    """What is said of a metric, or of all whose names begin with what stands before a trailing `*`: of several that fit, its own name
    wins, then the longest.
    """

    name: str
    step_metric: str | None = None
    """The metric that it is drawn over."""
    step_sync: bool = False
    """Whether a row without the step metric gets its last value."""
    hidden: bool = False
    """Whether it gets no chart of its own."""
    summary: list[str] = field(default_factory=list)
    """What the summary has of it: `min`, `max`, `mean`, `first`, `last`, `best`; `copy`: the last value; `none`: nothing."""
    goal: str | None = None
    """`minimize` or `maximize`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run as the reader may see it (`meta` is empty for readers from outside). Values in JSON and msgpack as in `Rows`."""

    entity: str
    project: str
    id: str
    name: str
    state: str
    """`pending`, `running`, `finished`, `failed`, `crashed`, `killed`, `preempting`, `preempted`."""
    head: str
    """Id of the segment that the run shows."""
    created_at: int
    started_at: int
    updated_at: int
    heartbeat_at: int
    finished_at: int | None
    runtime: float
    exit_code: int | None
    step: int
    group: str | None
    job_type: str | None
    notes: str | None
    tags: list[str]
    config: dict[str, Any]
    summary: dict[str, Any]
    meta: dict[str, Any]
    damaged: int
    dropped: int
    user: str
    url: str
    may_write: bool = False
    at: int | None = None
    """The step that it is shown as of: `config`, `summary`, `step` and `runtime` are those of then."""
    segment: str = ""
    """The segment that is shown; `head` unless another one was asked for."""
    epoch: int = 1
    """Counts the turns of its timeline."""
    shared: bool = False
    labels: list[str] = field(default_factory=list)
    """Of its writers, if there are several."""
    writers: list[WriterView] = field(default_factory=list)
    parent: RunRef | None = None
    """What it was forked from."""
    stopping: bool = False
    """Somebody asked it to stop."""
    deleted_at: int | None = None
    """In the trash since then."""
    metrics: list[MetricView] = field(default_factory=list)
    """What `define_metric` said, as of the step that is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """Runs, newest first unless asked otherwise."""

    items: list[RunView]
    next: str | None = None
    total: int | None = None
    """How many there are on all pages, if it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPatch:
    """What a person may change of a run; what is None stays."""

    name: str | None = None
    notes: str | None = None
    tags: list[str] | None = None
    group: str | None = None
    job_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesView:
    """A key of a run's history."""

    key: str
    kind: str
    """`float`, `int`, `bool`, `big_int` (drawable) or `object`."""
    count: int
    first_step: int
    last_step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectKeys:
    """Keys that the newest runs of a project logged: what a workspace draws. `counts` says in how many of these runs."""

    history: dict[str, int]
    system: dict[str, int]
    media: dict[str, int]
    metrics: list[MetricView] = field(default_factory=list)
    """What `define_metric` said in these runs: of a name, what the newest one says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartQuery:
    """One chart: a key over several runs of a project, in at most `buckets` buckets of equal width on one common grid.

    The answer is a `columns` body (see wire/columns.py): `run` (index into `runs`), `bucket` (grid cell), `count`, `min`, `max`,
    `mean`, `last`; its meta has `lo` and `width` of the grid in units of the axis, so that cell i spans [lo + i*width, lo + (i+1)*width):
    whole numbers, but with `over`. NaN and infinities are points too, but take no part in min, max and mean.
    """

    runs: list[str]
    """Run ids."""
    key: str
    source: str = "history"
    """`history` or `system`."""
    axis: str = "step"
    """`step`, `time` or `runtime`."""
    over: str | None = None
    """Draw over the values of this metric, where both were logged at the same step, instead of the axis (history only)."""
    lo: float | None = None
    hi: float | None = None
    """Range to show, inclusive; None: all there is."""
    buckets: int = 500
    segment: str | None = None
    """Read another segment than the head (one run only)."""
    step: int | None = None
    """As of this step (one run only)."""
    label: str | None = None
    """Only what the writers of this label wrote (one run only)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows by step, each a dict of the keys logged there, with `_step`, `_timestamp` (seconds) and `_runtime` (seconds).

    As JSON, NaN and infinities are the strings `NaN`, `Infinity`, `-Infinity`; as msgpack (`Accept: application/msgpack`)
    they are themselves, and integers beyond 64 bits are extension type 1 holding their decimal digits.
    """

    items: list[dict[str, Any]]
    next: int | None = None
    """`min_step` of the next page; None on the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """One console line."""

    number: int
    text: str
    """May hold ANSI colour sequences, nothing else that is not printable."""
    stream: str
    """`stdout` or `stderr`."""
    step: int
    time: int
    label: str = ""
    """Of its writer, if there are several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePage:
    """Console lines by number. `total` is how many the run has."""

    items: list[LineView]
    total: int
    next: int | None = None
    """`after` of the next page; None on the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerView:
    """What `/health` answers."""

    version: str
    local: bool
    status: str = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserNew:
    """Create a user (administrators only)."""

    name: str
    admin: bool = False
    api_key: str | None = field(default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserMade:
    """The user and its key, which is shown this once."""

    name: str
    admin: bool
    api_key: str
