"""Throwing away content that nothing refers to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepAsk:
    """What is to be thrown away."""

    min_age: float
    """Seconds that nobody has touched it."""
    unknown: bool = False
    """Content too of which the catalog knows nothing."""
    dry_run: bool = False
    """Only tell."""
    after: str = ""
    """`next` of the answer before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepView:
    """What was thrown away, or would be."""

    contents: int = 0
    size: int = 0
    """Bytes."""
    next: str | None = None
    """Where to go on; None at the end."""
