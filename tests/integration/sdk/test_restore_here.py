"""`restore()` from this disk's runs: offline, and while the server cannot be reached; and what becomes of a file that is in the way."""

import json
import socket

import pytest

TRAINS = """
import pathlib
run = playhead.init(project="p", **json.loads(sys.argv[1]))
for _ in range(4):
    step = run.step
    run.log({"a": step})
    pathlib.Path("model.pt").write_text(f"{run.id} {step}")
    run.save("model.pt", policy="now", wait=not run.offline)
pathlib.Path("model.pt").unlink()
say(id=run.id)
"""
RESTORES = """
arguments, calls = json.loads(sys.argv[1]), json.loads(sys.argv[2])
run = playhead.init(project="p", **arguments) if arguments is not None else None
said = []
for call in calls:
    try:
        with playhead.restore(**call) as found:
            said.append([found.read(), os.path.relpath(found.name, run.dir if run else ".")])
    except playhead.errors.PlayheadError as error:
        said.append([type(error).__name__, error.message])
say(said=said)
"""


@pytest.fixture
def train(place):
    def begin(**arguments):
        return place.ask(TRAINS, json.dumps(arguments))["id"]

    return begin


@pytest.fixture
def restore(place):
    def ask(begin, *calls, **options):
        told = place.ask(RESTORES, json.dumps(begin), json.dumps(calls), **options)
        return [*told["said"], told["err"]] if "env" in options else told["said"]

    return ask


def test_as_of_where_it_goes_on(train, restore):
    train(id="r")
    assert restore(
        {"resume_from": "r?_step=2"}, {"name": "model.pt"}, {"name": "model.pt", "step": 0}, {"name": "model.pt"},
        {"name": "model.pt", "version": 3}, {"name": "model.pt", "step": 3},
    ) == [
        ["r 2", "model.pt"], ["r 0", "model.pt"], ["r 2", "model.pt"], ["r 3", "model.pt"],
        ["UsageError", "The run r ends at step 2 on this disk: it cannot be seen as of step 3."],
    ]  # fmt: skip


def test_across_resumes_rewinds_and_forks(train, restore):
    train(id="r")
    train(id="r", resume="must")
    train(id="r", resume_from="r?_step=5")
    train(id="f", fork_from="r?_step=4")
    train(id="f", resume="must")
    assert restore({"fork_from": "f?_step=6"}, {"name": "model.pt"}, {"name": "model.pt", "step": 4}) == [
        ["f 6", "model.pt"], ["r 4", "model.pt"],
    ]  # fmt: skip
    assert restore({"id": "r", "resume": "must"}, *({"name": "model.pt", "step": step} for step in (2, 5, 6, 9))) == [
        [f"r {step}", "model.pt"] for step in (2, 5, 6, 9)
    ]
    assert restore(
        None, {"name": "model.pt", "run_path": "p/f", "step": 5, "root": "a"}, {"name": "model.pt", "run_path": "p/r"}
    ) == [["f 5", "a/model.pt"], ["r 9", "model.pt"]]


def test_what_is_not_there(train, restore):
    train(id="r")
    [near], [fresh], [nobody], [outside] = (
        restore({"resume": "must", "id": "r"}, {"name": "modle.pt"}),
        restore({}, {"name": "model.pt"}),
        restore(None, {"name": "model.pt", "run_path": "p/none"}),
        restore(None, {"name": "../model.pt", "run_path": "p/r"}),
    )
    assert near[0] == "NotFoundError"
    assert "Near: model.pt" in near[1]
    assert fresh[0] == "UsageError"
    assert "resume_from" in fresh[1]
    assert nobody[0] == "NotFoundError"
    assert "'none'" in nobody[1]
    assert outside[0] == "NotFoundError"


def test_content_that_is_gone(place, train, restore):
    train(id="r")
    [folder] = place.runs
    for path in (folder / "blobs").iterdir():
        path.write_bytes(path.read_bytes()[::-1])
    [[kind, message]] = restore({"resume": "must", "id": "r"}, {"name": "model.pt"})
    assert kind == "NotFoundError"
    assert "its content is not on this disk" in message


def test_a_training_that_was_killed(place, restore):
    place.ask(
        """
import pathlib, psutil
run = playhead.init(project="p", id="r")
run.log({"a": 0})
for child in psutil.Process().children():
    child.suspend()
pathlib.Path("model.pt").write_text("killed")
run.save("model.pt")
for child in psutil.Process().children():
    child.kill()
os.kill(os.getpid(), 9)
""",
        status=-9,
    )
    (place.folder / "model.pt").unlink()
    assert restore({"resume": "must", "id": "r"}, {"name": "model.pt"}) == [["killed", "model.pt"]]


def test_while_the_server_cannot_be_reached(place, server, train, restore):
    place.env |= {"PLAYHEAD_MODE": "online", "PLAYHEAD_DATA_DIR": str(server.data)}
    train(id="away")
    (place.folder / "model.pt").write_text("away 3")  # the sidecar keeps no content that the server has
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        nowhere = {
            "PLAYHEAD_MODE": "",
            "PLAYHEAD_BASE_URL": url,
            "PLAYHEAD_API_KEY": "k",
            "PLAYHEAD_FINISH_TIMEOUT": "0.1",
        }
        here, elsewhere, err = restore(
            {"id": "away", "resume": "must"}, {"name": "model.pt"}, {"name": "model.pt", "step": 1}, env=nowhere
        )
    assert here == ["away 3", "model.pt"]
    assert "model.pt is the one that this disk has" in err
    assert elsewhere[0] == "CommError"


@pytest.mark.parametrize("online", [False, True])
def test_a_file_that_is_in_the_way(place, server, train, restore, online):
    if online:
        place.env |= {"PLAYHEAD_MODE": "online", "PLAYHEAD_DATA_DIR": str(server.data)}
    run = train(name="r")
    target, call = place.folder / "model.pt", {"name": "model.pt", "run_path": f"p/{run}", "step": 2}
    target.write_text(f"{run} 0")  # the run has that
    assert restore(None, call) == [[f"{run} 2", "model.pt"]]
    before = target.stat()
    assert restore(None, call) == [[f"{run} 2", "model.pt"]]
    assert target.stat() == before
    target.write_text("my own work")
    [[kind, message]] = restore(None, call)
    assert kind == "UsageError"
    assert "replace=True" in message
    assert target.read_text() == "my own work"
    assert restore(None, {**call, "replace": True}) == [[f"{run} 2", "model.pt"]]
    target.unlink()
    target.symlink_to("mine")
    (place.folder / "mine").write_text("mine")
    assert restore(None, call) == [[f"{run} 2", "model.pt"]]
    assert (place.folder / "mine").read_text() == "mine"


def test_images_that_were_logged_offline(place):
    """They are files of the run like others, of names that its rows tell."""
    code = """
import numpy as np
run = playhead.init(project="p")
run.log({"a": playhead.Image(np.zeros((4, 4, 3), np.uint8))})
folder = pathlib.Path(run.dir)
run.finish()
[path] = [one.relative_to(folder).as_posix() for one in folder.rglob("media/**/*.png")]
run = playhead.init(project="p", id=run.id, resume="must")
with playhead.restore(path, root="elsewhere") as found:
    say(path=path, same=pathlib.Path(found.name).read_bytes() == (folder / path).read_bytes())
"""
    said = place.ask("import pathlib\n" + code)
    assert said["same"]
    assert (place.folder / "elsewhere" / said["path"]).is_file()
