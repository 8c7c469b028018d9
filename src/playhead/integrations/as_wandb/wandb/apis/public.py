"""`wandb.apis.public`."""

from playhead.client.api import Api

__all__ = ["Api"]
