"""What a large git repository costs the training: init() in it and outside of it, in turns.

Target: not slower by more than 50 ms in a repository of 50,000 files with a diff of 5 MB. What is kept of the code is kept in the background.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from benchmarks.harness import child, in_turns, local_server, scratch, table

FILES = 50_000
CHANGED = 500
"""Files of 10 kB that are rewritten."""
UNTRACKED = 200
ROUNDS = 9
TRAINING = """
import json, time, playhead
begun = time.perf_counter()
run = playhead.init(project="bench", config={"lr": 0.1})
init = time.perf_counter() - begun
run.log({"loss": 0.5})
first = time.perf_counter() - begun
for _ in range(100_000):
    run.log({"loss": 0.5})
rows = time.perf_counter() - begun - first
begun = time.perf_counter()
run.finish()
names = [file.name for file in playhead.Api().run(run.path).files() if file.name.endswith((".patch", ".tar", ".bundle"))]
print(json.dumps({
    "init": init * 1e3, "first": first * 1e3, "log": rows * 10, "finish": time.perf_counter() - begun, "files": len(names),
}), flush=True)
"""


def main() -> None:
    with scratch() as folder:
        repository, outside = folder / "repository", folder / "outside"
        outside.mkdir()
        size = _make(repository)
        print(
            f"  {FILES:,} files, a diff of {size / 1e6:.1f} MB, {UNTRACKED} untracked files, 1 commit that no remote has"
        )
        with local_server(folder):
            data = str(folder / ".local/share/playhead")

            def train(place: Path) -> Any:
                return child(TRAINING, place, PLAYHEAD_MODE="online", PLAYHEAD_DATA_DIR=data)

            train(repository)
            times = in_turns(ROUNDS, {"repository": lambda: train(repository), "outside": lambda: train(outside)})
        inside, without = times["repository"], times["outside"]
        assert inside["files"] == 4, "the state of the code is not there"
        table(("medians", "in the repository", "outside", "difference"), [
            (label, inside[key], without[key], inside[key] - without[key])
            for key, label in (
                ("init", "init(), ms"), ("first", "init() to the first log() returned, ms"),
                ("log", "the next 100,000 log(), µs each"), ("finish", "finish(), all on the server, s"),
            )
        ])  # fmt: skip


def _make(folder: Path) -> int:
    """A repository with changes; bytes of their diff."""
    for number in range(FILES):
        path = folder / f"{number % 250}/{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"value = {number}\n" + ("# what was there\n" * 290 if number < CHANGED else ""))
    _git(folder, "init", "--quiet", "-b", "main")
    _git(folder, "add", ".")
    _git(folder, "commit", "--quiet", "-m", "all")
    _git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    (folder / "0/0.py").write_text("value = 1\n")
    _git(folder, "commit", "--quiet", "-am", "mine")
    for number in range(CHANGED):
        (folder / f"{number % 250}/{number}.py").write_text(f"value = -{number}\n" + "# what is there now\n" * 260)
    for number in range(UNTRACKED):
        (folder / f"new{number}.py").write_text(f"value = {number}\n" * 100)
    return len(_git(folder, "diff", "HEAD"))


def _git(folder: Path, *arguments: str) -> bytes:
    settings = ["-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "gc.auto=0"]
    return subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True).stdout


if __name__ == "__main__":
    main()
