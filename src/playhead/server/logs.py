"""What a server writes to its log: lines for people, or one JSON object a line for machines."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from datetime import UTC, datetime

FORMATS = ("text", "json")
SLOW = 1.0
"""Seconds after which a request is logged as slow."""

MAX_SLOW = 5
"""Slow requests that are logged in a second."""

_PEOPLE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_requests = logging.getLogger("playhead.requests")


class Lines(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `message`; of a request its fields; of an error its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            told["error"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(told, default=str)


def begin(form: str) -> None:
    """Log to standard error, as `text` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines() if form == "json" else logging.Formatter(_PEOPLE))
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)


_slow_at: list[float] = []
"""When slow requests were logged, of the last second."""


def request(method: str, path: str, route: str, status: int, seconds: float) -> None:
    """A request is done: a line, if it was slow or failed by the server's own fault. Of many slow ones some are told: lines would make
    them slower.
    """
    failed = status >= 500
    if not failed and (seconds < SLOW or not _may_tell(time.monotonic())):
        return
    fields = {"method": method, "path": path, "route": route, "status": status, "seconds": round(seconds, 4)}
    level = logging.ERROR if failed else logging.WARNING
    what = "failed" if failed else "slow"
    shown = path.encode("unicode_escape").decode()
    _requests.log(
        level, "%s request: %s %s %d in %.3f s", what, method, shown, status, seconds, extra={"fields": fields}
    )


def _may_tell(now: float) -> bool:
    _slow_at[:] = [one for one in _slow_at if now - one < 1.0]
    if len(_slow_at) >= MAX_SLOW:
        return False
    _slow_at.append(now)
    return True
