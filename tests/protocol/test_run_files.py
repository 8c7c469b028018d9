"""Files of W&B's runs: on the timeline, as those of ours are."""

import hashlib
import json
import time

import pytest
from tests.protocol.test_file_stream import HISTORY, PROJECT, Session, row

CHECKPOINTS = """
    import json, os, time, urllib.request
    import wandb

    def versions():
        path = f"/api/v1/runs/{run.entity}/files/checkpoints/files?limit=1000"
        request = urllib.request.Request(os.environ["WANDB_BASE_URL"] + path)
        request.add_header("Authorization", "Bearer " + os.environ["WANDB_API_KEY"])
        with urllib.request.urlopen(request, timeout=60) as answer:
            return sum(file["versions"] for file in json.load(answer)["items"] if file["path"] == "model.pt")

    def wait(count):
        # The client sends a file some seconds after it was saved.
        until = time.monotonic() + 120
        while versions() < count:
            assert time.monotonic() < until
            time.sleep(0.1)

    run = wandb.init(project="files", id="checkpoints", save_code=True)
    for epoch in range(2):
        for step in range(5):
            run.log({"loss": epoch})
            time.sleep(0.05)
        with open("model.pt", "w") as file:
            file.write(f"epoch {epoch}")
        run.save("model.pt", policy="now")
        wait(epoch + 1)
    with open("at-end.txt", "w") as file:
        file.write("early")
    run.save("at-end.txt", policy="end")
    with open("at-end.txt", "w") as file:
        file.write("late")
    run.finish()
"""

CREATE = """mutation CreateRunFiles($entity: String!, $project: String!, $run: String!, $files: [String!]!) {
    createRunFiles(input: {entityName: $entity, projectName: $project, runName: $run, files: $files}) {
        runID uploadHeaders files { name uploadUrl } } }"""
MARK = """mutation M($entity: String!, $project: String!, $run: String!, $files: [String!]!) {
    markRunFilesUploaded(input: {entityName: $entity, projectName: $project, runName: $run, files: $files}) { success } }"""


def content(server, entity, run, name, **query):
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    return server.request("GET", f"/api/v1/runs/{entity}/{run}/file?path={name}&{asked}")


def test_a_checkpoint_is_seen_from_its_step_on(machine, server, entity):
    machine.train(CHECKPOINTS)
    for epoch in range(2):
        for step in range(epoch * 5 + 4, epoch * 5 + 9 if epoch < 1 else 10):
            answer = content(server, entity, "files/checkpoints", "model.pt", step=step)
            assert answer.data == f"epoch {epoch}".encode(), step
    assert content(server, entity, "files/checkpoints", "model.pt", step=3).status == 404
    assert content(server, entity, "files/checkpoints", "at-end.txt").data == b"late"
    versions = server.get(f"/runs/{entity}/files/checkpoints/files/versions?path=model.pt")["items"]
    assert [(one["version"], one["step"]) for one in versions] == [(1, 9), (0, 4)]


class Files:
    """Files of a run that is written by hand."""

    def __init__(self, server, entity):
        self.session = Session(server, entity)
        self.server = server

    def addresses(self, *names, key="local", status=200):
        told = self.server.ask(
            CREATE, key, status, entity=self.session.entity, project=PROJECT, run=self.session.id, files=list(names)
        )
        return (
            {one["name"]: one["uploadUrl"] for one in told["data"]["createRunFiles"]["files"]}
            if status == 200
            else told
        )

    def put(self, name, data, status=200):
        url = self.addresses(name)[name]
        assert self.server.request("PUT", url.removeprefix(self.server.url), None, data).status == status

    def listed(self):
        return {one["path"]: one for one in self.session.get("/files", media="true")["items"]}


@pytest.fixture
def files(server, entity):
    return Files(server, entity)


def test_addresses(files, bob):
    urls = files.addresses("a.txt", "media/images/x y#?%.png", "../up", "/abs", "")
    assert urls["../up"] is urls["/abs"] is urls[""] is None
    files.put("media/images/x y#?%.png", b"picture")
    files.put("a.txt", b"")
    assert files.listed().keys() == {"a.txt", "media/images/x y#?%.png"}
    assert files.listed()["media/images/x y#?%.png"]["media"]
    files.addresses("a.txt", key=bob, status=404)
    files.addresses("a.txt", key=None, status=401)
    asked = {"entity": files.session.entity, "project": PROJECT, "run": files.session.id, "files": ["a.txt"]}
    assert files.server.ask(MARK, **asked)["data"]["markRunFilesUploaded"]["success"]


def test_an_address_is_for_one_file(files):
    path = files.addresses("a.txt")["a.txt"].removeprefix(files.server.url)
    head, _, token = path.partition("?token=")
    for wrong in ("", "x", token[:-1], token[:-1] + ("0" if token[-1] != "0" else "1"), "é.", "." + token):
        assert files.server.request("PUT", f"{head}?token={wrong}", None, b"x").status == 403
    # What the address says besides does not count.
    assert files.server.request("PUT", f"{head}.other?token={token}", None, b"x").status == 200
    assert files.listed().keys() == {"a.txt"}


def test_the_same_again_is_no_version(files):
    for data in (b"one", b"one", b"two", b"x" * 9_000_000, b"x" * 9_000_000, b"one"):
        files.put("a.bin", data)
    versions = files.session.get("/files/versions?path=a.bin")["items"]
    assert [one["size"] for one in versions] == [3, 9_000_000, 3, 3]
    assert versions[1]["sha256"] == hashlib.sha256(b"x" * 9_000_000).hexdigest()


@pytest.mark.parametrize("ahead", [0, 3_600])
def test_rows_that_come_later_place_a_file(files, ahead):
    """The client sends a file at once, and its rows a while later; its clock may be another one."""

    def rows(first, last, ago):
        return [row(step, loss=step) | {"_timestamp": time.time() + ahead - ago} for step in range(first, last)]

    known = rows(0, 2, 90)
    files.session.send(0, known)
    waiting = rows(2, 5, 60)
    files.put("model.pt", b"as of step 4")
    files.put("other.pt", b"x")
    assert files.listed()["model.pt"]["step"] == 1
    time.sleep(0.5)
    lines = [json.dumps(one) for one in (*known, *waiting, *rows(5, 10, 0))]
    for _ in range(2):
        body = {"files": {HISTORY: {"offset": 0, "content": lines}}, "uploaded": ["model.pt", "nothing"]}
        files.session.post(body)
        assert {name: one["step"] for name, one in files.listed().items()} == {"model.pt": 4, "other.pt": 1}
    assert "model.pt" not in {one["path"] for one in files.session.get("/files?step=3")["items"]}
    versions = files.session.get("/files/versions?path=model.pt")["items"]
    assert [(one["version"], one["step"]) for one in versions] == [(0, 4)]
    assert [mark["step"] for mark in files.session.get("/marks") if mark["text"] == "model.pt"] == [4]
