"""All that runs recorded, as it travels: Arrow streams one behind the other. Each tells in its metadata of which `run` it is, which
`part` of that, and where the `next` piece of the part begins, if there is one.
"""

from __future__ import annotations

from enum import StrEnum


class Part(StrEnum):
    """What there is of a run, in the order in which it travels."""

    HISTORY = "history"
    """Rows by step; a piece begins at a step."""
    SYSTEM = "system"
    """Samples of the machine; a piece begins at a time, in microseconds."""
    CONSOLE = "console"
    """Lines; a piece begins at the number of a line."""
