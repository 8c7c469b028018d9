"""`playhead clean` and `sync --clean`: what a server has leaves this disk, and nothing else does."""

import json
import os
import subprocess

import pytest

from playhead.client.ingest import Ingest
from playhead.journal import format as f
from playhead.journal import reader
from playhead.sidecar import clean as cleaning
from playhead.sidecar import held, own_journal
from playhead.sidecar.own_journal import MAIN

TRAINS = """
import pathlib
run = playhead.init(project="p", id=sys.argv[1], **json.loads(sys.argv[2]))
for step in range(3):
    run.log({"a": step, "image": playhead.Image([[step, 1], [1, 0]])})
    pathlib.Path("model.pt").write_text(f"{run.id} {run.offline} {step}")
    run.save("model.pt", policy="now", wait=not run.offline)
(pathlib.Path(run.dir) / "notes.txt").write_text(f"notes of {run.id}")
print("a line")
say(id=run.id, dir=run.dir)
"""


@pytest.fixture
def train(place, request):
    """Trains a run to its end, with an id of this test's own."""

    def begin(name, code=TRAINS, env=None, **arguments):
        before = set(place.runs)
        run_id = f"{request.node.name[-30:].strip('[]')}-{name}"
        place.ask(code, run_id, json.dumps(arguments), env=env)
        [folder] = set(place.runs) - before
        return folder

    return begin


def clean(playhead, *arguments, **more):
    return playhead("clean", "--min-age", "0", *arguments, **more)


def test_what_the_server_has_goes(online, server, train, playhead):
    folders = [train("a"), train("b")]
    for name in ("blobs/.pin-0123456789abcdef", "blobs/.1-2", "code.part"):  # of a process that was killed
        (folders[0] / name).parent.mkdir(exist_ok=True)
        (folders[0] / name).write_text("never became whole")
    told = clean(playhead, "--dry-run")
    assert all(f"{folder.name}" in told for folder in folders)
    assert f"all of it is on {server.url}" in told
    assert "Aborted" in clean(playhead, code=1)
    assert online.runs == folders
    assert "Remove 2 runs" in clean(playhead, typed="n\n")
    assert online.runs == folders
    told = clean(playhead, typed="y\n")
    assert "2 runs removed" in told
    assert online.runs == []
    assert not (online.folder / "playhead/latest-run").is_symlink()
    run = server.api.run(f"p/{folders[0].name[20:]}")
    assert [file.name for file in run.files()] == ["model.pt", "notes.txt"]


def test_young_runs_stay(online, train, playhead):
    folder = train("a")
    assert "not long ago" in playhead("clean", "--yes")
    old = folder.stat().st_mtime - 25 * 3600
    for path in own_journal.journals(folder):
        os.utime(path, (old, old))
    assert "1 run removed" in playhead("clean", "--yes")
    assert "is no age" in playhead("clean", "--min-age", "soon", code=2)


def test_offline_then_sync(place, train, playhead):
    folder = train("a")
    assert list((folder / "blobs").iterdir())
    told = clean(playhead, "--yes")
    assert "never sent to its end" in told
    assert "3 rows" in told
    assert "'model.pt'" in told
    assert place.runs == [folder]
    assert "1 run removed" in playhead("sync", folder, "--clean", typed="y\n")
    assert place.runs == []


def test_to_sync_and_to_keep(place, train, playhead):
    folder = train("a")
    assert "Remove 1 run" in playhead("sync", "--all", "--clean", typed="n\n")
    assert place.runs == [folder]
    assert "Remove 1 run" in playhead("sync", "--clean", typed="n\n")  # what was sent before
    assert "say --yes" in playhead("sync", "--all", "--clean", "--json", code=2)
    assert "--clean" in playhead("sync", folder, "--clean", "--project", "elsewhere", code=2)
    assert playhead("sync", "--all", "--clean", "--json", "--yes")["removed"] == [f"playhead/{folder.name}"]
    assert place.runs == []


