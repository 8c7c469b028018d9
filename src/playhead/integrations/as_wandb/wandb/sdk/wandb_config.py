"""`wandb.sdk.wandb_config`."""

from playhead.sdk.config import Config

__all__ = ["Config"]
