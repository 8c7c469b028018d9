"""`wandb.data_types`."""

from typing import Any

from playhead.sdk import data_types

__all__ = data_types.__all__


def __getattr__(name: str) -> Any:
    return getattr(data_types, name)
