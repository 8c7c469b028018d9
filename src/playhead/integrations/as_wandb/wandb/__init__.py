"""What `import wandb` finds in a script that `playhead run` started: Playhead, under that name.

The folder around this one stands first on the path of the script and of all processes that it starts. The modules beside this file are
those that scripts import by name; each hands on what Playhead has for it.
"""

from importlib import import_module
from typing import Any

import playhead
from wandb import errors, util
from wandb.calls import (
    join,
    link_model,
    log_model,
    require,
    setup,
    teardown,
    termerror,
    termlog,
    termwarn,
    unwatch,
    use_model,
    watch,
)
from wandb.errors import CommError, Error, UsageError

__version__ = "0.31.0"
"""Of W&B's client: libraries look at it before they call something."""
__all__ = ["CommError", "Error", "UsageError", "errors", "join", "require", "setup", "teardown", "termerror", "termlog"]
__all__ += ["link_model", "log_model", "termwarn", "unwatch", "use_model", "util", "watch"]
__all__ += playhead.__all__

_MOVING = {"run", "config", "summary"}
"""They are another's after each `init`."""


def __getattr__(name: str) -> Any:
    if name in _MOVING:
        return getattr(playhead, name)
    if name in playhead.__all__:
        globals()[name] = value = getattr(playhead, name)
        return value
    module = f"{__name__}.{name}"
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise AttributeError(f"wandb.{name} has no counterpart in Playhead.") from None


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
