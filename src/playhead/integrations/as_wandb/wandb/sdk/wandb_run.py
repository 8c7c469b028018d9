"""`wandb.sdk.wandb_run`."""

from playhead.sdk.run import Run

__all__ = ["Run"]
