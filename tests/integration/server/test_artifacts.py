"""Artifacts over real connections: logged in journals, committed when all has arrived, found, linked, deleted, as of any step."""

import json
import time
from urllib.parse import quote

import pytest

from a_run import Run, digest, entries
from a_server import ME
from playhead.domain import manifest
from playhead.domain.artifact import digest_of
from playhead.domain.ids import generate_id
from playhead.journal import format as f
from playhead.wire.timeline import Begin
from waiting import until


class Training(Run):
    """A run that logs artifacts."""

    def __init__(self, server, journal, key=None, **header):
        self.server = server
        self.key = key
        super().__init__(server.client(key), journal(**header))

    def get(self, path, key="local", method="GET", body=None, **headers):
        key = self.key if key == "local" and self.key else key
        return self.server.request(method, f"/api/v1{path}", key, body, **headers)

    def json(self, path, *arguments, **more):
        answer = self.get(path, *arguments, **more)
        assert answer.status < 300, answer.data
        return json.loads(answer.data) if answer.data else None

    def problem(self, *arguments, **more):
        answer = self.get(*arguments, **more)
        return answer.status, json.loads(answer.data)["error"]["message"]

    def one(self, artifact_id, state="committed"):
        """What is known of it, once it stands so."""
        until(lambda: self.json(f"/artifact-ids/{artifact_id}")["state"] == state)
        return self.json(f"/artifact-ids/{artifact_id}")

    def logged(self, name="data", *arguments, **more):
        return self.one(self.log(name, *arguments, **more))

    def own(self, **query):
        text = "&".join(f"{name}={value}" for name, value in query.items())
        page = self.json(f"/runs/{'/'.join(self.run)}/artifacts?{text}")
        return [
            (one["artifact"]["name"], one["artifact"]["version"], one["role"], one["step"]) for one in page["items"]
        ]


@pytest.fixture
def training(server, journal):
    """Makes runs, in a project of the test's own."""
    project = f"p{generate_id(10)}"

    def make(**more):
        return Training(server, journal, **{"project": project, **more})

    return make


def where(run, name="data", kind="artifacts"):
    return f"/{kind}/{run.run.entity}/{run.run.project}/{quote(name)}"


def test_a_version_is_what_was_logged(training):
    one = training()
    told = {
        "aliases": ["best"],
        "tags": ["t"],
        "description": "ü",
        "metadata": {"nan": float("nan"), "a": {"b": 1}},
        "ttl": 9999,
    }
    reference = {"digest": "etag", "size": 5, "ref": "s3://bucket/key", "extra": {"etag": "etag"}}
    files = {"d/b.txt": "bb", "d/ü %?#.txt": "x" * 100, "raw": reference}
    found = one.logged("data", files, 7, **told)
    assert (found["name"], found["version"], found["type"], found["aliases"]) == ("data", 0, "data", ["best", "latest"])
    assert (found["size"], found["count"], found["tags"], found["ttl"]) == (107, 3, ["t"], 9999)
    assert (found["metadata"], found["user"], found["may_write"]) == ({"nan": "NaN", "a": {"b": 1}}, ME, True)
    logged_by = found["logged_by"]
    assert (logged_by["run_id"], logged_by["step"], logged_by["name"]) == (one.run.run_id, 7, "calm-river-1")
    assert found["digest"] == digest_of(entries(files))
    assert one.json(f"{where(one)}/best") == one.json(f"{where(one)}/v0") == found
    assert one.json(where(one))["items"] == [found]

    page = one.json(f"{where(one)}/v0/files?limit=2")
    assert ([entry["path"] for entry in page["items"]], page["next"]) == (["d/b.txt", "d/ü %?#.txt"], "d/ü %?#.txt")
    rest = one.json(f"{where(one)}/v0/files?cursor={quote(page['next'])}")
    assert rest == {"items": [{"path": "raw", "sha256": "", **reference}], "next": None}
    assert [entry["path"] for entry in one.json(f"{where(one)}/v0/files?prefix=d/b")["items"]] == ["d/b.txt"]
    assert manifest.parse(one.get(f"{where(one)}/v0/manifest").data) == sorted(entries(files))

    answer = one.get(f"{where(one)}/latest/file?path={quote('d/ü %?#.txt')}", Range="bytes=98-")
    assert (answer.status, answer.data, answer.headers["ETag"]) == (206, b"xx", f'"{digest(b"x" * 100)}"')
    assert one.json(f"{where(one)}/v0/file/link?path=d/b.txt") == {"url": None}
    assert "s3://bucket/key" in one.problem(f"{where(one)}/v0/file?path=raw")[1]
    for path in (
        f"{where(one)}/v0/file?path=no",
        f"{where(one)}/v1",
        f"{where(one)}/no",
        where(one, "no"),
        "/artifact-ids/no",
    ):
        assert one.get(path).status == 404


