"""Artifacts from a training to a server and back: versions, aliases, content that changes, dies, waits and is sent once."""

import functools
import hashlib
import os
import signal

import pytest

from playhead.sidecar import rundirs
from playhead.sidecar.held import take
from waiting import until

MAKES = """
import os, pathlib, time
def made(name, **files):
    artifact = playhead.Artifact(name, type="model")
    for path, text in files.items():
        with artifact.new_file(path.replace("_", ".")) as file:
            file.write(text)
    return artifact
"""


def versions(server, name, type_name=None):
    return sorted(int(one.version[1:]) for one in server.api.artifacts(type_name, f"{server.entity}/p/{name}"))


def contents(artifact, root):
    artifact.download(root)
    return {str(path.relative_to(root)): path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}


def test_from_a_training_and_back(online, server, tmp_path):
    said = online.ask(
        MAKES
        + """
run = playhead.init(project="p", id="whole")
run.log({"a": 1})
run.log({"a": 2})
pathlib.Path("weights.bin").write_bytes(b"first" * 1000)
pathlib.Path("data/deep").mkdir(parents=True)
pathlib.Path("data/deep/x.txt").write_text("x")
first = playhead.Artifact("whole", type="model", description="the first", metadata={"acc": 0.5})
first.add_file("weights.bin")
first.add_dir("data", name="d")
first.add_reference(pathlib.Path("data/deep/x.txt").absolute().as_uri(), name="there.txt")
digest = first.digest
logged = run.log_artifact(first, aliases=["best"], tags=["good"])
pathlib.Path("weights.bin").write_bytes(b"later" * 1000)
logged.wait(60)
say(name=logged.name, path=logged.qualified_name, aliases=sorted(logged.aliases), tags=logged.tags, metadata=logged.metadata,
    digest=logged.digest == digest, step=logged.logged_at.step, files=sorted(logged.manifest.entries))
logged.aliases.append("prod")
logged.metadata["acc"] = 0.75
logged.description, logged.ttl = "said later", __import__("datetime").timedelta(days=3)
logged.save()
used = run.use_artifact("whole:best", type="model")
root = used.download()
say(root=root, same=used.id == logged.id, content=pathlib.Path(root, "weights.bin").read_bytes() == b"first" * 1000)
used.verify()
pathlib.Path(root, "more.txt").write_text("more")
try:
    used.verify()
except playhead.errors.UsageError as error:
    say(differs=error.message)
used.checkout()
say(checked_out=not pathlib.Path(root, "more.txt").exists())
draft = used.new_draft()
draft.remove("d")
with draft.new_file("new.txt") as file:
    file.write("new")
second = run.log_artifact(draft).wait(60)
same = run.log_artifact(second.new_draft(), aliases=["again"]).wait(60)
run.link_artifact(second, "shown", ["linked"])
say(second=second.name, files2=sorted(second.manifest.entries), same=same.name)
try:
    second.add_file("weights.bin")
except playhead.errors.UsageError as error:
    say(logged=error.message)
""",
        env={"PLAYHEAD_ARTIFACT_DIR": str(tmp_path / "there")},
    )
    assert (said["name"], said["path"]) == ("whole:v0", f"{server.entity}/p/whole:v0")
    assert (said["aliases"], said["tags"], said["metadata"]) == (["best", "latest"], ["good"], {"acc": 0.5})
    assert said["digest"]
    assert said["step"] == 1
    assert said["files"] == ["d/deep/x.txt", "there.txt", "weights.bin"]
    assert said["root"] == str(tmp_path / "there" / "whole:v0")
    assert said["content"]
    assert "'more.txt' is not part of it" in said["differs"]
    assert said["checked_out"]
    assert (said["second"], said["files2"], said["same"]) == (
        "whole:v1",
        ["new.txt", "there.txt", "weights.bin"],
        "whole:v1",
    )
    assert "new_draft() makes what its next version can be" in said["logged"]
    [folder] = online.runs
    assert not (folder / "artifacts").exists()
    assert not list(folder.glob("blobs/*"))

    found = server.api.artifact(f"{server.entity}/p/whole:prod")
    assert (found.version, found.description, found.metadata, found.ttl.days) == ("v0", "said later", {"acc": 0.75}, 3)
    assert found.logged_by().id == "whole"
    assert [run.id for run in found.used_by()] == ["whole"]
    run = server.run("whole", "finished")
    assert [one.name for one in run.logged_artifacts()] == ["whole:v0", "whole:v1"]
    assert [one.name for one in run.used_artifacts()] == ["whole:v0"]
    assert list(run.at(0).artifacts()) == []
    assert [one.name for one in run.at(1).artifacts()] == ["whole:v0", "whole:v1"]
    link = server.api.artifact(f"{server.entity}/p/shown:linked")
    assert (link.is_link, link.source_qualified_name) == (True, f"{server.entity}/p/whole:v1")
    assert "again" in server.api.artifact(f"{server.entity}/p/whole").aliases


