"""`wandb.data_types`."""

from playhead.sdk.media import Image

__all__ = ["Image"]
