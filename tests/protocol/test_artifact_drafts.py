"""The conversation in which W&B's client logs an artifact, held without it: what it may not say, and what it says twice."""

import base64
import hashlib
import json

import pytest

PROJECT = "wbdrafts"
UPSERT = """mutation($name: String, $project: String, $config: JSONString) {
  upsertBucket(input: {name: $name, modelName: $project, config: $config, host: "vm", jobProgram: "t.py"}) { bucket { id } }
}"""
CONFIG = json.dumps({"_wandb": {"value": {"t": {"5": "0.31.0"}}}})
CREATE = """mutation($input: CreateArtifactInput!) {
  createArtifact(input: $input) { artifact { id state versionIndex artifactSequence { latestArtifact { id } } } }
}"""
MANIFEST = """mutation($artifactID: ID!, $runName: String!, $projectName: String!) {
  createArtifactManifest(input: {artifactID: $artifactID, name: "m", digest: "", projectName: $projectName, runName: $runName, type: FULL}) {
    artifactManifest { id file { uploadUrl } }
  }
}"""
FILES = """mutation($input: CreateArtifactFilesInput!) {
  createArtifactFiles(input: $input) { files { edges { node { storagePath uploadUrl artifact { id } } } } }
}"""
USE = """mutation($artifactID: ID!, $entity: String!, $project: String!, $run: String!) {
  useArtifact(input: {artifactID: $artifactID, entityName: $entity, projectName: $project, runName: $run}) { artifact { id } }
}"""
COMMIT = "mutation($id: ID!) { commitArtifact(input: {artifactID: $id}) { artifact { id state versionIndex } } }"


def md5(data):
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def digest(files):
    told = "".join(f"{path}:{md5(files[path])}\n" for path in sorted(files))
    return hashlib.md5(f"wandb-artifact-manifest-v1\n{told}".encode(), usedforsecurity=False).hexdigest()


class Talk:
    """One run that logs, a sentence at a time."""

    def __init__(self, server, run):
        self.server, self.run = server, run
        server.ask(UPSERT, name=run, project=PROJECT, config=CONFIG)

    def create(self, files, client, name="set", status=200, key="local", **more):
        told = {
            "projectName": PROJECT, "runName": self.run, "artifactTypeName": "dataset", "artifactCollectionName": name,
            "digest": digest(files), "clientID": client, "entityName": self.server.me, **more,
        }  # fmt: skip
        answer = self.server.ask(CREATE, key, status, input=told)
        return answer["data"]["createArtifact"]["artifact"] if status == 200 else answer["errors"][0]["message"]

    def manifest(self, node):
        told = {"artifactID": node, "runName": self.run, "projectName": PROJECT}
        return self.server.ask(MANIFEST, **told)["data"]["createArtifactManifest"]["artifactManifest"]

    def files(self, node, manifest, files):
        told = [
            {"artifactID": node, "artifactManifestID": manifest, "name": path, "md5": md5(data)}
            for path, data in files.items()
        ]
        answer = self.server.ask(FILES, input={"artifactFiles": told, "storageLayout": "V2"})
        return [edge["node"]["uploadUrl"] for edge in answer["data"]["createArtifactFiles"]["files"]["edges"]]

    def put(self, url, data):
        return self.server.request("PUT", url.removeprefix(self.server.url), None, data).status

    def commit(self, node, status=200):
        answer = self.server.ask(COMMIT, status=status, id=node)
        return answer["data"]["commitArtifact"]["artifact"] if status == 200 else answer["errors"][0]["message"]


def wire(files):
    contents = {path: {"digest": md5(data), "size": len(data)} for path, data in files.items()}
    return json.dumps({"version": 1, "contents": contents}).encode()


@pytest.fixture
def talk(server, request):
    return Talk(server, request.node.name.replace("_", "-")[:60])


def test_each_sentence_may_be_said_twice(talk, server):
    files = {"a.txt": b"one", "b/c.txt": b"two", "empty": b""}
    [first, again] = [
        talk.create(files, "client-1", aliases=[{"artifactCollectionName": "set", "alias": "best"}]) for _ in range(2)
    ]
    assert (
        first
        == again
        == {**first, "state": "PENDING", "versionIndex": None, "artifactSequence": {"latestArtifact": None}}
    )
    node = first["id"]
    assert "has not been sent" in talk.commit(node, 422)
    manifest = talk.manifest(node)
    urls = talk.files(node, manifest["id"], files)
    assert talk.put(manifest["file"]["uploadUrl"], wire(files)) == 400  # its files are not there yet
    assert talk.put(urls[0], b"something else") == 422
    for _ in range(2):
        assert [talk.put(url, data) for url, data in zip(urls, files.values(), strict=True)] == [200] * 3
    assert talk.files(node, manifest["id"], files) == [None] * 3
    for _ in range(2):
        assert talk.put(manifest["file"]["uploadUrl"], wire(files)) == 200
        done = talk.commit(node)
        assert (done["state"], done["versionIndex"]) == ("COMMITTED", 0)
    found = server.get(f"/artifacts/{server.me}/{PROJECT}/set/best")
    assert (found["version"], found["count"], found["logged_by"]["run_id"]) == (0, 3, talk.run)
    same = talk.create(files, "client-2", aliases=[{"artifactCollectionName": "set", "alias": "same"}])
    assert (same["state"], same["versionIndex"]) == ("COMMITTED", 0)
    assert server.get(f"/artifacts/{server.me}/{PROJECT}/set/same")["version"] == 0
    page = server.get(f"/runs/{server.me}/{PROJECT}/{talk.run}/artifacts")
    assert [one["artifact"]["version"] for one in page["items"]] == [0, 0]