def test_offline_and_sent_once(place, server, sync, tmp_path):
    said = place.ask(
        MAKES
        + """
run = playhead.init(project="p", id="off")
run.log({"a": 1})
for number in range(2):
    run.log_artifact(made("off", a_txt=f"a {number}", b_txt="b" * 1000), aliases=[f"n{number}"])
pathlib.Path("kept.txt").write_text("kept")
kept = playhead.Artifact("kept", type="model")
kept.add_file("kept.txt", policy="immutable")
logged = run.log_artifact(kept)
try:
    logged.wait()
except playhead.errors.UsageError as error:
    say(why=error.message)
"""
    )
    assert "playhead sync" in said["why"]
    [folder] = place.runs
    assert (left := rundirs.left(folder)).files == 7
    assert left.file_bytes > 1000
    held = take(folder, server.api._server)
    assert sorted(name for name in held.files if "manifest" not in name) == [
        "kept: kept.txt",
        "off: a.txt",
        "off: b.txt",
    ]
    [first] = sync(folder)
    assert take(folder, server.api._server).held
    assert (first["state"], first["notes"]) == ("complete", [])
    assert first["sent_files"] == 7  # a, a', b once, kept, and three manifests
    assert versions(server, "off") == [0, 1]
    assert contents(server.api.artifact(f"{server.entity}/p/off:n0"), tmp_path / "got") == {
        "a.txt": "a 0",
        "b.txt": "b" * 1000,
    }
    assert contents(server.api.artifact(f"{server.entity}/p/kept"), tmp_path / "kept") == {"kept.txt": "kept"}
    for _ in range(2):
        [again] = sync(folder)
        assert (again["state"], again["sent_files"]) == ("complete", 0)
        (folder / "sync.json").unlink(missing_ok=True)
    assert versions(server, "off") == [0, 1]
    assert not list(folder.glob("blobs/*"))
    assert not (folder / "artifacts").exists()


DIES = (
    MAKES
    + """
import subprocess
run = playhead.init(project="p", id=sys.argv[1])
run.log({"a": 1})
big = playhead.Artifact(sys.argv[1], type="model")
with big.new_file("big.bin", mode="wb") as file:
    for number in range(24):
        file.write(bytes([number]) * (1 << 20))
run.log_artifact(big)
pids = [os.getpid()]
if sys.argv[2] == "both":
    import psutil
    pids = [p.pid for p in psutil.Process().children()] + pids
for pid in pids:
    os.kill(pid, signal.SIGKILL)
"""
)
BIG = hashlib.sha256(b"".join(bytes([number]) * (1 << 20) for number in range(24))).hexdigest()


@pytest.mark.parametrize("who", ["training", "both"])
def test_killed_behind_the_call(online, server, sync, tmp_path, who):
    run_id = f"dies-{who}"
    online.ask(DIES, run_id, who, status=-signal.SIGKILL)
    [folder] = online.runs
    if who == "both":
        sync(folder)

    def there():
        return server.api.artifact_exists(f"{server.entity}/p/{run_id}")

    until(there)
    found = server.api.artifact(f"{server.entity}/p/{run_id}")
    found.download(tmp_path / "got")
    assert hashlib.sha256((tmp_path / "got" / "big.bin").read_bytes()).hexdigest() == BIG
    assert versions(server, run_id) == [0]
    server.run(run_id, "crashed")
    until(lambda: not list(folder.glob("artifacts/*")))


