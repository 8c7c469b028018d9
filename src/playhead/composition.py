"""From settings to a server: the only place where adapters meet ports."""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from playhead.adapters.clock import SystemClock
from playhead.adapters.duckdb.metrics import DuckMetrics
from playhead.adapters.memory.accounts import MemoryAccounts
from playhead.adapters.memory.artifacts import MemoryArtifacts, MemoryLineage
from playhead.adapters.memory.blobs import MemoryBlobs
from playhead.adapters.memory.catalog import Catalog
from playhead.adapters.memory.collections import MemoryCollections
from playhead.adapters.memory.contents import MemoryContents
from playhead.adapters.memory.fingerprints import MemoryFingerprints
from playhead.adapters.memory.metrics import MemoryMetrics
from playhead.adapters.memory.projects import MemoryProjects
from playhead.adapters.memory.runs import MemoryRuns
from playhead.adapters.memory.search import MemorySearch
from playhead.adapters.memory.shelf import Shelf
from playhead.adapters.memory.webhooks import MemoryWebhooks
from playhead.adapters.obstore.folder import FolderBlobs
from playhead.adapters.post import HttpPost
from playhead.adapters.sqlalchemy.accounts import SqlAccounts
from playhead.adapters.sqlalchemy.artifacts import SqlArtifacts
from playhead.adapters.sqlalchemy.collections import SqlCollections
from playhead.adapters.sqlalchemy.contents import SqlContents
from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.fingerprints import SqlFingerprints
from playhead.adapters.sqlalchemy.lineage import SqlLineage
from playhead.adapters.sqlalchemy.projects import SqlProjects
from playhead.adapters.sqlalchemy.runs import SqlRuns
from playhead.adapters.sqlalchemy.search import Renewal, SqlSearch
from playhead.adapters.sqlalchemy.webhooks import SqlWebhooks
from playhead.domain.account import Actor
from playhead.domain.errors import UsageError
from playhead.domain.run import Run, Stream
from playhead.ports.accounts import Accounts
from playhead.ports.artifacts import Artifacts
from playhead.ports.blobs import Stock
from playhead.ports.clock import Clock
from playhead.ports.collections import Collections
from playhead.ports.contents import Contents
from playhead.ports.fingerprints import Fingerprints
from playhead.ports.lineage import Lineage
from playhead.ports.metrics import Metrics
from playhead.ports.projects import Projects
from playhead.ports.runs import Record
from playhead.ports.search import Search
from playhead.ports.timelines import Timelines
from playhead.ports.webhooks import Webhooks
from playhead.server.app import build
from playhead.server.auth import Auth
from playhead.server.context import Context
from playhead.server.live import Live
from playhead.server.sessions import Sessions, secret_in
from playhead.server.settings import ServerSettings
from playhead.server.shell import Shell
from playhead.services.access import Access
from playhead.services.accounts import AccountService
from playhead.services.alerts import AlertService
from playhead.services.artifact_drafts import ArtifactDrafts
from playhead.services.artifact_records import ArtifactRecords
from playhead.services.artifacts import ArtifactService
from playhead.services.beginnings import Beginnings
from playhead.services.committer import Committer
from playhead.services.counters import Counters
from playhead.services.courier import Courier
from playhead.services.edits import Edits
from playhead.services.file_records import FileRecords
from playhead.services.files import FileService
from playhead.services.history import HistoryService
from playhead.services.housekeeping import Housekeeping
from playhead.services.ingest import Ingest
from playhead.services.intake import Intake
from playhead.services.lineage import LineageService
from playhead.services.media import MediaService
from playhead.services.moment import Moments
from playhead.services.moving import MoveService
from playhead.services.projects import ProjectService
from playhead.services.recent import Recent
from playhead.services.records import RecordService
from playhead.services.runs import RunService
from playhead.services.search import SearchService
from playhead.services.signed import SignedContents
from playhead.services.streams import Streams
from playhead.services.sweep import SweepService
from playhead.services.tables import TableService
from playhead.services.timeline import TimelineService
from playhead.services.uploads import UploadService
from playhead.services.webhooks import WebhookService
from playhead.wandb_protocol import app as wandb_protocol
from playhead.wandb_protocol.context import Services
from playhead.wandb_protocol.sessions import Sessions as WandbSessions
from playhead.wandb_protocol.signing import Signer

MAX_DELETED = 10_000
"""Streams of deleted runs that are remembered."""
DELETED_FOR = 7 * 24 * 3600.0
"""Seconds that they are."""
MAX_BEGUN = 10_000
"""Sessions of W&B's client that are remembered from when they began."""
BEGUN_FOR = 600.0
"""Seconds that they are."""