def test_what_may_not_be_said(talk, server, bob):
    files = {"a.txt": b"mine"}
    talk.create(files, "client-3", name="other")
    assert "choose another name" in talk.create(files, "client-4", name="other", status=422, artifactTypeName="model")
    for name, more in (
        ("a/b", {}),
        ("", {}),
        ("ok", {"aliases": [{"artifactCollectionName": "ok", "alias": "v3"}]}),
        ("ok", {"metadata": "[]"}),
    ):
        talk.create(files, "client-5", name=name, status=400, **more)
    assert "One of three things" in talk.create(files, "client-6", status=403, key=bob)
    node = talk.create(files, "client-7", name="third")["id"]
    manifest = talk.manifest(node)["file"]["uploadUrl"]
    infinite = b'{"contents": {"a": {"digest": "x", "ref": "s3://b/k", "size": Infinity}}}'
    for body in (
        b"{",
        b"[]",
        b'{"contents": {"../a": {"digest": "x"}}}',
        b'{"contents": {"a": {"digest": "x"}}}',
        infinite,
    ):
        assert talk.put(manifest, body) == 400
    assert talk.put(manifest[:-1] + ("0" if manifest[-1] != "0" else "1"), b"{}") == 403
    assert server.ask(COMMIT, bob, 404, id=node)["errors"]
    references = json.dumps(
        {"contents": {"r": {"digest": "etag", "ref": "s3://b/k", "size": 3, "extra": {"etag": "etag"}}}}
    ).encode()
    assert talk.put(manifest, references) == 200
    assert talk.commit(node)["versionIndex"] == 0
    entries = server.get(f"/artifacts/{server.me}/{PROJECT}/third/v0/files")["items"]
    assert [(one["ref"], one["extra"]) for one in entries] == [("s3://b/k", {"etag": "etag"})]


def test_what_is_logged_is_not_changed(talk, server):
    files, other = {"a.txt": b"as it was logged"}, {"a.txt": b"said later"}
    node = talk.create(files, "client-8", name="kept")["id"]
    manifest = talk.manifest(node)
    for each in (files, other):
        [url] = talk.files(node, manifest["id"], each)
        assert talk.put(url, each["a.txt"]) == 200
    assert talk.put(manifest["file"]["uploadUrl"], wire(files)) == 200
    assert talk.commit(node)["state"] == "COMMITTED"
    assert talk.put(manifest["file"]["uploadUrl"], wire(other)) == 422
    found = f"/api/v1/artifacts/{server.me}/{PROJECT}/kept/v0/file?path=a.txt"
    assert server.request("GET", found).data == files["a.txt"]


def test_one_answer_has_so_many_items(talk, server):
    files = {f"{number}.txt": b"the same" for number in range(31)}
    node = talk.create(files, "client-10", name="many")["id"]
    manifest = talk.manifest(node)
    urls = talk.files(node, manifest["id"], files)
    assert talk.put(urls[0], b"the same") == 200
    assert talk.put(manifest["file"]["uploadUrl"], wire(files)) == 200
    assert talk.commit(node)["state"] == "COMMITTED"
    document = (
        'query($project: String) { project(name: $project) { artifactCollectionMembership(name: "many:v0") { %s } } }'
    )

    def ask(lists):
        each = " ".join(f"f{number}: files {{ edges {{ cursor }} }}" for number in range(lists))
        return server.ask(document % each, project=PROJECT)

    assert "errors" not in ask(600)
    assert "MAX_ITEMS" in ask(660)["errors"][0]["message"]
    server.ask(document % "files(first: null) { edges { cursor } }", status=400, project=PROJECT)


def test_a_draft_is_of_whoever_began_it(talk, server, bob):
    files = {"a.txt": b"secret"}
    node = talk.create(files, "client-9", name="mine")["id"]
    manifest = talk.manifest(node)
    [url] = talk.files(node, manifest["id"], files)
    assert talk.put(url, files["a.txt"]) == 200
    project = f"/api/v1/projects/{server.me}/{PROJECT}"
    server.request("PATCH", project, body={"visibility": "public"})
    try:
        server.ask(UPSERT, bob, name="bobs", project="bobs", config=CONFIG)
        server.ask(MANIFEST, bob, 403, artifactID=node, runName="bobs", projectName="bobs")
        # Nor is anybody told what a project has that they may not write to.
        told = {"artifactManifestID": manifest["id"], "artifactID": node, "name": "a.txt", "md5": md5(files["a.txt"])}
        server.ask(FILES, bob, 403, input={"artifactFiles": [told], "storageLayout": "V2"})
        # Of a run that he may not see he does not hear that it was deleted.
        server.ask(UPSERT, name="gone", project="hidden", config=CONFIG)
        assert server.request("DELETE", f"/api/v1/runs/{server.me}/hidden/gone").status == 204
        server.ask(USE, bob, 404, artifactID=node, entity=server.me, project="hidden", run="gone")
    finally:
        server.request("PATCH", project, body={"visibility": "private"})