def test_it_is_no_version_before_all_has_arrived(training):
    one = training()
    first = one.log("data", {"a": "1"}, send=False)
    contents = one.contents
    second = one.log("data", {"a": "2"})
    other = one.log("other", {"a": "3"})
    assert one.one(other)["version"] == 0
    for waiting in (first, second):
        assert one.one(waiting, "pending")["version"] is None
    assert one.get(where(one)).status == 404
    assert one.own() == [("data", None, "logged", 0), ("data", None, "logged", 0), ("other", 0, "logged", 0)]
    [[text, of_manifest], [_, of_file]] = contents.items()
    one.client.put_blobs(one.run, {text: of_manifest})
    assert one.one(first, "pending")
    one.client.put_blobs(one.run, {digest(of_file): of_file})
    assert one.one(first)["version"] == 0
    assert one.one(second)["version"] == 1


def test_the_sidecar_tells_that_all_is_there(server, training, journal):
    one = training()
    waiting = one.log("data", send=False)
    time.sleep(0.2)
    one.client.put_blobs(one.run, one.contents)
    system = journal(
        run_id=one.run.run_id, segment=one.journal.header.segment, project=one.run.project, role="system",
        writer=one.journal.stream,
    ).record(f.ARTIFACT, id=waiting, sent=True)  # fmt: skip
    one.client.append(system.stream, 0, system.data)
    end = time.monotonic() + 60
    while one.get(where(one)).status == 404 and time.monotonic() < end:
        time.sleep(0.05)
    assert [item["id"] for item in one.json(where(one))["items"]] == [waiting]
    lost = one.log("data", {"a": "gone"}, send=False)
    behind = one.log("data", {"a": "behind"})
    at = len(system.data)
    system.record(f.ARTIFACT, id=lost, lost="the disk was full")
    one.client.append(system.stream, at, system.data[at:])
    assert one.one(lost, "failed")["problem"] == "the disk was full"
    assert one.one(behind)["version"] == 1


def test_the_same_content_is_one_version(training):
    one, two = training(), training()
    first = one.logged("data", {"a": "1"}, 3)
    again = two.log("data", {"a": "1"}, 4, aliases=["best"], tags=["t"])
    found = two.one(again)
    assert (found["id"], found["version"], found["aliases"], found["tags"]) == (
        first["id"],
        0,
        ["best", "latest"],
        ["t"],
    )
    assert found["logged_by"]["run_id"] == one.run.run_id
    assert two.own() == [("data", 0, "logged", 4)]
    assert [two.logged("data", {"a": text})["version"] for text in "212"] == [1, 2, 3]
    page = one.json(f"{where(one)}?limit=3")
    assert [item["version"] for item in page["items"]] == [3, 2, 1]
    assert [item["version"] for item in one.json(f"{where(one)}?cursor={page['next']}")["items"]] == [0]
    assert [item["version"] for item in one.json(f"{where(one)}?digest={first['digest']}")["items"]] == [2, 0]
    assert one.json(f"/collections/{ME}/{one.run.project}/data")["aliases"] == {"best": 0, "latest": 3}


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"name": "a/b"}, "name of an artifact"), ({"name": ""}, "name of an artifact"), ({"name": 7}, "has no `name`"),
        ({"type": "x:y"}, "type"), ({"aliases": ["v3"]}, "versions are called so"), ({"aliases": "x"}, "no list"), ({"tags": [""]}, "tag"),
        ({"ttl": -1}, "kept"), ({"manifest": "x"}, "SHA-256"), ({"digest": "0" * 32}, "digest is not that"), ({"metadata": []}, None),
        ({"metadata": [1]}, "object"), ({"description": 1}, "description"), ({"metadata": {"a": "x" * (1 << 20)}}, "MAX_METADATA"),
    ],
)  # fmt: skip
def test_what_is_no_artifact_says_why(training, told, problem):
    one = training()
    artifact_id = one.log(**{"name": "data", "files": {"a": "1"}, **told})
    if problem is None:
        one.one(artifact_id)
        return
    assert problem in one.one(artifact_id, "failed")["problem"]
    assert one.get(where(one)).status == 404
    assert one.logged("data")["version"] == 0


