"""Playhead records training runs and lets you move through them.

>>> import playhead
>>> run = playhead.init(project="digits", mode="disabled")
>>> run.log({"loss": 0.5})
>>> run.finish()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from playhead.domain import errors
from playhead.sdk.api import alert, define_metric, finish, log, log_artifact, restore, save, use_artifact
from playhead.sdk.api import current as _current
from playhead.sdk.init import init
from playhead.sdk.settings import Settings

if TYPE_CHECKING:
    from playhead.client.api import Api
    from playhead.client.artifacts.artifact import Artifact
    from playhead.client.credentials import login
    from playhead.domain.alert import AlertLevel
    from playhead.sdk import data_types, plot, util
    from playhead.sdk.config import Config
    from playhead.sdk.data_types import Audio, Histogram, Html, Image, Object3D, Plotly, Table, Video
    from playhead.sdk.run import Run
    from playhead.sdk.summary import Summary

    run: Run | None
    config: Config
    summary: Summary

__version__ = "0.1.0"
__all__ = [
    "AlertLevel", "Api", "Artifact", "Audio", "Histogram", "Html", "Image", "Object3D", "Plotly", "Run", "Settings", "Table", "Video", "alert", "config", "data_types", "define_metric", "errors", "finish", "init", "log", "log_artifact", "login", "plot", "restore", "run", "save", "summary", "use_artifact", "util",
]  # fmt: skip

_CURRENT = {"run", "config", "summary"}
_LATER = {
    "AlertLevel": "domain.alert", "Api": "client.api", "Artifact": "client.artifacts.artifact", "Run": "sdk.run", "login": "client.credentials",
    **dict.fromkeys(("data_types", "plot", "util"), "sdk"), **dict.fromkeys("Audio Histogram Html Image Object3D Plotly Table Video".split(), "sdk.data_types"),
}  # fmt: skip
"""Loaded when first asked for, so that `import playhead` stays quick."""


def __getattr__(name: str) -> Any:
    if name in _CURRENT:
        return _current(name)
    if name in _LATER:
        room = f"playhead.{_LATER[name]}"
        globals()[name] = value = getattr(import_module(room), name, None) or import_module(f"{room}.{name}")
        return value
    raise AttributeError(f"module 'playhead' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
