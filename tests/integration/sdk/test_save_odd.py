"""Saving when things are not as usual: files that come later, that cannot be read, that vanish; several writers; a full disk; odd names."""

import ctypes
import json
import subprocess

import pytest

from playhead.domain.ids import RunPath

BEGIN = "import os, pathlib, time\nrun = playhead.init(project='p')\nhere = pathlib.Path()\n"


def files(server, run_id):
    """Name -> content of the run's files."""
    run = server.api.run(f"{server.entity}/p/{run_id}")
    found = server.api._server.files(RunPath(server.entity, "p", run_id))
    return {one.path: run.content(one.sha256) for one in found}


LATER = (
    BEGIN
    + """
(here / "out" / "deep").mkdir(parents=True)
first = run.save("out/**/*.txt", watch=True)
once = run.save(str(here.absolute() / "out" / "*.bin"), base_path=str(here.absolute()), policy="now", watch=True)
(here / "out" / "deep" / "later.txt").write_text("later")
(here / "out" / "later.bin").write_text("first")
say(id=run.id, saved=[first, once])
input()
(here / "out" / "deep" / "later.txt").write_text("changed")
(here / "out" / "later.bin").write_text("changed")
(here / "out" / "last.txt").write_text("at the end")
"""
)


def test_a_watched_glob_takes_what_comes_later(online, server):
    training = online.start(
        "import json, os\nimport playhead\ndef say(**what):\n    print(json.dumps(what), flush=True)\n" + LATER,
        stdin=subprocess.PIPE,
    )
    said = json.loads(training.stdout.readline())
    assert said["saved"] == [[], []]
    server.wait(lambda: set(files(server, said["id"])) == {"out/deep/later.txt", "out/later.bin"})
    training.communicate("\n", timeout=60)
    assert files(server, said["id"]) == {
        "out/deep/later.txt": b"changed", "out/later.bin": b"first", "out/last.txt": b"at the end",
    }  # fmt: skip


WAITS = (
    BEGIN
    + """
def at_the_server(name):
    from playhead.client.settings import data_dir
    found = playhead.Api().run(run.path)
    return [file.name for file in found.files()]
(here / "a.pt").write_bytes(os.urandom(3_000_000))
(here / "b.pt").write_bytes(os.urandom(300))
run.save("a.pt", wait=True)
names = [at_the_server("a.pt")]
handle = run.save("b.pt")
waited = [handle.wait(), handle.wait(timeout=0), run.save("none.*", wait=True).wait()]
names.append(at_the_server("b.pt"))
say(id=run.id, names=names, waited=waited, kept=os.listdir(run._place.folder / "blobs"))
"""
)


@pytest.mark.parametrize("start_method", ["process", "thread"])
def test_who_waits_finds_it_on_the_server(online, server, start_method):
    said = online.ask(WAITS, env={"PLAYHEAD_START_METHOD": start_method})
    assert said["names"] == [["a.pt"], ["a.pt", "b.pt"]]
    assert said["waited"] == [True, True, True]
    assert said["kept"] == []
    assert len(files(server, said["id"])["a.pt"]) == 3_000_000


def test_nobody_waits_for_what_cannot_be(place):
    said = place.ask(
        BEGIN + "(here / 'a').write_text('a')\nsay(waited=[run.save('a').wait(), run.save('a', wait=True).wait(5)])"
    )
    assert said["waited"] == [False, False]


THREAD = (
    BEGIN
    + """
for step in range(3):
    run.log({"a": step})
    (here / "model.pt").write_text(f"step {step}")
    run.save("model.pt")
(pathlib.Path(run.dir) / "notes.txt").write_text("notes")
(here / "end.txt").write_text("?")
run.save("end.txt", policy="end")
(here / "end.txt").write_text("end")
say(id=run.id)
"""
)


def test_a_sidecar_that_is_a_thread(online, server):
    said = online.ask(THREAD, env={"PLAYHEAD_START_METHOD": "thread"})
    assert files(server, said["id"]) == {"model.pt": b"step 2", "notes.txt": b"notes", "end.txt": b"end"}
    versions = server.api.run(f"{server.entity}/p/{said['id']}").file("model.pt").versions()
    assert [one.step for one in versions] == [2, 1, 0]


WRITER = """
import pathlib, sys
rank = sys.argv[1]
run = playhead.init(project="p", id=sys.argv[2], mode="shared", settings={"label": rank})
folder = pathlib.Path(rank)
folder.mkdir()
(folder / "own.txt").write_text(f"of {rank}")
(folder / "common.txt").write_text("the same")
run.log({"a": int(rank)})
run.save(f"{rank}/*.txt")
run.save(f"{rank}/common.txt", base_path=rank, wait=True)
say(id=run.id)
"""


def test_files_of_two_writers(online, server):
    for rank in ("0", "1"):
        run_id = online.ask(WRITER, rank, "two-writers")["id"]
    assert files(server, run_id) == {
        "0/own.txt": b"of 0", "1/own.txt": b"of 1", "0/common.txt": b"the same", "1/common.txt": b"the same",
        "common.txt": b"the same",
    }  # fmt: skip
    assert len(server.api.run(f"{server.entity}/p/{run_id}").file("common.txt").versions()) == 2


def weak():
    """Let a process that root starts be refused what anybody else would be."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


SECRET = (
    BEGIN
    + """
for name in ("secret.txt", "later.txt", "two.txt", "good.txt"):
    (here / name).write_text(name)
(here / "secret.txt").chmod(0)
saved = run.save("*.txt", policy="end")
for name in ("later.txt", "two.txt"):
    (here / name).chmod(0)