def test_a_sidecar_dies_in_the_middle(online, server):
    said = online.ask(
        MAKES
        + """
import psutil, signal
run = playhead.init(project="p", id="sidecar-dies")
run.log({"a": 1})
for number in range(3):
    artifact = made("sidecar-dies", a_txt=f"{number}")
    with artifact.new_file("big.bin", mode="wb") as file:
        file.write(os.urandom(20 << 20))
    logged = run.log_artifact(artifact)
    time.sleep(0.1 * number)
    for sidecar in psutil.Process().children():
        sidecar.kill()
while True:  # a look at it starts the next one
    run.log({"a": 1})
    try:
        say(last=logged.wait(2).name)
        break
    except playhead.errors.CommError:
        pass
"""
    )
    assert said["last"] == "sidecar-dies:v2"
    assert versions(server, "sidecar-dies") == [0, 1, 2]
    [folder] = online.runs
    assert not (folder / "artifacts").exists()


def test_two_thousand_files(online, server, tmp_path):
    said = online.ask(
        """
import pathlib
pathlib.Path("many").mkdir()
for number in range(2000):
    pathlib.Path(f"many/{number % 20}").mkdir(exist_ok=True)
    pathlib.Path(f"many/{number % 20}/{number}.txt").write_text(f"number {number}")
run = playhead.init(project="p", id="many")
artifact = playhead.Artifact("many", type="dataset")
artifact.add_dir("many")
logged = run.log_artifact(artifact).wait(60)
root = logged.download("got")
logged.verify("got")
say(count=logged.file_count, got=sum(1 for path in pathlib.Path("got").rglob("*.txt")))
"""
    )
    assert said["count"] == said["got"] == 2000
    assert (online.folder / "got" / "19" / "1999.txt").read_text() == "number 1999"


def test_what_changes_behind_the_call(online, server):
    said = online.ask(
        MAKES
        + """
run = playhead.init(project="p", id="changes")
path = pathlib.Path("weights.bin")
for number in range(5):  # in place, as torch.save does
    path.write_bytes(bytes([number]) * 3_000_000)
    artifact = playhead.Artifact("changes", type="model")
    artifact.add_file(path)
    last = run.log_artifact(artifact, aliases=[f"n{number}"])
path.write_bytes(b"x" * 3_000_000)
still = playhead.Artifact("still", type="model")
still.add_file(path, policy="immutable")
os.utime(path, ns=(1, 1))
try:
    run.log_artifact(still).wait(60)
except playhead.errors.ConflictError as error:
    say(why=error.message)
last.wait(60)
for number in range(5):
    root = run.use_artifact(f"changes:n{number}").download()
    assert pathlib.Path(root, "weights.bin").read_bytes() == bytes([number]) * 3_000_000, number
say(done=True)
"""
    )
    assert said["done"]
    assert "was changed since it was added" in said["why"]
    assert not server.api.artifact_exists(f"{server.entity}/p/still")


def test_rewound(online, server):
    said = online.ask(
        MAKES
        + """
run = playhead.init(project="p", id="back")
for step in range(4):
    run.log({"a": step})
    run.log_artifact(made("back", a_txt=f"{step}"), aliases=[f"s{step}"])
    run.log_artifact(made(f"only{step}", a_txt=f"{step}"))
run.finish()
other = playhead.init(project="p", id="beside")
other.log_artifact(made("beside", a_txt="1")).wait(60)
other.finish()
run = playhead.init(project="p", resume_from="back?_step=1")
def text(name, **options):
    return pathlib.Path(run.use_artifact(name, **options).file()).read_text()
say(latest=text("back:latest"), bare=text("back"), later=text("back", later=True), alias=text("back:s3"), version=text("back:v2"),
    other=text("beside"))
try:
    run.use_artifact("only3")
except playhead.errors.NotFoundError as error:
    say(why=error.message)
run.log({"a": 9})
say(next=run.log_artifact(made("back", a_txt="again")).wait(60).name, newest=text("back"))
run.finish()
fork = playhead.init(project="p", fork_from="back?_step=0", id="forked")
run = fork
say(forked=text("back"))
"""
    )
    assert (said["latest"], said["bare"], said["later"]) == ("1", "1", "3")
    assert (said["alias"], said["version"], said["other"]) == ("3", "2", "1")
    assert "from before the place where this run goes on" in said["why"]
    assert (said["next"], said["newest"]) == ("back:v4", "again")
    assert said["forked"] == "0"
    run = server.run("back", "finished")
    assert [one.name for one in run.artifacts()] == ["back:v0", "only0:v0", "back:v1", "only1:v0", "back:v4"]
    assert [one.name for one in run.at(0).artifacts()] == ["back:v0", "only0:v0"]


