"""Figures of plotly. plotly itself is not needed here."""

from __future__ import annotations

import json
from typing import Any

from playhead.domain.errors import UsageError
from playhead.sdk.media.value import Media, Shelf, Value


class Plotly(Media):
    """A figure of plotly, kept as its JSON; `run.log({"figure": figure})` does the same. UsageError for what is none."""

    def __init__(self, val: Any) -> None:
        if isinstance(val, dict):
            self._text = json.dumps(val)
        elif callable(getattr(val, "to_json", None)):
            self._text = str(val.to_json())
        else:
            raise UsageError(f"Plotly takes a figure of plotly, not a {type(val).__name__}.")

    def record(self, shelf: Shelf) -> Value:
        """Keep the content; answers the value for the row."""
        return {"_type": "plotly-file", **shelf.content("plotly", "plotly.json", [self._text.encode()])}
