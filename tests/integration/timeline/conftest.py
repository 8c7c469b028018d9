"""One server for all examples of the machine."""

import pytest

from a_world import World


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("world")
        patch.setenv("HOME", str(folder))
        world = World(folder)
        yield world
        world.close()