def test_used_offline(online, server):
    home = {"PLAYHEAD_CACHE_DIR": str(online.folder / "cache")}
    online.ask(
        MAKES + 'run = playhead.init(project="p")\nrun.log_artifact(made("here", a_txt="1")).wait(60).download("x")',
        env=home,
    )
    said = online.ask(
        f"""
import pathlib
run = playhead.init(project="p", id="uses", mode="offline", entity={server.entity!r})
say(text=pathlib.Path(run.use_artifact("here:v0").file("got")).read_text())
for name in ("here:latest", "here:v7", "other:v0"):
    try:
        run.use_artifact(name)
    except playhead.errors.PlayheadError as error:
        say(**{{name: error.message}})
""",
        env=home,
    )
    assert said["text"] == "1"
    assert "Name the version, such as here:v3" in said["here:latest"]
    assert "is not on this disk" in said["here:v7"]
    assert "is not on this disk" in said["other:v0"]
    folder = next(path for path in online.runs if path.name.startswith("offline"))
    online.playhead("sync", folder)
    assert [one.name for one in server.run("uses", "finished").used_artifacts()] == ["here:v0"]


def test_many_at_once(online, server):
    said = online.ask(
        MAKES
        + """
import threading
runs = [playhead.init(project="p", id=f"at-once-{number}", reinit="create_new") for number in range(2)]
def work(run, number):
    for turn in range(5):
        run.log_artifact(made("at-once", a_txt=f"{run.id} {number} {turn}"))
threads = [threading.Thread(target=work, args=(run, number)) for run in runs for number in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for run in runs:
    run.finish()
"""
    )
    assert said
    until(lambda: len(versions(server, "at-once")) == 20)
    assert versions(server, "at-once") == list(range(20))
    found = list(server.api.artifacts("model", f"{server.entity}/p/at-once"))
    assert len({one.manifest.entries["a.txt"].sha256 for one in found}) == 20


def test_odd_names_and_values(online, server, tmp_path):
    online.ask(
        """
run = playhead.init(project="p")
odd = playhead.Artifact("odd ä 名", "model", metadata={"nan": float("nan"), "inf": -float("inf"), "big": 2**70, "s": "a\\ud800b"})
with odd.new_file("ä/名 1.txt") as file:
    file.write("x")
run.log_artifact(odd, aliases=["ä"]).wait(60)
run.log_artifact(playhead.Artifact("empty", "model")).wait(60)
"""
    )
    found = server.api.artifact(f"{server.entity}/p/odd ä 名:ä")
    found.metadata["more"] = float("inf")
    found.save()
    assert (
        repr(found.metadata) == "{'nan': nan, 'inf': -inf, 'big': 1180591620717411303424, 's': 'a\ufffdb', 'more': inf}"
    )
    assert contents(found, tmp_path / "odd") == {"ä/名 1.txt": "x"}
    assert contents(server.api.artifact(f"{server.entity}/p/empty"), tmp_path / "empty") == {}


def test_tables_and_images(online, server, tmp_path):
    online.ask(
        """
import numpy
run = playhead.init(project="p")
artifact = playhead.Artifact("objects", type="run_table")
pixels = numpy.zeros((4, 4, 3), "uint8")
artifact.add(playhead.Table(columns=["x", "image"], data=[[1, playhead.Image(pixels)], [2, playhead.Image(pixels)]]), "predictions")
artifact.add(playhead.Image(pixels, caption="black"), "one")
run.log_artifact(artifact).wait(60)
"""
    )
    found = server.api.artifact(f"{server.entity}/p/objects")
    names = list(found.manifest.entries)
    assert [name for name in names if not name.startswith("media/")] == [
        "one.image-file.json",
        "predictions.table.json",
    ]
    assert len(names) == 3
    os.chdir(tmp_path)
    table = found.get("predictions")
    assert table.get_column("x") == [1, 2]
    assert table.data[0][1]["path"] in names


