"""`wandb.sdk.lib`."""

from playhead.sdk.disabled import DisabledRun as RunDisabled
from wandb.sdk.lib import config_util

__all__ = ["RunDisabled", "config_util"]
