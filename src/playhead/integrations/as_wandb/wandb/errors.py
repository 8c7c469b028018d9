"""`wandb.errors`: Playhead's, under the names that scripts catch."""

from playhead.domain.errors import AuthenticationError, CommError, LaunchError, PlayheadError, UsageError

Error = PlayheadError
__all__ = ["AuthenticationError", "CommError", "Error", "LaunchError", "UsageError"]
