"""`wandb.sdk`: the classes that scripts name in annotations and checks."""

from playhead.sdk.config import Config
from playhead.sdk.init import init
from playhead.sdk.run import Run
from playhead.sdk.settings import Settings
from wandb.sdk import lib, wandb_config, wandb_run, wandb_settings, wandb_summary

__all__ = ["Config", "Run", "Settings", "init", "lib", "wandb_config", "wandb_run", "wandb_settings", "wandb_summary"]
