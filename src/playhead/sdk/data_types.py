"""What may be logged, under the names that scripts written for W&B look for: `playhead.data_types.Image`. Each is loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playhead.sdk.media.audio import Audio
    from playhead.sdk.media.histogram import Histogram
    from playhead.sdk.media.html import Html
    from playhead.sdk.media.image import Image
    from playhead.sdk.media.object3d import Object3D
    from playhead.sdk.media.overlay import Classes
    from playhead.sdk.media.plotly import Plotly
    from playhead.sdk.media.table import Table
    from playhead.sdk.media.value import Media
    from playhead.sdk.media.video import Video

__all__ = ["Audio", "Classes", "Histogram", "Html", "Image", "Media", "Object3D", "Plotly", "Table", "Video"]

_HOMES = {"Classes": "overlay", "Media": "value"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'playhead.data_types' has no attribute {name!r}")
    value = getattr(import_module(f"playhead.sdk.media.{_HOMES.get(name, name.lower())}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