def test_a_manifest_that_is_none_says_why(training):
    one = training()
    text = b'{"version": 1, "entries": {"../a": {}}}'
    one.client.put_blobs(one.run, {digest(text): text})
    one.journal.record(f.ARTIFACT, id="x" * 20, name="data", type="data", digest="0" * 32, manifest=digest(text))
    one.flush()
    assert "no good" in one.one("x" * 20, "failed")["problem"]


def test_a_name_has_one_type(training):
    one = training()
    one.logged("data")
    other = one.one(one.log("data", {"a": "b"}, kind="model"), "failed")
    assert "choose another name" in other["problem"]
    assert one.json(f"/artifact-types/{ME}/{one.run.project}") == [{"name": "data", "collections": 1}]


def test_to_know_a_digest_is_not_to_have_it(server, training, bob, journal):
    one = training()
    one.logged("secret", {"a": "the secret of " + one.run.project})
    thief = Training(server, journal, key=bob, entity="bob")
    stolen = thief.log("mine", {"a": "the secret of " + one.run.project}, send=False)
    [text, _] = thief.contents
    thief.client.put_blobs(thief.run, {text: thief.contents[text]})
    time.sleep(0.3)
    assert thief.one(stolen, "pending")
    for path in (
        where(one, "secret"),
        f"{where(one, 'secret')}/v0/file?path=a",
        f"/artifact-types/{ME}/{one.run.project}",
    ):
        assert thief.get(path).status == 404
        assert thief.get(path, None).status == 401
    known = one.json(f"{where(one, 'secret')}/v0")["id"]
    assert thief.get(f"/artifact-ids/{known}").status == 404
    thief.journal.record(f.ARTIFACT, id=known, lost="ha")
    thief.journal.record(f.LINK, artifact=known, project="demo", name="loot")
    thief.log("other", id=known)
    assert one.json(f"{where(one, 'secret')}/v0")["state"] == "committed"
    assert thief.get("/artifacts/bob/demo/loot/v0").status == 404


def test_readers_from_outside_read(server, training, bob):
    one = training()
    one.logged("data")
    one.logged("source", kind="code")
    one.json(f"/projects/{ME}/{one.run.project}", method="PATCH", body={"visibility": "public"})
    for key in (None, bob):
        assert one.get(f"{where(one)}/v0/file?path=a.txt", key).data == b"data"
        assert one.get(f"{where(one)}/v0", key).status == 200
        assert one.get(f"{where(one, 'source')}/v0", key).status == 404
        assert json.loads(one.get(f"/collections/{ME}/{one.run.project}", key).data)["items"][0]["name"] == "data"
    for method, path, body in (
        ("PATCH", f"{where(one)}/v0", {"description": "x"}), ("DELETE", f"{where(one)}/v0", None),
        ("POST", f"{where(one)}/v0/aliases", {"add": ["x"]}), ("POST", f"{where(one)}/v0/links", {"project": "p", "name": "x"}),
        ("PATCH", where(one, kind="collections"), {"description": "x"}), ("DELETE", where(one, kind="collections"), None),
    ):  # fmt: skip
        assert one.get(path, bob, method, body).status == 403, path
        assert one.get(path, None, method, body).status == 401, path


def test_whoever_logs_beside_others_changes_nothing_of_theirs(server, training, bob, journal):
    one = training()
    found, waiting = one.logged("data"), one.log("later", send=False)
    one.json(f"/projects/{ME}/{one.run.project}", method="PATCH", body={"visibility": "open"})
    other = Training(server, journal, key=bob, entity=ME, project=one.run.project)
    other.journal.record(f.ARTIFACT, id=waiting, lost="ha")
    other.journal.record(f.LINK, artifact=found["id"], project=one.run.project, name="loot")
    other.logged("own")
    assert one.one(waiting, "pending")
    assert one.get(where(one, "loot")).status == 404