@pytest.mark.parametrize("what", ["journal", "file", "ignored", "blob", "damage", "torn", "unreadable"])
def test_the_last_copy_of_anything_stays(place, train, playhead, what):
    folder = train("a", env={"PLAYHEAD_IGNORE_GLOBS": "notes.txt"} if what == "ignored" else None)
    playhead("sync", folder)
    match what:
        case "journal":
            header, _ = reader.open_header(folder / MAIN)
            (folder / "system-9.journal").write_bytes(f.header_bytes(header._replace(stream="0" * 16, role="system")))
        case "file":
            (folder / "files/later.txt").write_text("written when the run was over")
        case "blob":
            (folder / "blobs").mkdir(exist_ok=True)
            (folder / "blobs" / ("ab" * 32)).write_text("kept, but its journal is lost")
        case "damage":
            data = bytearray((folder / MAIN).read_bytes())
            data[data.index(b"a line") + 1] ^= 1
            (folder / MAIN).write_bytes(data)
        case "torn":
            with (folder / MAIN).open("ab") as file:
                file.write(b"more")
        case "unreadable":
            (folder / "system-9.journal").write_bytes(b"\0" * 5000)
    before = sorted(path for path in folder.rglob("*"))
    told = clean(playhead, "--yes")
    assert "does not have all of it" in told
    assert sorted(path for path in folder.rglob("*")) == before
    [unsynced] = clean(playhead, "--json", "--yes")["unsynced"]
    assert unsynced["lacking"]


def test_runs_that_no_server_has(place, train, playhead):
    folder, other = train("a"), train("b")
    playhead("sync", other)
    for typed in ("no\n", "\n", "y\n"):
        told = clean(playhead, "--include-unsynced", folder, typed=typed)
        assert "lost forever" in told
        assert folder.name in told
        assert place.runs == [folder, other]
    told = clean(playhead, "--include-unsynced", "--yes", typed="\n")
    assert "1 run removed" in told
    assert place.runs == [folder]
    assert clean(playhead, "--include-unsynced", "--json", "--yes")["removed"] == []
    assert "1 run removed" in clean(playhead, "--include-unsynced", folder, typed="delete\n")
    assert place.runs == []


def test_force(place, train, playhead):
    train("a")
    assert "1 run removed" in clean(playhead, "--include-unsynced", "--force")
    assert place.runs == []


@pytest.mark.parametrize("forever", [False, True])
@pytest.mark.thorough
def test_what_the_server_has_thrown_away_is_not_held(online, server, train, playhead, forever):
    folder = train("a")
    run = f"{server.entity}/p/{folder.name[20:]}"
    fork = train("fork", fork_from=f"{run.rpartition('/')[2]}?_step=1")
    playhead("runs", "delete", run, *(["--forever"] if forever else []), typed="y\n")
    assert "stays, for" in clean(playhead, "--yes")
    assert folder in online.runs
    assert fork not in online.runs


def test_a_marker_is_no_proof(online, server_in, train, playhead):
    """Another server has nothing of it, whatever this disk says."""
    other = server_in(online.folder / "other")
    folder = train("a")
    told = clean(playhead, "--yes", PLAYHEAD_BASE_URL=other.url, PLAYHEAD_API_KEY=other.key)
    assert f"{other.url} does not have all of it" in told
    assert "it was sent to" in told
    assert online.runs == [folder]


def test_a_fork_keeps_its_parent(place, train, playhead):
    parent = train("a")
    piece = train("a", resume="must")
    fork = train("fork", fork_from=f"{parent.name[28:]}?_step=1")
    playhead("sync", parent, piece)
    told = clean(playhead, "--yes")
    assert f"{fork.name} goes on from it" in told
    assert set(place.runs) >= {parent, fork}
    playhead("sync", fork)
    clean(playhead, "--yes")
    assert place.runs == []


def test_an_unsynced_parent_stays_without_its_fork(place, train, playhead):
    parent = train("a")
    fork = train("fork", fork_from=f"{parent.name[28:]}?_step=1")
    assert "goes on from it" in clean(playhead, parent, "--include-unsynced", "--force")
    assert place.runs == [parent, fork]
    clean(playhead, "--include-unsynced", "--force")
    assert place.runs == []


WAITS = """
run = playhead.init(project="p", id=sys.argv[1])
run.log({"a": 1})
say(id=run.id)
input()
"""


