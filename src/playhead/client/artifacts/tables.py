"""A table that was added to an artifact, read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playhead.client.rows import Rows
from playhead.domain.errors import UsageError


class KeptTable(Rows):
    """Media in cells are what the artifact has of them: `path` is their path in it."""

    def __init__(self, columns: list[str], data: list[list[Any]]) -> None:
        self.columns = columns
        self.data = data

    @classmethod
    def read(cls, path: Path) -> KeptTable:
        """UsageError if the file is no table."""
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            return cls([str(name) for name in told["columns"]], [list(row) for row in told["data"]])
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{path} is no table: {error!r}.") from None

    def __len__(self) -> int:
        return len(self.data)
