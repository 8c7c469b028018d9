"""A fake server and a training's end of the pipe, for every test of the sidecar."""

import contextlib

import pytest

from a_fake_server import FakeServer
from a_home import Home
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


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A server that no test may kill."""
    home = Home(tmp_path_factory.mktemp("data")).begin()
    yield home
    home.kill()


@pytest.fixture
def run_id(tmp_path):
    return tmp_path.name[-40:].replace("_", "-")
