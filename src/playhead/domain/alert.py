"""What alerts say."""

from __future__ import annotations

from enum import StrEnum


class AlertLevel(StrEnum):
    """How much an alert matters."""

    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


def level_of(told: object) -> AlertLevel:
    """The level of that name; INFO of another one: what a journal says is not trusted."""
    return next((level for level in AlertLevel if level == told), AlertLevel.INFO)
