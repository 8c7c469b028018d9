"""Real server processes on free ports of the loopback interface, and journals as a training writes them."""

import contextlib
import signal

import pytest

from a_run import Journal, Media
from a_server import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for all tests that do not disturb it."""
    server = Server(tmp_path_factory.mktemp("server")).start()
    yield server
    server.stop()


@pytest.fixture
def own_server(tmp_path):
    """A server of the test's own, not started yet."""
    server = Server(tmp_path)
    yield server
    server.stop(signal.SIGKILL)


@pytest.fixture
def journal(tmp_path):
    """Makes journals."""
    with _journals(tmp_path) as make:
        yield make


@pytest.fixture(scope="module")
def journals(tmp_path_factory):
    """Makes journals that all tests of a file share."""
    with _journals(tmp_path_factory.mktemp("journals")) as make:
        yield make


@contextlib.contextmanager
def _journals(folder):
    made = []

    def make(**header):
        made.append(Journal(folder, **header))
        return made[-1]

    yield make
    for one in made:
        one.writer.abandon()


@pytest.fixture(scope="session")
def media():
    """Makes what stands for an image or the like."""
    return Media


@pytest.fixture(scope="session")
def bob(server):
    """The key of a user without any right in ada's projects."""
    return server.add_user("bob")