def test_a_run_that_is_recorded_stays(online, playhead):
    training = online.start(
        "import json, os, sys, playhead\ndef say(**what): print('SAID', flush=True)\n" + WAITS,
        "live-one",
        stdin=subprocess.PIPE,
    )
    training.stdout.readline()
    assert "it is being recorded" in clean(playhead, "--yes", "--include-unsynced", "--force")
    [folder] = online.runs
    assert (folder / MAIN).is_file()
    training.communicate("\n", timeout=60)
    assert "1 run removed" in clean(playhead, "--yes")


def test_somebody_comes_in_between(online, server, train, playhead):
    """After it was looked at: the removal finds a writer, a sync, a new run behind it, or another content."""
    ingest = Ingest.at(server.url, server.key)
    folder = train("a")
    looked = held.take(folder, ingest)
    assert looked.held
    kin = cleaning.Kin(folder.parent)
    with own_journal.being_read(folder):
        assert cleaning.remove(looked, kin) == cleaning.BUSY
    own = own_journal.OwnJournal(folder, reader.open_header(folder / MAIN)[0])
    assert cleaning.remove(looked, kin) == cleaning.LIVE
    own.close()
    own.release()
    assert "changed meanwhile" in cleaning.remove(looked, kin)
    own.path.unlink()
    fork = train("fork", env={"PLAYHEAD_MODE": "offline"}, fork_from=f"{folder.name[20:]}?_step=1")
    assert "goes on from it" in cleaning.remove(looked, kin)
    assert held.take(folder, ingest).held
    assert cleaning.remove(looked, cleaning.Kin(fork.parent)) is None
    assert online.runs == [fork]


def test_an_interrupted_removal(online, train, playhead):
    folder = train("a")
    for path in (folder / "files").rglob("*.*"):
        path.unlink()
    folder.rename(folder.with_name(f".cleaning-{folder.name}"))
    (folder.parent / ".cleaning-run-20261121_093000-gone").mkdir()
    (folder.parent / ".cleaning-run-20261121_093000-used").mkdir()
    (folder.parent / ".cleaning-run-20261121_093000-used/notes.txt").write_text("written meanwhile")
    assert "1 run removed" in clean(playhead, "--yes")
    assert [path.name for path in folder.parent.iterdir()] == [".cleaning-run-20261121_093000-used"]


def test_status_tells_what_is_where(place, train, playhead):
    folder, other = train("a"), train("b")
    playhead("sync", other)
    told = playhead("status", "--json")
    [unsynced] = told["unsynced"]
    assert unsynced["path"].endswith(folder.name)
    assert (unsynced["rows"], unsynced["files"] >= 5) == (3, True)
    assert unsynced["bytes"] > unsynced["file_bytes"] > 0
    assert told["removable"]["runs"] == 1
    assert told["removable"]["bytes"] > 1000
    text = playhead("status")
    assert "(3 rows, " in text
    assert " files of " in text
    assert "that a server has: playhead clean" in text


GOES_ON = """
import pathlib
run = playhead.init(project="p", id="taken")
run.log({"a": 0})
print("BEGUN", flush=True)
input()
for step in range(5):
    run.log({"a": step})
    time.sleep(0.3)
pathlib.Path("late.txt").write_text("late")
run.save("late.txt", wait=True)
"""


def test_a_writer_that_has_lost_its_run(online, server, train, playhead):
    """What it wrote afterwards is kept beside the run's history: that is held too."""
    training = online.start("import sys, time, playhead\n" + GOES_ON, stdin=subprocess.PIPE)
    assert training.stdout.readline() == "BEGUN\n"
    server.run("taken", "running")
    [first] = online.runs
    online.ask("playhead.init(project='p', id='taken').log({'a': 1})", env={"PLAYHEAD_MODE": "offline"})
    [second] = set(online.runs) - {first}
    playhead("sync", second)
    _, err = training.communicate("\n", timeout=60)
    assert "has taken the run taken over" in err
    assert [one.fenced for segment in server.api.run("p/taken").segments for one in segment.sessions] == [True, False]
    assert "2 runs removed" in clean(playhead, "--yes")
    assert online.runs == []
