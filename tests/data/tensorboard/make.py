"""Makes the fixtures in this folder with the real package: `pip install tensorboardX==2.6.5 numpy pillow`, then `python make.py`."""

import shutil
import socket
from pathlib import Path

socket.gethostname = lambda: "machine"  # it is a part of the files' names

import numpy as np  # noqa: E402 after the name is set
from tensorboardX import SummaryWriter  # noqa: E402

here = Path(__file__).resolve().parent
shutil.rmtree(here / "runs", ignore_errors=True)
for number, folder in enumerate(["runs/base", "runs/base/eval"]):
    with SummaryWriter(str(here / folder)) as writer:
        for step in range(50):
            at = 1_767_225_600 + step
            writer.add_scalar("loss/train", 1 / (step + 1), step * 10, walltime=at)
            writer.add_scalar("lr", 0.5, step * 10, walltime=at)
        writer.add_text("note", "hello", 490, walltime=at)
        writer.add_histogram("weights", np.array([0.0, 1.0, 1.0, 2.0]), 490, walltime=at)
        writer.add_image("picture", np.zeros((3, 4, 6), dtype=np.uint8), 490, walltime=at)
        if number == 0:
            writer.add_hparams(
                {"lr": 0.5, "layers": 2, "name": "mlp", "deep": True}, {"hparam/acc": 0.75}, name="trial", global_step=1
            )
