"""What `import wandb` finds in a script that `playhead run` started: Playhead, under that name.

The folder of this file stands first on the path of the script and of all processes that it starts.
"""

import sys

import playhead
from playhead.sdk import util

sys.modules["wandb"] = playhead
sys.modules["wandb.errors"] = playhead.errors
sys.modules["wandb.util"] = util
