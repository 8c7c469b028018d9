"""Files of a training on their way to the server: what is saved when, under which name, and what is not."""

import json
import subprocess
from pathlib import Path

from playhead.domain.ids import RunPath
from waiting import until

BEGIN = "import os, pathlib, time\nrun = playhead.init(project='p')\nhere = pathlib.Path()\n"


def files(server, run_id, **place):
    """Name -> SHA-256 of the run's files, as of a step."""
    return {one.path: one for one in server.api._server.files(RunPath(server.entity, "p", run_id), **place)}


def content(server, run_id, name, **place):
    one = files(server, run_id, **place)[name]
    return server.api.run(f"{server.entity}/p/{run_id}").content(one.sha256)


SAVES = (
    BEGIN
    + """
for name in ("model.h5", "logs/a.ckpt", "logs/b.txt", "work/results/eval/x.json", "work/results/y.json"):
    pathlib.Path(name).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(name).write_text(name)
os.chdir("work")
def names(saved):
    return [os.path.relpath(path, run.dir) for path in saved]
got = [
    names(run.save("../logs/*ckpt*")), names(playhead.save(path="./results/eval/*", base_path="./results", policy="now")),
    names(run.save(b"results/y.json")), names(run.save(here / "results" / "**" / "*.json", policy="end")),
    names(run.save(str(pathlib.Path("../model.h5").resolve()))), run.save(), run.save("s3://bucket/data"), run.save("none*.bin"),
]
say(id=run.id, got=got)
"""
)


def test_names(online, server):
    said = online.ask(SAVES)
    folder = online.folder.name
    assert said["got"] == [
        ["logs/a.ckpt"], ["eval/x.json"], ["results/y.json"], ["results/eval/x.json", "results/y.json"],
        [f"{folder}/model.h5"], True, [], [],
    ]  # fmt: skip
    found = files(server, said["id"])
    assert {name: one.size for name, one in found.items()} == {
        "logs/a.ckpt": 11, "eval/x.json": 24, "results/y.json": 19, "results/eval/x.json": 24, f"{folder}/model.h5": 8,
    }  # fmt: skip
    assert content(server, said["id"], "logs/a.ckpt") == b"logs/a.ckpt"
    assert "s3://bucket/data is a cloud storage url, can't save file" in said["err"]
    assert f"save('none*.bin') has found no file in {online.folder / 'work'}" in said["err"]


POLICIES = (
    BEGIN
    + """
model = here / "model.pt"
for name in ("live", "now", "end"):
    (here / name).write_text("0")
    run.save(name, policy=name)
time.sleep(0.5)
for step in range(3):
    run.log({"a": step})
    model.write_text(f"step {step}")
    run.save("model.pt", policy="now", wait=True)
    time.sleep(0.2)
(here / "now").write_text("1")
(here / "live").write_text("1")
(here / "end").write_text("1")
say(id=run.id)
"""
)


def test_policies_and_steps(online, server):
    said = online.ask(POLICIES)
    found = {name: content(server, said["id"], name) for name in files(server, said["id"])}
    assert found == {"live": b"1", "now": b"0", "end": b"1", "model.pt": b"step 2"}
    assert [content(server, said["id"], "model.pt", step=step) for step in range(3)] == [
        b"step 0", b"step 1", b"step 2",
    ]  # fmt: skip


LIVE = (
    BEGIN
    + """
model = here / "latest.pt"
run.save("*.pt")
def write(text):
    fresh = here / "fresh"
    fresh.write_text(text)
    fresh.replace(model)
write("one")
run.save("latest.pt", wait=True)
(pathlib.Path(run.dir) / "later.pt").write_text("written into run.dir")
run.log({"a": 1})
write("two")
say(id=run.id)
input()
"""
)


def test_changes_are_sent_while_the_training_goes_on(online, server):
    training = online.start(
        "import json, os\nimport playhead\ndef say(**what):\n    print(json.dumps(what), flush=True)\n" + LIVE,
        stdin=subprocess.PIPE,
    )
    run_id = json.loads(training.stdout.readline())["id"]
    until(lambda: "latest.pt" in files(server, run_id) and content(server, run_id, "latest.pt") == b"two", timeout=60)
    until(lambda: "later.pt" in files(server, run_id), timeout=60)
    assert training.poll() is None
    training.communicate("\n", timeout=60)
    assert files(server, run_id)["latest.pt"].versions == 2
    assert set(files(server, run_id)) == {"latest.pt", "later.pt"}


DIR = (
    BEGIN
    + """
import socket
place = pathlib.Path(run.dir)
(place / "sub").mkdir()
(place / "sub" / "model.h5").write_text("model")
(here / "elsewhere").write_text("by its content")
(place / "link").symlink_to((here / "elsewhere").resolve())
(place / "dangling").symlink_to("nowhere")
(place / "x.patch").write_text("ignored")
(place / "new\\nline").write_text("x")
os.mkfifo(place / "pipe")
socket.socket(socket.AF_UNIX).bind(str(os.path.relpath(place / "socket")))
run.log({"image": playhead.Image([[0, 1], [1, 0]])})
say(id=run.id, dir=run.dir)
"""
)