Close = Callable[[], None]
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class CatalogStores:
    """Who there is and what runs there are."""

    accounts: Accounts
    projects: Projects
    runs: Timelines
    search: Search
    contents: Contents
    webhooks: Webhooks
    artifacts: Artifacts
    collections: Collections
    lineage: Lineage
    fingerprints: Fingerprints
    close: Close


@dataclass(frozen=True, slots=True)
class Application:
    """A server that is ready to serve."""

    app: Shell
    context: Context
    close: Close
    """Commit what waits, then close the stores."""


def _nothing() -> None:
    """Memory needs no closing."""


def _sql(url: str, clock: Clock) -> CatalogStores:
    database = Database(url)
    renewal = Renewal(database)
    return CatalogStores(
        SqlAccounts(database), SqlProjects(database), SqlRuns(database, clock, renewal), SqlSearch(database, renewal),
        SqlContents(database, clock), SqlWebhooks(database), SqlArtifacts(database), SqlCollections(database),
        SqlLineage(database), SqlFingerprints(database), database.close,
    )  # fmt: skip


def _memory(_url: str, clock: Clock) -> CatalogStores:
    catalog, shelf = Catalog(), Shelf()
    return CatalogStores(
        MemoryAccounts(catalog),
        MemoryProjects(catalog),
        MemoryRuns(catalog, clock),
        MemorySearch(catalog),
        MemoryContents(catalog, shelf, clock),
        MemoryWebhooks(),
        MemoryArtifacts(shelf),
        MemoryCollections(shelf),
        MemoryLineage(shelf),
        MemoryFingerprints(),
        _nothing,
    )


def _duckdb(url: str) -> tuple[Metrics, Close]:
    metrics = DuckMetrics(_path(url))
    return metrics, metrics.close


def _objects(url: str) -> Stock:
    # Loaded where it is used: it takes memory that a server with a folder has no use for.
    blobs: Stock = importlib.import_module("playhead.adapters.obstore.blobs").ObjectBlobs(url)
    return blobs


CATALOGS: Mapping[str, Callable[[str, Clock], CatalogStores]] = {"memory": _memory, "sqlite": _sql}
METRICS: Mapping[str, Callable[[str], tuple[Metrics, Close]]] = {
    "duckdb": _duckdb,
    "memory": lambda _: (MemoryMetrics(), _nothing),
}
BLOBS: Mapping[str, Callable[[str], Stock]] = {
    "file": lambda url: FolderBlobs(_path(url)),
    "memory": lambda _: MemoryBlobs(),
    **dict.fromkeys(("s3", "gs", "az"), _objects),
}


def open_catalog(settings: ServerSettings, clock: Clock) -> CatalogStores:
    """The catalog that the settings name. UsageError for an unknown kind."""
    url = settings.database or f"sqlite:///{settings.data_dir / 'playhead.db'}"
    return _of_kind(CATALOGS, url, "--database")(url, clock)


def accounts_of(settings: ServerSettings) -> tuple[AccountService, Close]:
    """Accounts alone, for commands that work on a data folder that no server uses."""
    clock = SystemClock()
    catalog = open_catalog(settings, clock)
    return AccountService(accounts=catalog.accounts, clock=clock), catalog.close


def sweep_of(settings: ServerSettings) -> tuple[SweepService, Close]:
    """The sweep alone, as above."""
    clock, url = SystemClock(), _files_url(settings)
    blobs = _of_kind(BLOBS, url, "--files")(url)
    catalog = open_catalog(settings, clock)
    return SweepService(blobs=blobs, contents=catalog.contents, clock=clock, counters=Counters()), catalog.close


