"""`wandb.sdk.wandb_settings`."""

from playhead.sdk.settings import Settings

__all__ = ["Settings"]
