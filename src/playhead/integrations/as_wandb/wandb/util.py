"""`wandb.util`."""

from playhead.sdk.util import generate_id, sanitize_id

__all__ = ["generate_id", "sanitize_id"]
