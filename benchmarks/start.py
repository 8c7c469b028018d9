"""How long a training waits for its tracker: import, init, a whole process.

Target: import at most 30 ms over bare Python; init until the first log() has returned 20 ms; a process with one log() 0.3 s, the row stored.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.harness import child, in_turns, local_server, scratch, seconds, table

INIT = """
import json, time, {module} as t
begun = time.perf_counter()
run = t.init(project="bench")
{log}
print(json.dumps((time.perf_counter() - begun) * 1e3), flush=True)
{finish}
"""
ONE_LOG = "import {module} as t\nrun = t.init(project='bench')\n{log}\nt.finish()\n"
PEERS = {
    "playhead": ("playhead", "run.log({'loss': 0.5})", {}),
    "trackio": ("trackio", "t.log({'loss': 0.5})", {}),
    "wandb offline": ("wandb", "run.log({'loss': 0.5})", {}),
}


def main() -> None:
    with scratch() as folder:
        bare = [sys.executable, "-c", "pass"]
        imports = {name: [sys.executable, "-c", f"import {module}"] for name, (module, _, _) in PEERS.items()}
        for command in imports.values():
            _try(command, folder)
        times = in_turns(
            15, {"bare": lambda: seconds(bare, folder), **{n: _importer(c, folder) for n, c in imports.items()}}
        )
        table(("import, ms over bare Python", "ms", "× playhead"), [
            (name, (value - times["bare"]) * 1e3, (value - times["bare"]) / (times["playhead"] - times["bare"]))
            for name, value in times.items() if name != "bare"
        ])  # fmt: skip
        with local_server(folder):
            _init(folder)
            _process(folder)


def _try(command: list[str], folder: Path) -> None:
    """Once before, so that bytecode is there."""
    try:
        seconds(command, folder)
    except OSError:
        return
    except subprocess.SubprocessError as error:  # a peer that is not installed is said by in_turns
        print(f"  {error}")


def _importer(command: list[str], folder: Path) -> Callable[[], float]:
    return lambda: seconds(command, folder)


def _init(folder: Path) -> None:
    def measure(module: str, log: str) -> Callable[[], float]:
        return lambda: child(INIT.format(module=module, log=log, finish="t.finish()"), folder, PLAYHEAD_MODE="online")

    def cold() -> float:
        with scratch() as empty:
            code = INIT.format(module="playhead", log="run.log({'loss': 0.5})", finish="import os; os._exit(0)")
            value = child(code, empty, PLAYHEAD_MODE="online", PLAYHEAD_SERVER_IDLE="1")
            seconds([sys.executable, "-m", "playhead.cli", "server", "stop"], empty)
            return float(value)

    measures = {name: measure(module, log) for name, (module, log, _) in PEERS.items()}
    times = in_turns(5, {**measures, "playhead, no server yet": cold})
    table(
        ("init() to the first log() returned", "ms", "× playhead"),
        [(n, v, v / times["playhead"]) for n, v in times.items()],
    )


def _process(folder: Path) -> None:
    def measure(module: str, log: str) -> Callable[[], float]:
        command = [sys.executable, "-c", ONE_LOG.format(module=module, log=log)]
        return lambda: seconds(command, folder, PLAYHEAD_MODE="online")

    times = in_turns(5, {name: measure(module, log) for name, (module, log, _) in PEERS.items()})
    table(
        ("a process with one log(), start to exit", "s", "× playhead"),
        [(n, v, v / times["playhead"]) for n, v in times.items()],
    )


if __name__ == "__main__":
    main()
