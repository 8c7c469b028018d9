"""`wandb.plot`."""

from typing import Any

from playhead.sdk import plot

__all__ = plot.__all__


def __getattr__(name: str) -> Any:
    return getattr(plot, name)