def compose(settings: ServerSettings, *, user: str, key: str, address: str = "") -> Application:
    """Open the stores, see that `user` is there as an administrator with `key`, and build the application.

    `address` is where this machine reaches it: what alerts say if the settings name no other.
    """
    clock = SystemClock()
    catalog, (metrics, close_metrics), blobs = _stores(settings, clock)
    accounts = AccountService(accounts=catalog.accounts, clock=clock)
    accounts.ensure(user, key)
    access = Access(projects=catalog.projects, runs=catalog.runs)
    keeping = Housekeeping(runs=catalog.runs, metrics=metrics, clock=clock, silent_after=settings.silent_after)
    deleted: Recent[str, bool] = Recent(MAX_DELETED, DELETED_FOR)
    moments = Moments(runs=catalog.runs, metrics=metrics)
    streams = Streams(
        access=access, runs=catalog.runs, projects=catalog.projects, clock=clock, moments=moments, deleted=deleted
    )
    counters = Counters()
    post = _post(settings)
    where = settings.url.rstrip("/")
    courier = Courier(webhooks=catalog.webhooks, post=post, clock=clock, counters=counters, url=where or address)
    shelving = _shelving(settings, access, catalog, blobs, clock, counters)
    intake = Intake(
        runs=catalog.runs, metrics=metrics, clock=clock, streams=streams, keeping=keeping, counters=counters,
        announce=courier.take, shelve=shelving.take,
    )  # fmt: skip
    ingest = Ingest(runs=catalog.runs, streams=streams, intake=intake)
    live = _live(catalog)
    edits = Edits(runs=catalog.runs, moments=moments, clock=clock, alone=ingest.alone, shelve=shelving.take)
    files = _files(settings, access, catalog, blobs, edits)
    history = HistoryService(access=access, runs=catalog.runs, metrics=metrics)
    timeline = TimelineService(
        access=access, runs=catalog.runs, moments=moments, clock=clock, alone=ingest.alone, turned=history.forget,
        rests=keeping.ended, removed=live.removed,
    )  # fmt: skip
    beginnings = Beginnings(
        access=access, runs=catalog.runs, streams=streams, moments=moments, clock=clock, alone=ingest.alone,
        turned=history.forget, rests=keeping.ended,
    )  # fmt: skip
    sweep = SweepService(blobs=blobs, contents=catalog.contents, clock=clock, counters=counters)
    media = MediaService(history=history, files=files)
    secret = settings.session_secret.encode() or secret_in(settings.data_dir)
    projects = ProjectService(access=access, projects=catalog.projects, runs=catalog.runs, metrics=metrics, clock=clock)
    context = Context(
        accounts=accounts, projects=projects,
        moving=MoveService(
            access=access, projects=projects, runs=catalog.runs, alone=ingest.alone, hand_on=files.hand_over,
            turned=history.forget, removed=live.removed,
        ),
        runs=RunService(
            access=access, runs=catalog.runs, metrics=metrics, clock=clock, alone=ingest.alone, edits=edits,
            hand_on=files.hand_on, removed=live.removed, deleted=deleted, forget=catalog.lineage.forget,
        ),
        search=SearchService(access=access, runs=catalog.runs, search=catalog.search, fresh=timeline.fresh),
        history=history, timeline=timeline, beginnings=beginnings, files=files, sweep=sweep, media=media,
        records=RecordService(history=history, metrics=metrics),
        uploads=UploadService(access=access, blobs=blobs, contents=catalog.contents, direct=settings.files_direct),
        tables=TableService(media=media, files=files),
        artifacts=shelving.service,
        lineage=shelving.lineage,
        signed=SignedContents(blobs=blobs, secret=secret),
        webhooks=WebhookService(access=access, webhooks=catalog.webhooks, post=post, clock=clock),
        ingest=ingest,
        auth=Auth(accounts=accounts, sessions=Sessions(secret), local_key=key if settings.local else None),
        live=live,
        counters=counters,
        touch=lambda: _touch(catalog, metrics, blobs),
        version=version(),
        local=settings.local,
        url=where,
    )  # fmt: skip
    _gauge(context, catalog.webhooks)
    keeping.start(ingest.mark_crashed, sweep.tick)
    courier.start()
    shelving.committer.start()
    background = (shelving.committer.close, keeping.close, courier.close)
    close = _in_order(ingest.close, *background, close_metrics, catalog.close)
    name = urlsplit(settings.url).hostname
    foreign = wandb_protocol.routes(_shared(context, catalog, clock, secret))
    return Application(build(context, hosts=frozenset({name} if name else ()), foreign=foreign), context, close)


