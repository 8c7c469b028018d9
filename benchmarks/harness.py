"""What the benchmarks share: children in a clean environment, medians, tables."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

SOURCE = str(Path(__file__).resolve().parent.parent / "src")


def environment(home: Path, **more: str) -> dict[str, str]:
    """A user's environment with an empty home. Bytecode is written, as on a user's machine."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    quiet = {
        "WANDB_SILENT": "true",
        "WANDB_MODE": "offline",
        "PLAYHEAD_QUIET": "true",
        "WANDB_ERROR_REPORTING": "false",
    }
    return {**kept, **quiet, "HOME": str(home), "PYTHONPATH": SOURCE, **more}


def child(code: str, folder: Path, *args: str, **env: str) -> Any:
    """Run `code` in a new interpreter; what it printed last is its answer, as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", code, *args],
        cwd=folder,
        env=environment(folder, **env),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else None


def seconds(command: Sequence[str], folder: Path, **env: str) -> float:
    """How long a command takes from start to exit."""
    begun = time.perf_counter()
    subprocess.run(
        command,
        cwd=folder,
        env=environment(folder, **env),
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - begun


def in_turns(rounds: int, measures: dict[str, Any]) -> dict[str, Any]:
    """Call each measure `rounds` times, in turns; medians of their numbers, by name. One that fails is left out, and said."""
    results: dict[str, list[Any]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            if name in results:
                try:
                    results[name].append(measure())
                except (RuntimeError, subprocess.SubprocessError, ValueError) as error:
                    print(f"  {name} left out: {str(error).strip().splitlines()[-1][:150]}")
                    del results[name]
    return {name: _median(values) for name, values in results.items()}


def _median(values: list[Any]) -> Any:
    if isinstance(values[0], dict):
        return {key: statistics.median(value[key] for value in values) for key in values[0]}
    return statistics.median(values)


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="playhead-bench-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextlib.contextmanager
def local_server(folder: Path) -> Iterator[str]:
    """The local server of `folder`'s user, running; answers its address."""
    code = (
        "import json, time, urllib.request\nfrom playhead.client import local, settings\n"
        "s = local.find_or_start(settings.data_dir())\n"
        "for _ in range(300):\n"
        "    try:\n        urllib.request.urlopen(s.url + '/ready', timeout=30); break\n"
        "    except OSError: time.sleep(0.05)\n"
        "print(json.dumps(s.url))"
    )
    try:
        yield child(code, folder)
    finally:
        subprocess.run(
            [sys.executable, "-m", "playhead.cli", "server", "stop"],
            env=environment(folder),
            capture_output=True,
            check=False,
        )


def heading(text: str) -> None:
    """A title."""
    print(f"\n== {text}")


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Columns, aligned; floats with three digits."""
    text = [
        [
            f"{cell:.3g}"
            if isinstance(cell, float) and abs(cell) < 1000
            else f"{cell:,.0f}"
            if isinstance(cell, (int, float))
            else str(cell)
            for cell in row
        ]
        for row in rows
    ]
    widths = [max(len(row[i]) for row in [list(head), *text]) for i in range(len(head))]
    for row in [list(head), *text]:
        print(
            "  "
            + "  ".join(
                cell.ljust(width) if i == 0 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        )