def test_what_is_said_of_a_version_changes(training):
    one = training()
    one.logged("data", {"a": "1"})
    one.logged("data", {"a": "2"})
    told = {"description": "d", "metadata": {"x": [1]}, "tags": ["t"], "ttl": 60}
    changed = one.json(f"{where(one)}/v0", method="PATCH", body=told)
    assert {name: changed[name] for name in told} == told
    assert one.json(f"{where(one)}/v0", method="PATCH", body={"ttl": 0, "description": ""})["ttl"] is None
    given = one.json(f"{where(one)}/v0/aliases", method="POST", body={"add": ["best", "latest"], "remove": ["no"]})
    assert given["aliases"] == ["best", "latest"]
    assert one.json(f"{where(one)}/v1")["aliases"] == []
    taken = one.json(f"{where(one)}/v0/aliases", method="POST", body={"remove": ["best"]})
    assert taken["aliases"] == ["latest"]
    for body in ({"add": ["v7"]}, {"add": ["a/b"]}):
        assert one.get(f"{where(one)}/v0/aliases", method="POST", body=body).status == 400
    for body in ({"ttl": -5}, {"tags": [""]}, {"metadata": {"a": "x" * (1 << 20)}}):
        assert one.get(f"{where(one)}/v0", method="PATCH", body=body).status in {400, 413, 422}
    renamed = one.json(
        where(one, kind="collections"), method="PATCH", body={"name": "set", "description": "d", "tags": ["t"]}
    )
    assert (renamed["name"], renamed["description"], renamed["tags"], renamed["versions"]) == ("set", "d", ["t"], 2)
    assert one.json(f"{where(one, 'set')}/latest")["version"] == 0


def test_a_deleted_version_leaves_its_name(training):
    one = training()
    for text in "12":
        one.logged("data", {"a": text}, int(text))
    known = one.json(f"{where(one)}/v1")["id"]
    status, message = one.problem(f"{where(one)}/v1", method="DELETE")
    assert (status, "latest" in message) == (409, True)
    one.json(f"{where(one)}/v1?aliases=1", method="DELETE")
    assert one.json(f"{where(one)}/latest")["version"] == 0
    assert one.get(f"{where(one)}/v1").status == 404
    assert one.json(f"/artifact-ids/{known}")["state"] == "deleted"
    assert one.own() == [("data", 0, "logged", 1), ("data", 1, "logged", 2)]
    assert one.logged("data", {"a": "2"})["version"] == 2
    one.json(where(one, kind="collections"), method="DELETE")
    assert one.get(where(one)).status == 404
    assert one.json(f"/collections/{ME}/{one.run.project}") == {"items": [], "next": None}


def test_a_version_stands_elsewhere_too(training):
    one = training()
    one.logged("data", {"a": "1"})
    linked = one.json(
        f"{where(one)}/v0/links", method="POST", body={"project": "shelf", "name": one.run.project, "aliases": ["prod"]}
    )
    assert (linked["project"], linked["version"], linked["aliases"]) == ("shelf", 0, ["latest", "prod"])
    assert linked["source"] == f"{ME}/{one.run.project}/data:v0"
    there = f"/artifacts/{ME}/shelf/{one.run.project}"
    assert one.get(f"{there}/prod/file?path=a").data == b"1"
    assert [item["project"] for item in one.json(f"{where(one)}/v0/links")] == [one.run.project, "shelf"]
    assert one.json(f"/collections/{ME}/shelf?search={one.run.project}")["items"][0]["portfolio"] is True
    one.json(f"{there}/v0", method="DELETE")
    assert one.get(f"{there}/v0").status == 404
    assert one.json(f"{where(one)}/v0")["state"] == "committed"
    waiting = one.log("data", {"a": "2"}, send=False)
    one.journal.record(f.LINK, artifact=waiting, project="shelf", name=one.run.project, aliases=["prod"])
    one.flush()
    one.client.put_blobs(one.run, one.contents)
    one.one(waiting)
    assert one.json(f"{there}/prod")["source"].endswith("data:v1")
    refused = {"project": "shelf", "name": "a/b"}
    assert one.get(f"{where(one)}/v0/links", method="POST", body=refused).status == 400


