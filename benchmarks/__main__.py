"""Runs the benchmarks named on the command line, or all of them; each prints figures and ratios."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from benchmarks.harness import heading

ORDER = (
    "start",
    "log",
    "memory",
    "sync",
    "files",
    "artifacts",
    "media",
    "code",
    "ingest",
    "wandb",
    "engine",
    "timeline",
    "page",
    "crowd",
    "query",
    "read",
    "export",
    "size",
)


def main(names: list[str]) -> int:
    there = {path.stem for path in Path(__file__).parent.glob("*.py")}
    for name in names or [n for n in ORDER if n in there]:
        if name not in there:
            print(f"There is no benchmark {name!r}: {', '.join(ORDER)}")
            return 2
        module = import_module(f"benchmarks.{name}")
        heading(f"{name}: {(module.__doc__ or '').splitlines()[0]}")
        module.main()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