say(id=run.id, saved=[os.path.basename(path) for path in saved])
"""
)


def test_files_that_may_not_be_read(online, server):
    said = online.ask(SECRET, preexec_fn=weak)
    assert said["saved"] == ["good.txt", "later.txt", "two.txt"]
    assert "'secret.txt' (it may not be read)" in said["err"]
    assert said["err"].count("is not saved: Permission denied") == 1
    assert "2 files were not saved. Why: " in said["err"]
    assert files(server, said["id"]) == {"good.txt": b"good.txt"}


VANISHES = (
    BEGIN
    + """
for name in ("now", "live", "end", "large"):
    (here / name).write_bytes(b"x" * (3_000_000 if name == "large" else 9))
    run.save(name, policy="now" if name == "large" else name)
    (here / name).unlink()
say(id=run.id)
"""
)


def test_files_that_vanish(online, server):
    said = online.ask(VANISHES)
    assert {name: len(data) for name, data in files(server, said["id"]).items()} == {
        "now": 9, "live": 9, "large": 3_000_000,
    }  # fmt: skip
    assert "'end' is not saved: it is not there" in said["err"]


ODD = (
    BEGIN
    + """
import socket
deep = here / ("d" * 200) / ("e" * 200) / ("f" * 200) / ("g" * 200) / ("h" * 200)
deep.mkdir(parents=True)
for path in (deep / ("i" * 200), here / ("n" * 255), here / os.fsdecode(b"\\xff\\xfe.odd"), here / "new\\nline", here / "ok ä☃.odd", here / "[a].odd"):
    path.write_text("x")
os.mkfifo("pipe.odd")
(here / "folder.odd").mkdir()
(here / "null.odd").symlink_to("/dev/null")
(here / "gone.odd").symlink_to("nowhere")
(here / "loop.odd").symlink_to("loop.odd")
socket.socket(socket.AF_UNIX).bind("socket.odd")
saved = [os.path.relpath(path, run.dir) for name in ("*.odd", "n*", "d*/**", "[a].odd", b"\\xff\\xfe.odd", "/dev/zero") for path in run.save(name)]
say(id=run.id, saved=saved)
"""
)


def test_odd_names_and_what_is_no_file(online, server):
    said = online.ask(ODD)
    names = {"ok ä☃.odd", "[a].odd", "n" * 255}
    assert set(said["saved"]) == names
    assert set(files(server, said["id"])) == names
    for told in (
        "'pipe.odd' (it is no file)",
        "'null.odd' (it is no file)",
        "'gone.odd' (it is a link that leads nowhere)",
        "MAX_FILE_NAME is",
    ):
        assert told in said["err"], told
    assert "characters that are no text" in said["err"]
    assert "socket.odd" in said["err"] or " more" in said["err"]


FULL = """
import json, os, pathlib, sys, playhead
run = playhead.init(project="p", id="full", settings={"console": "off", "stats_interval": 3600})
for number in range(20):
    pathlib.Path(f"f{number}.bin").write_bytes(bytes([number]) * 20_000)
with open("ballast", "wb", buffering=0) as out:
    try:
        while True:
            out.write(b"x" * 4096)
    except OSError:
        pass
os.truncate("ballast", os.path.getsize("ballast") - 200_000)
for number in range(20):
    run.save(f"f{number}.bin")
run.log({"a": 1})
run.finish()
print(json.dumps({"done": True}))
"""


def test_no_space_on_the_disk(place, on_a_disk):
    """Offline a copy of each is needed: what there is no space for is told of once, and counted. The training goes on."""
    out, err = on_a_disk(FULL, "4m")
    assert json.loads(out.splitlines()[-1])["done"]
    assert err.count("No space left on device") <= 2
    [folder] = place.runs
    kept = [path for path in (folder / "blobs").iterdir() if not path.name.startswith(".")]
    assert 0 < len(kept) < 20
    assert "were not saved" in err
    assert place.journal().exit_code == 0


ENDS = """
import pathlib, playhead, psutil, time
run = playhead.init(project="p", id="ends")
run.log({"a": 1})
pathlib.Path("one.pt").write_text("one")
run.save("one.pt", wait=True)
print("SAVED", flush=True)
input()
pathlib.Path("two.pt").write_text("two")
run.save("two.pt", policy="now")
time.sleep(1)
[sidecar] = [child for child in psutil.Process().children() if "playhead.sidecar" in child.cmdline()]
sidecar.terminate()
sidecar.wait(60)
pathlib.Path("two.pt").unlink()
print("ENDED", flush=True)
input()
run.log({"a": 2})
"""


@pytest.mark.thorough
def test_another_sidecar_goes_on_with_what_the_first_one_kept(place, server_in):
    server = server_in(place.folder / "data")
    place.env |= {"PLAYHEAD_MODE": "online", "PLAYHEAD_BASE_URL": server.url, "PLAYHEAD_API_KEY": server.key}
    training = place.start(ENDS, stdin=subprocess.PIPE)
    assert training.stdout.readline() == "SAVED\n"
    server.kill()
    training.stdin.write("\n")
    training.stdin.flush()
    assert training.stdout.readline() == "ENDED\n"
    before = server.url
    server.begin()
    assert server.url == before
    training.communicate("\n", timeout=60)
    assert server.wait(lambda: files(server, "ends")) == {"one.pt": b"one", "two.pt": b"two"}
    [folder] = place.runs
    assert len(list(folder.glob("system*.journal"))) == 2
    assert list(folder.glob("blobs/*")) == []
    server.run("ends", "finished")
