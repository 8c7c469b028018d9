"""Runs the Python examples of README.md, docs/ and docstrings. A page is one story in a folder of its own, recorded offline.

A comment `<!--- skip: next -->` before an example of a page leaves it out.
"""

import os
import tempfile
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser
from sybil.sybil import SybilCollection


def _open_page(namespace: dict[str, object]) -> None:
    place = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    patch = pytest.MonkeyPatch()
    for name in [name for name in os.environ if name.startswith(("PLAYHEAD_", "WANDB_"))]:
        patch.delenv(name)
    patch.setenv("HOME", place.name)
    patch.setenv("PLAYHEAD_MODE", "offline")
    patch.chdir(Path(place.name))
    namespace["_close"] = lambda: (patch.undo(), place.cleanup())


def _close_page(namespace: dict[str, object]) -> None:
    namespace["_close"]()


pytest_collect_file = SybilCollection(
    [
        Sybil(
            parsers=[PythonCodeBlockParser(), SkipParser()],
            patterns=["*.md"],
            setup=_open_page,
            teardown=_close_page,
        ),
        Sybil(
            parsers=[DocTestParser()],
            path="src",
            patterns=["*.py"],
            excludes=["playhead/integrations/*.py"],  # they need their frameworks
            document_types={".py": PythonDocStringDocument},
        ),
    ]
).pytest()
