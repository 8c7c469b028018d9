"""`playhead sync` of runs with files: what is told, what is refused, what stays on the disk."""

import os
import pty
import subprocess
import sys

from waiting import until

SAVES = """
import pathlib
run = playhead.init(project="p", id=sys.argv[1])
run.log({"a": 1})
for number in range(3):
    pathlib.Path("model.pt").write_text(f"{run.id} {number}")
    run.save("model.pt", policy="now")
say(id=run.id)
"""


def content(server, run_id, **place):
    run = server.api.run(f"{server.entity}/p/{run_id}")
    return run.content(run.file("model.pt", **place).sha256)


def test_only_what_is_missing_travels_and_it_is_told(place, sync, playhead):
    place.ask(SAVES, "told")
    [folder] = place.runs
    [outcome] = sync(folder)
    assert (outcome["sent_files"], outcome["sent_file_bytes"]) == (3, 18)
    assert list((folder / "blobs").iterdir()) == []
    out = playhead("sync", folder)
    assert "already there, nothing was sent" in out
    (folder / "sync.json").unlink()
    assert "already there, nothing was sent" in playhead("sync", folder)
    assert "all runs here are on a server" in playhead("sync", "--all")


def test_what_is_refused(place, server, sync):
    place.ask(SAVES, "refused")
    [folder] = place.runs
    whole = {path: path.read_bytes() for path in (folder / "blobs").iterdir()}
    broken = next(path for path, data in whole.items() if data == b"refused 1")
    broken.write_bytes(b"torn")
    for _ in range(2):  # as often as it is tried
        [outcome] = sync(folder, code=1)
        assert "was changed before it was sent" in outcome["notes"][0]
        assert outcome["error"] is None
    assert content(server, "refused") == b"refused 2"
    assert list((folder / "blobs").iterdir()) == [broken]
    broken.write_bytes(b"refused 1")
    [outcome] = sync(folder)
    assert (outcome["sent_files"], outcome["notes"]) == (1, [])
    assert content(server, "refused", version=1) == b"refused 1"


def test_progress_has_files_and_fitting_units(place, server):
    for run_id in ("first", "second"):
        place.ask(SAVES.replace("{number}", "{number}" + "x" * 1_000_000), run_id)
    terminal, shown = pty.openpty()
    command = [sys.executable, "-m", "playhead.cli", "sync", "--all", "--jobs", "1"]
    env = {**place.env, "PLAYHEAD_DATA_DIR": str(server.data)}
    out = subprocess.run(
        command, cwd=place.folder, env=env, text=True, check=True, stdout=subprocess.PIPE, stderr=shown
    ).stdout
    os.close(shown)
    text = os.read(terminal, 1 << 16).decode()
    os.close(terminal)
    assert " MB, 0 of 3 files" in text
    assert "and 6 files of 6.0 MB sent" in out.splitlines()[-1]
    assert [line.split(":")[0] for line in out.splitlines()] == [
        f"{server.entity}/p/first",
        f"{server.entity}/p/second",
        "2 runs",
    ]


WAITS = """
run = playhead.init(project="p", id="goes-on")
for number in range(3):
    pathlib.Path("model.pt").write_text(f"goes on {number}")
    run.save("model.pt", policy="now")
print("SAVED", flush=True)
input()
"""


def test_the_disk_is_freed_while_it_is_recorded(place, server, sync):
    training = place.start("import pathlib, playhead\n" + WAITS, stdin=subprocess.PIPE)
    assert training.stdout.readline() == "SAVED\n"
    [folder] = place.runs
    until(
        lambda: (
            b"goes on" in b"".join(p.read_bytes() for p in folder.glob("blobs/*")) and not list(folder.glob("blobs/.*"))
        )
    )
    until(lambda: sync(folder) and not list(folder.glob("blobs/*")))
    assert content(server, "goes-on") == b"goes on 2"
    training.communicate("\n", timeout=60)
    assert sync(folder)[0]["state"] == "complete"
    assert len(server.api.run(f"{server.entity}/p/goes-on").file("model.pt").versions()) == 3
