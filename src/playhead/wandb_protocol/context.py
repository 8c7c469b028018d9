"""What the answers to W&B's client are made of: the services, and who is asking."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from playhead.domain.account import Actor
from playhead.domain.errors import LimitError
from playhead.domain.ids import RunPath
from playhead.domain.metric import Series
from playhead.services.accounts import AccountService
from playhead.services.alerts import AlertService
from playhead.services.artifact_drafts import ArtifactDrafts
from playhead.services.artifacts import ArtifactService
from playhead.services.beginnings import Beginnings
from playhead.services.counters import Counters
from playhead.services.files import FileService
from playhead.services.history import HistoryService
from playhead.services.ingest import Ingest
from playhead.services.lineage import LineageService
from playhead.services.projects import ProjectService
from playhead.services.recent import Recent
from playhead.services.runs import RunService
from playhead.services.search import SearchService
from playhead.services.signed import SignedContents
from playhead.services.timeline import TimelineService
from playhead.services.uploads import UploadService
from playhead.wandb_protocol.limits import MAX_HISTORY, MAX_ITEMS
from playhead.wandb_protocol.sessions import Sessions
from playhead.wandb_protocol.signing import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What one server's answers share. Safe to use from any thread."""

    accounts: AccountService
    projects: ProjectService
    runs: RunService
    search: SearchService
    history: HistoryService
    timeline: TimelineService
    beginnings: Beginnings
    alerts: AlertService
    files: FileService
    uploads: UploadService
    artifacts: ArtifactService
    drafts: ArtifactDrafts
    lineage: LineageService
    signed: SignedContents
    ingest: Ingest
    sessions: Sessions
    signer: Signer
    begun: Recent[str, bool]
    """Sessions whose client was told of them by this process."""
    counters: Counters
    actor: Callable[[Request], Awaitable[Actor]]
    """Who asks; nobody without credentials. AuthenticationError for wrong ones."""
    forget: Callable[[], None]
    """A key was taken back: whoever comes next is looked up anew."""
    url: str
    """The address that people reach the server by, if it is known."""


@dataclass(slots=True)
class Budget:
    """What one answer may still hold, however often its parts are asked for. Used by one thread."""

    characters: int = MAX_HISTORY
    items: int = MAX_ITEMS

    def write(self, characters: int, fewer: str = "in several questions") -> None:
        """So much text more. LimitError, which tells how to ask for `fewer`."""
        self.characters -= characters
        if self.characters < 0:
            raise LimitError(
                f"This is more than the {MAX_HISTORY:,} characters of one answer (MAX_HISTORY). Ask for fewer at once: {fewer}."
            )

    def listed(self, items: int) -> None:
        """So many items more. LimitError."""
        self.items -= items
        if self.items < 0:
            raise LimitError(
                f"This is more than the {MAX_ITEMS:,} items of one answer (MAX_ITEMS). Ask in several questions."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, as the resolvers of its fields see it."""

    actor: Actor
    services: Services
    address: str
    """The server's address as the client reaches it."""
    budget: Budget = field(default_factory=Budget)
    series: dict[RunPath, list[Series]] = field(default_factory=dict)
    """Keys of the runs that stand together in a list, while one after the other is told."""
    samples: dict[RunPath, dict[str, Any]] = field(default_factory=dict)
    """What was sampled last of their machines."""
    client: str = ""
    """Which writer of a shared run this is, as it says itself; empty if the run is not shared."""


async def call_of(request: Request, services: Services) -> Call:
    """What there is to know of a request before its body. AuthenticationError for wrong credentials."""
    address = services.url or f"{request.url.scheme}://{request.url.netloc}"
    client = request.headers.get("x-wandb-client-id") or request.headers.get("x-wandb-async-client-id", "")
    return Call(actor=await services.actor(request), services=services, address=address, client=client[:128])


def asked(info: Any) -> Call:
    """The request that a resolver answers; `info` is what GraphQL gives it."""
    call: Call = info.context
    return call