def test_what_lies_in_the_folder_at_the_end(online, server):
    said = online.ask(DIR, env={"WANDB_IGNORE_GLOBS": "*.patch,*.tmp"})
    assert {name: one.size for name, one in files(server, said["id"]).items()} == {"sub/model.h5": 5, "link": 14}
    log = (Path(said["dir"]).parent / "logs/sidecar.log").read_text()
    for name in ("dangling", "pipe", "socket", "new\\nline"):
        assert f"{name}' is not saved" in log


BAD = (
    BEGIN
    + """
UsageError = playhead.errors.UsageError
(here / "base").mkdir()
(here / "secret").write_text("x")
(here / "new\\nline.txt").write_text("x")
(here / "gone.txt").symlink_to("nowhere")
wrong = []
for arguments in [("../x", "base"), ("secret", "base"), ("", None), ("secret", None, "often"), (5,), ("base", "base")]:
    try:
        run.save(*arguments)
    except UsageError as error:
        wrong.append(error.message)
say(id=run.id, wrong=wrong, saved=[run.save("*.txt"), run.save("base")])
"""
)


def test_bad_input(online, server):
    said = online.ask(BAD)
    assert len(said["wrong"]) == 6
    assert said["saved"] == [[], []]
    assert "'new\\nline.txt' (it has characters that are no text)" in said["err"]
    assert "'gone.txt' (it is a link that leads nowhere)" in said["err"]
    assert "it is a folder" in said["err"]
    assert "has found no file" not in said["err"]
    assert files(server, said["id"]) == {}


GROWS = (
    BEGIN
    + """
import threading
log, big = here / "grows.log", here / "torn.bin"
stop = threading.Event()
def grow():
    with log.open("ab", buffering=0) as out:
        while not stop.is_set():
            out.write(b"line\\n")
def tear():
    while not stop.is_set():
        for byte in (b"a", b"b"):
            with open(big, "r+b", buffering=0) as out:
                for _ in range(40):
                    out.write(byte * 50_000)
            time.sleep(0.3)
log.write_bytes(b"")
big.write_bytes(b"a" * 2_000_000)
threads = [threading.Thread(target=work) for work in (grow, tear)]
for thread in threads:
    thread.start()
for _ in range(5):
    run.save("*.*[gn]", wait=True)
stop.set()
say(id=run.id)
"""
)


def test_a_file_that_changes_is_not_torn(online, server):
    said = online.ask(GROWS)
    run = server.api.run(f"{server.entity}/p/{said['id']}")
    versions = list(server.api._server.file_versions(RunPath(server.entity, "p", said["id"]), "torn.bin"))
    assert len(versions) >= 5
    for one in versions:
        assert set(run.content(one.sha256)) in ({ord("a")}, {ord("b")})
        assert one.size == 2_000_000
    assert set(content(server, said["id"], "grows.log")[-5:]) <= set(b"line\n")


def test_offline_then_sync(place, server):
    code = POLICIES.replace(", wait=True", "")
    said = place.ask(
        code + "run.finish()\n" + "import shutil\nfor name in ('model.pt', 'live', 'now', 'end'): os.unlink(name)\n"
    )
    place.env |= {"PLAYHEAD_BASE_URL": server.url, "PLAYHEAD_API_KEY": server.key}
    out = place.train_well("from playhead.cli import main\nmain(['sync', '--all'])")
    assert "sent" in out
    found = {name: content(server, said["id"], name) for name in files(server, said["id"])}
    assert found == {"live": b"1", "now": b"0", "end": b"1", "model.pt": b"step 2"}
    out = place.train_well(f"from playhead.cli import main\nmain(['sync', {str(place.runs[0])!r}])")
    assert "already there" in out


def test_a_killed_training(online, server):
    said = online.ask(
        BEGIN
        + """
(here / "model.pt").write_bytes(os.urandom(3_000_000))
run.save("model.pt", policy="end")
say(id=run.id)
os.kill(os.getpid(), 9)
""",
        status=-9,
    )
    server.run(said["id"], "crashed")
    assert server.wait(lambda: files(server, said["id"]))["model.pt"].size == 3_000_000


def test_the_server_is_away_for_a_while(place, server_in):
    place.env |= {"PLAYHEAD_MODE": "online"}
    server = server_in(place.folder / "data")
    said = place.ask(
        BEGIN
        + """
run.log({"a": 1})
(here / "one.pt").write_bytes(os.urandom(3_000_000))
run.save("one.pt", wait=True)
from playhead.client import local
import signal
os.kill(local.running(playhead.client.settings.data_dir()).pid, signal.SIGKILL)
(here / "two.pt").write_bytes(os.urandom(3_000_000))
run.save("two.pt", policy="now")
say(id=run.id, waited=True)
"""
    )
    server.begin()
    assert server.wait(lambda: set(files(server, said["id"])) == {"one.pt", "two.pt"})


