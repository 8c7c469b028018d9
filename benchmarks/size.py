"""Installed size: all that the SDK and a local server need, in a fresh environment.

Target: under 300 MB (wandb 125, trackio 192, aim 387, mlflow 850).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.harness import scratch, table

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    with scratch() as folder:
        target = folder / "site"
        uv = Path(sys.executable).with_name("uv")
        command = [str(uv), "pip", "install", "--quiet", "--python", sys.executable, "--target", str(target)]
        subprocess.run([*command, "-r", str(ROOT / "requirements" / "runtime.txt")], check=True)
        subprocess.run([*command, "--no-deps", str(ROOT)], check=True)
        sizes = {
            p.name: sum(f.stat().st_size for f in p.rglob("*") if f.is_file()) / 1e6
            for p in target.iterdir()
            if p.is_dir()
        }
        largest = sorted(sizes.items(), key=lambda item: -item[1])[:8]
        table(("installed", "MB"), [*largest, ("all", sum(sizes.values()))])


if __name__ == "__main__":
    main()
