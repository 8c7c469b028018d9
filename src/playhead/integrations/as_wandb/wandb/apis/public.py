"""`wandb.apis.public`."""

from playhead.client.api import Api
from playhead.client.artifacts.artifact import Artifact
from playhead.client.runs import Run

__all__ = ["Api", "Artifact", "Run"]
