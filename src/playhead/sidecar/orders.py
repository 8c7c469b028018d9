"""What the training asks for, read from its messages; and the way to the server, which may have to be found again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playhead.client.ingest import Ingest
from playhead.domain.errors import CommError


@dataclass(frozen=True, slots=True)
class RunOrder:
    """Look after the run in `folder`."""

    folder: Path
    url: str | None
    """None: offline, nothing is shipped."""
    key: str | None
    local: Path | None
    """Data folder of the local server, if the run goes there: it may be started again."""
    stats_interval: float
    disable_stats: bool
    disable_git: bool
    disable_meta: bool
    """Nothing is said about the machine, the user and the code."""
    meta: dict[str, Any]
    disable_code: bool = False
    """Nothing of the code's state is kept."""
    ignore_globs: tuple[str, ...] = ()
    """Files of these names are not saved."""

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> RunOrder:
        """From {"op": "run", …}."""
        server = message.get("server") or {}
        local = message.get("local")
        return cls(
            folder=Path(message["dir"]),
            url=server.get("url"),
            key=server.get("key"),
            local=Path(local) if local else None,
            stats_interval=float(message.get("stats_interval", 15.0)),
            disable_stats=bool(message.get("disable_stats", False)),
            disable_git=bool(message.get("disable_git", False)),
            disable_meta=bool(message.get("disable_meta", False)),
            meta=dict(message.get("meta") or {}),
            disable_code=bool(message.get("disable_code", False)),
            ignore_globs=tuple(message.get("ignore_globs") or ()),
        )


class Way:
    """The way to the server of an order."""

    def __init__(self, order: RunOrder, connect: Callable[[str, str | None], Ingest] = Ingest.at) -> None:
        assert order.url is not None
        self._order = order
        self._connect = connect
        self.url = order.url
        self.server = connect(order.url, order.key)

    def find_again(self) -> bool:
        """The local server may be gone: find it, or start it. Whether it is there, perhaps at another address."""
        if self._order.local is None:
            return False
        from playhead.client import local  # noqa: PLC0415 few sidecars need it, and it takes time to load

        try:
            found = local.find_or_start(self._order.local)
        except (OSError, CommError):
            return False
        if found.url != self.url:
            self.server.close()
            self.url = found.url
            self.server = self._connect(found.url, found.key)
        return True
