"""A fake server and a training's end of the pipe, for every test of the sidecar."""

import contextlib
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from a_fake_server import FakeServer
from a_training import Parent


@pytest.fixture
def fake():
    server = FakeServer()
    yield server
    server.close()


@pytest.fixture
def parent():
    parent = Parent()
    yield parent
    with contextlib.suppress(OSError):
        parent.process.kill()
    parent.close()
