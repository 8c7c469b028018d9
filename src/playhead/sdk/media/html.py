"""HTML pages. They are shown in a frame that may run scripts, but reaches nothing of the page around it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from playhead.domain.errors import UsageError
from playhead.sdk.media.value import Media, Shelf, Value

_HEAD = (
    '<base target="_blank"><style>:root{color-scheme:light;background:#fff}'
    "body{margin:8px;font:14px/1.45 system-ui,sans-serif;color:#1b1f24}</style>"
)
_SUFFIXES = (".html", ".htm", ".xhtml")


class Html(Media):
    """HTML: text, the path of a file whose name ends in `.html`, or an open file. `inject` adds a plain style sheet, and lets links open beside the
    page. `data_is_not_path`: a text is never taken as a path. UsageError if the file cannot be read.
    """

    many: ClassVar[str] = "html"

    def __init__(self, data: Any, inject: bool = True, data_is_not_path: bool = False) -> None:  # noqa: FBT001, FBT002 W&B's signature
        if hasattr(data, "read"):
            if hasattr(data, "seek"):
                data.seek(0)
            told = data.read()
            text = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
        elif isinstance(data, Path) or (not data_is_not_path and isinstance(data, str) and _is_path(data)):
            text = _read(Path(data))
        elif isinstance(data, str):
            text = data
        else:
            raise UsageError(f"Html takes text, a path or an open file, not a {type(data).__name__}.")
        self.html = _with_head(text) if inject else text

    def record(self, shelf: Shelf) -> Value:
        """Keep the content; answers the value for the row."""
        return {"_type": "html-file", **shelf.content("html", "html", [self.html.encode("utf-8", "replace")])}

    @classmethod
    def gather(cls, members: Sequence[Html], values: Sequence[Value]) -> Value:  # noqa: ARG003 they have nothing in common
        """One value for all."""
        return {"_type": cls.many, "count": len(values), "html": list(values)}


def _is_path(text: str) -> bool:
    return "<" not in text and "\n" not in text and len(text) < 1024 and text.lower().endswith(_SUFFIXES)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error


def _with_head(text: str) -> str:
    lower = text.lower()
    for tag in ("<head", "<html", "<!doctype"):
        at = lower.find(tag)
        end = lower.find(">", at) + 1
        if at >= 0 and end > 0 and lower[at + len(tag) : at + len(tag) + 1] in {">", " ", "\n", "\t", "\r"}:
            return text[:end] + _HEAD + text[end:]
    return _HEAD + text
