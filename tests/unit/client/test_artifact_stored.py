"""A version as a server tells of it: what it says is looked at before anything is written."""

import hashlib
import json

import pytest

from playhead.client.artifacts.artifact import Artifact
from playhead.client.artifacts.digests import of_bytes
from playhead.client.artifacts.stored import Stored, known_here
from playhead.domain.errors import CommError, ConflictError, NotFoundError, UsageError
from playhead.wire.artifacts import ArtifactView

DATA = b"content"


class Server:
    """Says what it is told to say."""

    url = "http://server.example"

    def __init__(self, *paths):
        found = of_bytes(DATA)
        entry = {"digest": found.md5, "sha256": found.sha256, "size": found.size}
        self.text = json.dumps({"version": 1, "entries": dict.fromkeys(paths, entry)}).encode()
        self.asked = 0

    def manifest(self, _):
        self.asked += 1
        return self.text

    def artifact_contents(self, _, paths):
        return dict.fromkeys(paths, DATA)

    def artifact_link(self, *_):
        return None

    def artifact_piece(self, _where, _path, start, stop):
        return DATA[start:stop]

    def view(self, **changes):
        said = {
            "id": "x", "entity": "e", "project": "p", "name": "n", "version": 3, "type": "t", "state": "committed", "digest": "",
            "manifest": hashlib.sha256(self.text).hexdigest(), "size": 7, "count": 1, "aliases": ["latest"], "tags": [],
            "description": None, "metadata": {}, "ttl": None, "created_at": 1, "updated_at": 1, "committed_at": 1, "user": "u",
        }  # fmt: skip
        return ArtifactView(**said | changes)


def artifact(server, **changes):
    return Artifact.of(Stored(server, server.view(**changes)))


@pytest.mark.parametrize("path", ["../out", "/tmp/out", "a/../../out", "", "a//b", "a\\..\\out", "a\n", ".", "C:/out"])
def test_hostile_manifests(tmp_path, path):
    with pytest.raises(UsageError, match="which is no good"):
        artifact(Server("good", path)).download(tmp_path / "root")
    assert not [one for one in tmp_path.rglob("*") if one.is_file()]


@pytest.mark.parametrize("paths", [("a", "a/b"), (".git/config", "b")])
def test_manifests_that_do_not_fit_a_disk(tmp_path, paths):
    with pytest.raises(UsageError, match="is not written"):
        artifact(Server(*paths)).download(tmp_path / "root")
    assert not [one for one in tmp_path.rglob("*") if one.is_file()]


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b'{"version": 1, "entries": {"a": 3}}', b'{"version": 1, "entries": {"a": {"ref": 1}}}']
)
def test_what_is_no_manifest(tmp_path, text):
    server = Server("a")
    server.text = text
    with pytest.raises(UsageError, match="manifest"):
        artifact(server).download(tmp_path / "root")


def test_another_manifest_than_it_says(tmp_path):
    with pytest.raises(ConflictError, match="another manifest"):
        artifact(Server("a"), manifest="0" * 64).download(tmp_path / "root")


def test_names_that_lead_elsewhere_stay_in_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    root = artifact(Server("a"), name="../../n").download()
    assert root == "artifacts/.._.._n:v3"
    assert (tmp_path / root / "a").read_bytes() == DATA


def test_what_was_seen_is_known_without_a_server(tmp_path):
    server = Server("a")
    artifact(server).download(tmp_path / "root")
    found = Artifact.of(known_here(("e", "p", "n", "v3")))
    assert (found.name, found.aliases) == ("n:v3", ["latest"])
    found.download(tmp_path / "other")
    assert (tmp_path / "other" / "a").read_bytes() == DATA
    assert server.asked == 1
    found.description = "said"
    with pytest.raises(CommError, match="known from this disk only"):
        found.save()
    with pytest.raises(NotFoundError, match="is not on this disk"):
        known_here(("e", "p", "n", "v4"))


def test_one_file_of_several(tmp_path, monkeypatch):
    found = artifact(Server("a/b.txt", "c.txt"))
    with pytest.raises(UsageError, match="has 2 files"):
        found.file()
    assert found.get_entry("a/b.txt").download(tmp_path) == str(tmp_path / "a/b.txt")
    assert not (tmp_path / "c.txt").exists()
    found.download(tmp_path, path_prefix="c")
    assert (tmp_path / "c.txt").exists()
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "x").write_text("")
    with pytest.raises(UsageError, match="'more/x' is not part of it"):
        found.verify(tmp_path)
    for wrong in (tmp_path, tmp_path.parent):
        monkeypatch.chdir(tmp_path)
        with pytest.raises(UsageError, match="takes a folder of its own"):
            found.checkout(wrong)
    monkeypatch.chdir("/")
    found.checkout(tmp_path)
    found.verify(tmp_path)
    assert not (tmp_path / "more").exists()
    (tmp_path / "c.txt").write_text("changed")
    with pytest.raises(UsageError, match=r"'c\.txt' is not what was logged"):
        found.verify(tmp_path)
