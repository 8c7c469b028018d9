"""What `save()` was called for is what is saved, though the script writes the next version at once."""

import pytest

from playhead.domain.ids import RunPath

WRITES = """
import pathlib
run = playhead.init(project="p")
model, big = pathlib.Path("model.pt"), pathlib.Path("big.pt")
def write(path, text):
    fresh = path.with_suffix(".fresh")
    fresh.write_bytes(text)
    fresh.replace(path)
for step in range(20):
    run.log({"a": step})
    model.write_text(f"{run.id} at {step}")  # in place
    run.save("model.pt", policy=sys.argv[1])
for step in range(3):
    write(big, bytes([step]) * 3_000_000 + run.id.encode())  # too large to be copied at once
    run.save("big.pt", policy=sys.argv[1])
say(id=run.id, left=sorted(os.listdir(run._place.folder / "blobs")) if run.offline else [])
"""


def versions(server, run_id, name):
    path = RunPath(server.entity, "p", run_id)
    run = server.api.run(str(path))
    found = list(server.api._server.file_versions(path, name))
    return [(one.step, run.content(one.sha256)) for one in reversed(found)]


@pytest.mark.parametrize("policy", ["now", "live"])
def test_each_version(online, server, policy):
    said = online.ask(WRITES, policy)
    assert versions(server, said["id"], "model.pt") == [(i, f"{said['id']} at {i}".encode()) for i in range(20)]
    assert [(step, data[0], set(data[:3_000_000])) for step, data in versions(server, said["id"], "big.pt")] == [
        (19, i, {i}) for i in range(3)
    ]
    [folder] = online.runs
    assert list((folder / "blobs").iterdir()) == []


def test_offline(place, server):
    said = place.ask(WRITES, "now")
    [folder] = place.runs
    assert len(list((folder / "blobs").iterdir())) == 23
    place.env |= {"PLAYHEAD_BASE_URL": server.url, "PLAYHEAD_API_KEY": server.key}
    out = place.train_well("from playhead.cli import main\nmain(['sync', '--all'])")
    assert "23 files of " in out
    assert versions(server, said["id"], "model.pt") == [(i, f"{said['id']} at {i}".encode()) for i in range(20)]
    assert len(versions(server, said["id"], "big.pt")) == 3
    assert list((folder / "blobs").iterdir()) == []


KILLED = """
import pathlib, psutil
run = playhead.init(project="p")
run.log({"a": 0})
for child in psutil.Process().children():
    child.suspend()
for step in range(3):
    pathlib.Path("model.pt").write_text(f"model {step}")
    run.save("model.pt", policy="now")
say(id=run.id)
for child in psutil.Process().children():
    child.kill()
os.kill(os.getpid(), 9)
"""


def test_a_power_cut(online, server):
    said = online.ask(KILLED, status=-9)
    (online.folder / "model.pt").write_text("written by somebody else")
    online.train_well("from playhead.cli import main\nmain(['sync', '--all'])")
    assert [data for _, data in versions(server, said["id"], "model.pt")] == [b"model 0", b"model 1", b"model 2"]


IN_PLACE = """
import pathlib
run = playhead.init(project="p")
big = pathlib.Path("big.pt")
for byte in b"ab":
    with open(big, "r+b" if big.exists() else "wb") as out:
        out.write(bytes([byte]) * 3_000_000)
    run.save("big.pt", policy="now")
say(id=run.id)
"""


def test_a_large_file_that_is_written_in_place_is_whole_at_least(online, server):
    said = online.ask(IN_PLACE)
    found = [set(data) for _, data in versions(server, said["id"], "big.pt")]
    assert found[-1] == {ord("b")}
    assert all(len(one) == 1 for one in found)