def test_sync_after_a_power_cut(online, server):
    """Neither the training nor its sidecar could say a word."""
    said = online.ask(
        BEGIN
        + """
import psutil
for child in psutil.Process().children():
    child.suspend()
(here / "model.pt").write_text("model")
run.save("model.pt")
(pathlib.Path(run.dir) / "other.txt").write_text("other")
say(id=run.id, dir=run.dir)
for child in psutil.Process().children():
    child.kill()
os.kill(os.getpid(), 9)
""",
        status=-9,
    )
    folder = str(Path(said["dir"]).parent)
    online.train_well(f"from playhead.cli import main\nmain(['sync', {folder!r}])")
    assert {name: one.size for name, one in files(server, said["id"]).items()} == {"model.pt": 5, "other.txt": 5}


TRAINS = (
    BEGIN
    + """
for step in range(4):
    run.log({"a": step})
    (here / "model.pt").write_text(f"step {step}")
    run.save("model.pt", policy="now", wait=True)
say(id=run.id)
"""
)

RESTORES = """
run = playhead.init(project="p", resume_from=f"{sys.argv[1]}?_step=2")
found = run.restore("model.pt")
before = [found.read(), os.path.relpath(found.name, run.dir)]
open(found.name, "w").write("stale")
wrong = []
for call in (lambda: run.restore("modle.pt"), lambda: playhead.restore("model.pt", step=1, version=1)):
    try:
        call()
    except playhead.errors.PlayheadError as error:
        wrong.append([type(error).__name__, error.message])
again = [
    run.restore("model.pt").read(), playhead.restore("model.pt", step=1, root="elsewhere").read(),
    run.restore("model.pt", version=3, root="elsewhere").read(),
]
run.finish()
fresh = playhead.init(project="p")
try:
    fresh.restore("model.pt")
except playhead.errors.UsageError as error:
    wrong.append(["UsageError", error.message])
other = fresh.restore("model.pt", run_path=f"p/{sys.argv[1]}").read()
say(before=before, wrong=wrong, again=again, other=other)
"""


def test_restore(online, server):
    run_id = online.ask(TRAINS)["id"]
    said = online.ask(RESTORES, run_id)
    assert said["before"] == ["step 2", "model.pt"]
    assert said["again"] == ["step 2", "step 1", "step 3"]
    assert said["other"] == "step 2"
    (missing, near), (both, _), (_, anew) = said["wrong"]
    assert (missing, both) == ("NotFoundError", "UsageError")
    assert "Near: model.pt" in near
    assert "resume_from" in anew


def test_the_read_api_and_pull(online, server):
    run_id = online.ask(TRAINS)["id"]
    run = server.api.run(f"{server.entity}/p/{run_id}")
    assert [file.step for file in run.file("model.pt").versions()] == [3, 2, 1, 0]
    assert [file.version for file in run.at(1).files()] == [1]
    with run.file("model.pt", version=0).download(online.folder / "down") as found:
        assert found.read() == "step 0"
    assert found.name == str(online.folder / "down/model.pt")
    out = online.train_well(
        f"from playhead.cli import main\nmain(['pull', 'p/{run_id}', '--step', '2', '--root', 'pulled'])"
    )
    assert out == "model.pt\n"
    assert (online.folder / "pulled/model.pt").read_text() == "step 2"


def test_the_state_of_the_code(online, server):
    def git(*arguments):
        done = subprocess.run(
            ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", *arguments], cwd=online.folder, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    def code(run_id):
        return {name for name in files(server, run_id) if name.endswith(".patch") or name.startswith("code/")}

    training = BEGIN + "say(id=run.id)"
    (online.folder / ".gitignore").write_text("playhead/\ntrain*.py\n")
    assert code(online.ask(training)["id"]) == set()
    git("init", "-b", "main")
    (online.folder / "a.py").write_text("one\n")
    git("add", ".")
    git("commit", "-m", "one")
    first = git("rev-parse", "HEAD")
    git("update-ref", "refs/remotes/origin/main", first)
    git("config", "remote.origin.url", str(online.folder))
    git("config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
    git("branch", "--set-upstream-to=origin/main")
    (online.folder / "a.py").write_text("two\n")
    git("commit", "-am", "two")
    (online.folder / "a.py").write_text("three\n")
    (online.folder / "b.py").write_text("untracked")
    patches, kept = {"diff.patch", f"diff_{first}.patch"}, {"state.json", "untracked.tar", "commits.bundle"}
    run_id = online.ask(training)["id"]
    assert code(run_id) == patches | {f"code/git/{name}" for name in kept}
    assert b"-two\n+three\n" in content(server, run_id, "diff.patch")
    assert b"-one\n+three\n" in content(server, run_id, f"diff_{first}.patch")
    assert b"untracked" in content(server, run_id, "code/git/untracked.tar")
    run_id = online.ask(training, env={"PLAYHEAD_IGNORE_GLOBS": "*.patch"})["id"]
    assert code(run_id) == {f"code/git/{name}" for name in kept}
    for name in ("PLAYHEAD_DISABLE_CODE", "PLAYHEAD_DISABLE_GIT"):
        assert code(online.ask(training, env={name: "true"})["id"]) == set()
