"""`playhead.util`: what scripts written for W&B look for there."""

from playhead.domain.ids import generate_id, sanitize_id

__all__ = ["generate_id", "sanitize_id"]