def test_a_run_shows_what_it_had_at_a_step(server, training, journal):
    one = training()
    for step in (0, 5, 9):
        one.journal.rows(5, step)
        one.logged("model", {"a": str(step)}, step)
    other = training()
    data = other.logged("data")
    one.journal.record(f.USE, 3, artifact=data["id"], **{"as": "training data"})
    one.flush()
    everything = [
        ("model", 0, "logged", 0),
        ("model", 1, "logged", 5),
        ("model", 2, "logged", 9),
        ("data", 0, "used", 3),
    ]
    assert sorted(one.own()) == sorted(everything)
    assert one.own(step=5, role="logged") == everything[:2]
    assert one.own(role="used") == everything[3:]
    old = one.journal.header.segment
    run = [one.run.entity, one.run.project, one.run.run_id]
    begun = one.client.begin(
        Begin(
            stream=generate_id(),
            segment=generate_id(),
            created_at=time.time_ns() // 1000,
            project=run[1],
            run_id=run[2],
            from_run=run[2],
            step=6,
        )
    )
    assert sorted(one.own()) == sorted([*everything[:2], everything[3]])
    assert sorted(one.own(segment=old)) == sorted(everything)
    assert one.json(f"{where(one, 'model')}/v2")["version"] == 2
    later = Training(
        server, journal, project=run[1], run_id=run[2], stream=begun.segment[:4] + generate_id(), segment=begun.segment
    )
    assert later.logged("model", {"a": "new"}, 7)["version"] == 3
    assert [item[1] for item in one.own(role="logged")] == [0, 1, 3]
    fork = one.client.begin(
        Begin(
            stream=generate_id(),
            segment=generate_id(),
            created_at=time.time_ns() // 1000,
            project=run[1],
            from_run=run[2],
            step=3,
            fork=True,
        )
    )
    page = one.json(f"/runs/{ME}/{run[1]}/{fork.run_id}/artifacts")
    assert [(item["artifact"]["name"], item["step"]) for item in page["items"]] == [("model", 0), ("data", 3)]
    marks = one.json(f"/runs/{'/'.join(run)}/marks")
    assert [(mark["step"], mark["text"]) for mark in marks if mark["kind"] == "artifact"] == [
        (0, "model"),
        (5, "model"),
        (7, "model"),
    ]


def test_lineage(training):
    first, second, third = training(), training(), training()
    data = first.logged("data")
    second.journal.record(f.USE, 2, artifact=data["id"])
    model = second.logged("model", kind="model")
    third.journal.record(f.USE, 0, artifact=model["id"])
    third.flush()
    found = first.json(f"{where(first, 'model')}/v0/lineage")
    names = {node["id"]: node["path"] for node in found["nodes"]}
    edges = {(names[edge["source"]], names[edge["target"]]) for edge in found["edges"]}
    runs = ["/".join(one.run) for one in (first, second, third)]
    of = f"{ME}/{first.run.project}"
    assert edges == {
        (runs[0], f"{of}/data:v0"),
        (f"{of}/data:v0", runs[1]),
        (runs[1], f"{of}/model:v0"),
        (f"{of}/model:v0", runs[2]),
    }
    assert (found["more"], len(names)) == (False, 5)
    near = first.json(f"{where(first, 'data')}/v0/lineage?depth=1")
    assert near["more"]
    first.json(f"/runs/{'/'.join(second.run)}?forever=1", method="DELETE")
    assert first.json(f"{where(first, 'model')}/v0")["logged_by"] is None
    assert len(first.json(f"{where(first, 'model')}/v0/lineage")["nodes"]) == 2
    first.json(f"/runs/{'/'.join(first.run)}?forever=1&artifacts=1", method="DELETE")
    assert third.get(where(third, "data")).status == 404


def test_it_is_done_after_a_restart(own_server, journal):
    own_server.start()
    one = Training(own_server, journal)
    waiting = one.log("data", send=False)
    text = {one.contents.popitem()[0]: b"data"}
    own_server.stop(9)
    own_server.start()
    one = Training(own_server, journal)
    for sha, data in text.items():
        one.client.put_blobs(one.run, {sha: data})
    again = one.log("data")
    assert one.one(again)["version"] == 0
    assert one.one(waiting)["id"] == again


@pytest.mark.thorough
def test_time_is_over(own_server, journal):
    own_server.start()
    one = Training(own_server, journal)
    kept, gone = one.logged("data", {"a": "1"}), one.logged("data", {"a": "2"}, ttl=1)
    time.sleep(1.1)
    own_server.stop()
    own_server.start()
    one.server, one.client = own_server, own_server.client()
    assert one.one(gone["id"], "deleted")
    assert one.json(f"{where(one)}/latest")["id"] == kept["id"]
