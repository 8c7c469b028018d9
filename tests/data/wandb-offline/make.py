"""Makes the fixtures in this folder with the real package: `pip install wandb==0.31.0 numpy pillow`, then `python make.py`."""

import os
import shutil
import tempfile
from pathlib import Path

here = Path(__file__).resolve().parent
work = Path(tempfile.mkdtemp())
os.environ |= {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_DIR": str(work)}
os.chdir(work)

import numpy as np  # noqa: E402
import wandb  # noqa: E402 it reads the environment

settings = wandb.Settings(
    x_disable_meta=True,
    x_disable_stats=True,
    x_disable_machine_info=True,
    disable_git=True,
    disable_code=True,
    save_code=False,
    host="machine",
    username="someone",
    email="someone@example.com",
    program="train.py",
    root_dir=str(work),
    console="wrap",
    x_save_requirements=False,
)
run = wandb.init(
    project="digits",
    entity="team",
    id="wb1",
    name="first try",
    notes="from W&B",
    tags=["a", "b"],
    group="g",
    job_type="train",
    config={"lr": 0.1, "deep": {"layers": [1, 2]}, "name": "mlp"},
    settings=settings,
)
run.define_metric("epoch")
run.define_metric("val/*", step_metric="epoch", summary="max")
for step in range(150):
    run.log({"loss": 1 / (step + 1), "nested": {"a": step}, "note": f"row {step}", "big": 2**60 + step})
run.log(
    {
        "picture": wandb.Image(np.arange(192, dtype=np.uint8).reshape(8, 8, 3), caption="c"),
        "weights": wandb.Histogram([1, 2, 2, 3], num_bins=4),
    }
)
run.log({"val/acc": 0.5, "epoch": 1, "nan": float("nan"), "inf": float("inf")})
print("hello from the training")  # noqa: T201 the console is recorded
run.config.update({"late": True})
run.summary["best"] = 0.75
(Path(run.dir) / "notes.txt").write_text("saved by hand\n")
run.save(str(Path(run.dir) / "notes.txt"), base_path=run.dir)
run.finish()
[folder] = (work / "wandb").glob("offline-run-*")
target = here / "offline-run-20260101_000000-wb1"
shutil.rmtree(target, ignore_errors=True)
(target / "files").mkdir(parents=True)
shutil.copy(folder / "run-wb1.wandb", target)
shutil.copy(folder / "files/notes.txt", target / "files")
shutil.copytree(folder / "files/media", target / "files/media")
shutil.rmtree(work)
