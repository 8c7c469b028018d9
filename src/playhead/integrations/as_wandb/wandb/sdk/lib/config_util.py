"""`wandb.sdk.lib.config_util`."""

from playhead.domain.errors import UsageError as ConfigError

__all__ = ["ConfigError"]