def test_only_paths_and_addresses(online, server, tmp_path):
    said = online.ask(
        """
import pathlib
pathlib.Path("d").mkdir()
pathlib.Path("d/a.txt").write_text("a")
run = playhead.init(project="p", id="paths")
names = [
    run.log_artifact("d/a.txt").wait(60).name,
    run.log_artifact("d", name="folder", type="dataset").wait(60).name,
    run.log_artifact(pathlib.Path("d/a.txt").absolute().as_uri(), name="address", type="dataset").wait(60).name,
    run.log_model("d/a.txt", "weights").wait(60).name,
    run.link_model("d", "registered", aliases=["prod"]).name,
]
say(names=names, model=run.use_model("weights"), text=open(run.use_model("weights")).read())
try:
    run.log_artifact("s3://bucket/data", type="dataset")
except playhead.errors.UsageError as error:
    say(s3=error.message)
wrong = []
for given in ({"artifact_or_path": "nowhere"}, {"artifact_or_path": "d", "name": "a/b"}, {"artifact_or_path": 3},
              {"artifact_or_path": "d", "aliases": "best"}, {"artifact_or_path": "d", "aliases": ["v3"]}):
    try:
        run.log_artifact(**given)
    except playhead.errors.UsageError as error:
        wrong.append(error.message)
say(wrong=wrong)
run.log_artifact("d/a.txt", name="weights", type="dataset")  # it is a model
grows = playhead.Artifact("folder", type="dataset", incremental=True)
with grows.new_file("b.txt") as file:
    file.write("b")
say(grown=sorted(run.log_artifact(grows).wait(60).manifest.entries))
elsewhere = playhead.init(project="q", reinit="create_new")
moved = elsewhere.use_artifact(f"{elsewhere.entity or run.entity}/p/folder:v0").new_draft()
say(elsewhere=elsewhere.log_artifact(moved).wait(60).qualified_name)
grows = playhead.Artifact("folder", type="dataset")
with grows.new_file("c.txt") as file:
    file.write("c")
last = run.log_artifact(grows)
elsewhere.finish()
say(left=pathlib.Path(elsewhere.dir).parent.joinpath("artifacts").exists())
run.finish()
say(behind=last.wait(60).name)
with playhead.init(mode="disabled") as nothing:
    given = nothing.log_artifact("d", name="x", type="y")
    say(nothing=given.wait() is given)
"""
    )
    assert said["names"] == ["run-paths-a.txt:v0", "folder:v0", "address:v0", "weights:v0", "run-paths-d:v0"]
    assert said["text"] == "a"
    assert "pip install 'playhead[s3]'" in said["s3"]
    assert len(said["wrong"]) == 5
    assert said["grown"] == ["a.txt", "b.txt"]
    assert said["elsewhere"] == f"{server.entity}/q/folder:v0"
    assert not said["left"]
    assert said["nothing"]
    assert "The artifact 'weights' is no version" in said["err"]
    assert said["behind"] == "folder:v2"
    assert server.api.artifact(f"{server.entity}/p/registered:prod").source_name == "run-paths-d:v0"


def test_the_command(online, server, tmp_path):
    call = functools.partial(online.playhead, "artifact")
    (online.folder / "put").mkdir()
    (online.folder / "put" / "a.txt").write_text("a")
    assert f"{server.entity}/p/put:v0  1 file" in call("put", "put", "--name", "p/put", "-t", "dataset", "-a", "clean")
    (online.folder / "put" / "b.txt").write_text("b")
    assert "put:v1  2 files" in call("put", "put", "--name", "p/put", "-t", "dataset")
    assert "got" in call("get", "p/put:clean", "--root", "got")
    assert [path.name for path in (online.folder / "got").iterdir()] == ["a.txt"]
    listed = call("ls", "p", "-t", "dataset")
    assert "put" in listed
    assert "clean=v0 latest=v1" in listed
    assert [line.split()[0] for line in call("ls", "p/put").splitlines()] == ["v1", "v0"]
    assert "There is no" in call("get", "p/nowhere", code=1)
    assert "set PLAYHEAD_PROJECT" in call("put", "put", code=1)
    assert "removed from" in call("cache", "--keep", "0")


def test_under_the_name_of_wandb(online, server):
    (online.folder / "script.py").write_text(
        """
import wandb
with wandb.init(project="p", id="as-wandb") as run:
    artifact = wandb.Artifact("as-wandb", type="dataset", metadata={"n": 1})
    with artifact.new_file("a.txt", mode="w") as file:
        file.write("a")
    wandb.log_artifact(artifact, aliases=["latest", "first"])
    artifact.wait()
    found = wandb.use_artifact("as-wandb:first")
    assert isinstance(found, wandb.Artifact)
    print(found.name, found.type, found.version, found.get_path("a.txt").download())
print(wandb.Api().artifact("p/as-wandb:latest").name)
"""
    )
    told = online.playhead("run", "script.py")
    assert "as-wandb:v0 dataset v0" in told
    assert "as-wandb:v0" in told.splitlines()