def _files(settings: ServerSettings, access: Access, catalog: CatalogStores, blobs: Stock, edits: Edits) -> FileService:
    return FileService(
        access=access, records=FileRecords(access=access, runs=catalog.runs), runs=catalog.runs, blobs=blobs,
        contents=catalog.contents, edits=edits, direct=settings.files_direct,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Shelving:
    """What takes artifacts in, commits them, and shows them."""

    records: ArtifactRecords
    committer: Committer
    service: ArtifactService
    lineage: LineageService

    def take(self, actor: Actor, run: Run, stream: Stream, records: Sequence[Record]) -> None:
        """See services.ingest."""
        self.committer.soon(self.records.take(actor, run, stream, records))


def _shelving(
    settings: ServerSettings, access: Access, catalog: CatalogStores, blobs: Stock, clock: Clock, counters: Counters
) -> _Shelving:
    versions, shelf, edges = catalog.artifacts, catalog.collections, catalog.lineage
    committer = Committer(
        artifacts=versions, collections=shelf, projects=catalog.projects, blobs=blobs, contents=catalog.contents, clock=clock,
        counters=counters,
    )  # fmt: skip
    service = ArtifactService(
        access=access, artifacts=versions, collections=shelf, lineage=edges, projects=catalog.projects, runs=catalog.runs,
        blobs=blobs, clock=clock, committer=committer, direct=settings.files_direct,
    )  # fmt: skip
    return _Shelving(
        ArtifactRecords(access=access, artifacts=versions, collections=shelf, lineage=edges, clock=clock),
        committer,
        service,
        LineageService(access=access, runs=catalog.runs, artifacts=versions, lineage=edges),
    )


def _live(catalog: CatalogStores) -> Live:
    def newest(entity: str, project: str) -> int:
        return catalog.projects.project(entity, project).updated_at

    return Live(changed=catalog.runs.changed, newest=newest)


def _in_order(*parts: Close) -> Close:
    """Close all of these, one after another."""

    def close() -> None:
        for part in parts:
            part()

    return close


def _gauge(context: Context, webhooks: Webhooks) -> None:
    """What is as it is now, for whoever watches the server."""
    counters, ingest, live = context.counters, context.ingest, context.live
    counters.gauge("playhead_ingest_waiting", lambda: ingest.waiting[0])
    counters.gauge("playhead_ingest_waiting_bytes", lambda: ingest.waiting[1])
    counters.gauge("playhead_alerts_waiting", webhooks.waiting)
    counters.gauge("playhead_event_listeners", lambda: live.watchers)


def _shared(context: Context, catalog: CatalogStores, clock: Clock, secret: bytes) -> Services:
    """What W&B's client is answered with."""
    drafts = ArtifactDrafts(
        access=Access(projects=catalog.projects, runs=catalog.runs), artifacts=catalog.artifacts, collections=catalog.collections,
        projects=catalog.projects, contents=catalog.contents, fingerprints=catalog.fingerprints, uploads=context.uploads,
        clock=clock,
    )  # fmt: skip
    return Services(
        accounts=context.accounts, projects=context.projects, runs=context.runs, search=context.search,
        history=context.history, timeline=context.timeline, beginnings=context.beginnings, files=context.files, ingest=context.ingest,
        alerts=AlertService(timeline=context.timeline, clock=clock),
        uploads=context.uploads, artifacts=context.artifacts, drafts=drafts, lineage=context.lineage, signed=context.signed,
        sessions=WandbSessions(runs=catalog.runs, ingest=context.ingest, clock=clock),
        begun=Recent(MAX_BEGUN, BEGUN_FOR), signer=Signer(secret), counters=context.counters, actor=context.auth.actor,
        forget=context.auth.forget, url=context.url,
    )  # fmt: skip


def _stores(settings: ServerSettings, clock: Clock) -> tuple[CatalogStores, tuple[Metrics, Close], Stock]:
    """What the settings name, all of it or (UsageError) nothing."""
    metrics_url = settings.metrics or f"duckdb:///{settings.data_dir / 'metrics.duckdb'}"
    files_url = _files_url(settings)
    open_metrics = _of_kind(METRICS, metrics_url, "--metrics")
    open_blobs = _of_kind(BLOBS, files_url, "--files")
    return open_catalog(settings, clock), open_metrics(metrics_url), open_blobs(files_url)


def _files_url(settings: ServerSettings) -> str:
    return settings.files or f"file:///{settings.data_dir / 'blobs'}"


def _post(settings: ServerSettings) -> HttpPost:
    private = settings.webhooks_private
    return HttpPost(private=settings.local if private is None else private)


def version() -> str:
    """The version of Playhead."""
    try:
        return importlib.metadata.version("playhead")
    except importlib.metadata.PackageNotFoundError:
        return "0.0.0"


def _touch(catalog: CatalogStores, metrics: Metrics, blobs: Stock) -> None:
    catalog.accounts.entity_exists("")
    metrics.series(())
    blobs.has("0" * 64)


def _of_kind(table: Mapping[str, Kind], url: str, option: str) -> Kind:
    kind = urlsplit(url).scheme
    if kind not in table:
        raise UsageError(f"{option} {url}: there is no store of kind {kind!r}. Use one of {', '.join(sorted(table))}.")
    return table[kind]


def _path(url: str) -> str:
    """The path in `scheme:///relative` or `scheme:////absolute`, as SQLAlchemy has it."""
    path = url.partition(":")[2].removeprefix("///")
    if not path or path.startswith("//"):
        raise UsageError(f"{url} has no path: write three slashes and a path.")
    return path
