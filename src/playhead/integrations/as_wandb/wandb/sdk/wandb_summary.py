"""`wandb.sdk.wandb_summary`."""

from playhead.sdk.summary import Summary

__all__ = ["Summary"]
