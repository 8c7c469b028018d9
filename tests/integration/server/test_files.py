"""Files of a run as of any step, and their content on its way up and down, over real connections."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest

from a_run import Run, digest
from a_server import ME
from playhead.client import downloads, transfer, transport, uploads
from playhead.client.ingest import Ingest
from playhead.client.transport import HttpTransport
from playhead.domain.errors import (
    CommError,
    ConflictError,
    LimitError,
    NotFoundError,
    PlayheadError,
    StorageError,
    UsageError,
)
from playhead.domain.limits import FILE_PIECE, MAX_FILE, MAX_FILE_NAME
from playhead.journal import format as f
from playhead.services.uploads import PARTIAL_FOR
from playhead.wire.files import FileView
from waiting import until

DISK = ["unshare", "--mount", "--user", "--map-root-user", "sh", "-c"]
"""A shell that may have a file system of its own."""


class Files(Run):
    """A run with files."""

    def __init__(self, server, journal, key=None, **header):
        self.server = server
        super().__init__(server.client(key), journal(**header))

    def path(self, rest):
        return f"/api/v1/runs/{'/'.join(self.run)}{rest}"

    def get(self, rest, key="local", **headers):
        return self.server.request("GET", self.path(rest), key, **headers)

    def listed(self, **place):
        return {one.path: one for one in self.client.files(self.run, **place)}

    def content(self, name, **query):
        text = "".join(f"&{key}={value}" for key, value in query.items())
        answer = self.get(f"/file?path={quote(name)}{text}")
        return answer.data.decode() if answer.status == 200 else answer.status


@pytest.fixture
def files(server, journal):
    return Files(server, journal)


def some(run, name="big.bin", size=20 << 20):
    """Content, and a file of it."""
    data = os.urandom(size)
    return FileView(path=name, sha256=digest(data), size=size, step=0, time=0, segment="", version=0, versions=1), data


# -- as of a step ------------------------------------------------------------------------------------------------------


def test_files_are_seen_as_of_a_step(files):
    files.save(1, "model.pt", "one").save(1, "log.txt", "x").save(5, "model.pt", "five")
    files.journal.record(f.FILE, 7, path="log.txt", deleted=True)
    files.flush()
    head, at_1, at_0 = files.listed(), files.listed(step=1), files.listed(step=0)
    assert (list(head), list(at_1), list(at_0)) == (["model.pt"], ["log.txt", "model.pt"], [])
    model = head["model.pt"]
    assert (model.sha256, model.size, model.step, model.version, model.versions) == (digest(b"five"), 4, 5, 1, 2)
    assert model.segment == files.journal.header.segment
    assert (at_1["model.pt"].version, at_1["model.pt"].versions) == (0, 2)
    assert [files.content("model.pt", step=step) for step in (4, 5)] == ["one", "five"]
    assert [files.content("model.pt", version=number) for number in (0, 1, 2)] == ["one", "five", 404]
    assert (files.content("log.txt"), files.content("log.txt", step=6)) == (404, "x")


def test_versions_of_archived_segments_are_still_there(files):
    files.save(1, "model.pt", "one").save(5, "model.pt", "five").journal.rows(9)
    files.flush()
    files.client.rewind(files.run, step=3)
    assert files.content("model.pt") == "one"
    assert [(one.version, one.step) for one in files.client.file_versions(files.run, "model.pt")] == [(1, 5), (0, 1)]
    assert files.content("model.pt", segment=files.journal.header.segment) == "five"
    assert files.content("model.pt", version=1) == "five"


def test_a_later_segment_hides_an_earlier_ones_file(files, journal):
    files.save(1, "model.pt", "one").save(3, "other.pt", "three").journal.rows(9)
    files.flush()
    header = files.journal.header
    later = Files(
        files.server, journal, run_id=files.run.run_id, parent=header.segment, parent_step=4, step=5, created_at=header.created_at + 1,
    )  # fmt: skip
    later.save(2, "model.pt", "late").flush()
    files.save(4, "model.pt", "older, though written last").flush()
    assert (later.content("model.pt"), later.content("other.pt")) == ("late", "three")
    assert later.content("model.pt", step=1) == "one"


def test_a_fork_shows_what_its_parent_had_then(files, journal):
    files.save(1, "model.pt", "one").journal.rows(9)
    files.flush()
    header = files.journal.header
    fork = Files(
        files.server, journal, parent=header.segment, parent_step=4, step=5, fork_of=f"demo/{files.run.run_id}"
    )
    files.save(6, "model.pt", "six").save(6, "secret.pt", "six").flush()
    assert fork.content("model.pt") == "one"
    assert [one.step for one in fork.client.file_versions(fork.run, "model.pt")] == [1]
    assert fork.get(f"/blobs/{digest(b'six')}").status == 404
    assert fork.get(f"/blobs/{digest(b'one')}").data == b"one"


def test_lists_are_paged_and_filtered(files):
    for number in range(7):
        files.save(0, f"eval/{number}.txt", str(number)).save(number, "model.pt", str(number))
    files.save(0, "media/images/a.png", "x", media=True).flush()
    names = [f"eval/{number}.txt" for number in range(7)]
    assert [one.path for one in files.client.files(files.run, page_size=3)] == [*names, "model.pt"]
    assert [one.path for one in files.client.files(files.run, prefix="eval/", page_size=7)] == names
    assert "media/images/a.png" in [one.path for one in files.client.files(files.run, media=True)]
    versions = list(files.client.file_versions(files.run, "model.pt", page_size=2))
    assert [one.version for one in versions] == [6, 5, 4, 3, 2, 1, 0]
    assert files.get("/files/versions?path=model.pt&cursor=x").status == 400


def test_what_is_not_there_is_told_with_near_names(files):
    files.save(0, "model-best.pt", "x").flush()
    with pytest.raises(NotFoundError, match=r"no file 'model-bst\.pt' there\. Near: model-best\.pt\."):
        list(files.client.file_versions(files.run, "model-bst.pt"))
    files.journal.record(f.FILE, path="late.pt", sha256=digest(b"never sent"), size=10)
    files.flush()
    assert b"has not arrived" in files.get("/file?path=late.pt").data


BAD_NAMES = ["../x", "a/../../x", "/etc/passwd", "", ".", "a//b", "a/./b", "a\nb", "a\x1b[2Jb", "..\\x", "C:\\x", "C:/x",
             "a\u2028b", "x" * (MAX_FILE_NAME + 1)]  # fmt: skip


@pytest.mark.parametrize("name", BAD_NAMES, ids=lambda name: repr(name)[:20])
def test_a_bad_name_is_left_out_and_counted(files, name, tmp_path):
    files.save(0, name, "x").save(0, "good", "x").flush()
    page = json.loads(files.get("/files").data)
    assert ([one["path"] for one in page["items"]], page["left_out"]) == (["good"], 1)
    assert files.get(f"/file?path={quote(name)}").status in {404, 422}
    with pytest.raises(UsageError, match="is not written below"):
        downloads.inside(tmp_path, name)


@pytest.mark.parametrize(
    "record",
    [
        {"path": "a", "size": 1}, {"path": "a", "sha256": "A" * 64, "size": 1}, {"path": "a", "sha256": "a" * 64},
        {"path": "a", "sha256": "a" * 64, "size": -1}, {"path": "a", "sha256": "a" * 64, "size": "1"},
        {"path": 5, "sha256": "a" * 64, "size": 1}, {"sha256": "a" * 64, "size": 1},
    ],
    ids=repr,
)  # fmt: skip
def test_a_bad_record_is_left_out(files, record):
    files.journal.record(f.FILE, 0, **record)
    files.flush()
    assert json.loads(files.get("/files").data) == {"items": [], "next": None, "left_out": 1}


# -- who may see it ----------------------------------------------------------------------------------------------------


def test_readers_from_outside_see_files_but_no_code(server, journal, bob):
    files = Files(server, journal, project="shop-window")
    for name in ("model.pt", "diff.patch", "diff_0a1b.patch", "code/train.py", "repo.bundle"):
        files.save(0, name, name)
    files.save(0, "marked.txt", "marked", code=True).flush()
    assert files.get("/files", bob).status == 404
    server.request("PATCH", f"/api/v1/projects/{ME}/shop-window", body={"visibility": "public"})
    listed = [one["path"] for one in json.loads(files.get("/files", bob).data)["items"]]
    assert listed == ["model.pt"]
    assert len(files.listed()) == 6
    assert files.get("/file?path=model.pt", bob).data == b"model.pt"
    for name in ("diff.patch", "marked.txt"):
        assert files.get(f"/file?path={name}", bob).status == 404
        assert files.get(f"/files/versions?path={name}", bob).status == 404
    assert files.get(f"/blobs/{digest(b'marked')}", bob).status == 404
    for method, rest, body in [
        ("PUT", f"/blobs/{digest(b'x')}?offset=0&total=1", b"x"), ("GET", f"/blobs/{digest(b'x')}/upload", None),
        ("POST", "/missing", {"digests": []}), ("POST", "/blobs", b"\x80"),
    ]:  # fmt: skip
        assert server.request(method, files.path(rest), bob, body).status == 403, rest
        assert server.request(method, files.path(rest), None, body).status == 401, rest


def test_to_know_a_digest_is_not_to_have_the_content(server, journal, bob):
    """Whoever names content that others have brought must bring it too, byte for byte. It is stored once all the same."""
    secret = os.urandom(600 << 10)
    sha256 = digest(secret)
    Files(server, journal).save(0, "weights", secret).flush()
    theirs = Files(server, journal, bob, entity="bob", project="theirs")
    theirs.journal.record(f.FILE, 0, path="weights", sha256=sha256, size=len(secret))
    theirs.flush()
    blob = theirs.path(f"/blobs/{sha256}")

    def nothing():
        assert theirs.client.missing(theirs.run, [sha256]) == {sha256}
        assert not theirs.client.arrived(theirs.run, sha256).complete
        for rest in ("/file?path=weights", f"/blobs/{sha256}"):
            assert theirs.get(rest, bob).status == 404
        return True

    assert nothing()
    for query in ("", f"?offset=0&total={len(secret)}"):
        assert server.request("PUT", blob + query, bob, bytes(len(secret))).status == 409
        assert nothing()
    for query in (f"?offset={len(secret)}&total={len(secret)}", "?offset=0&total=0"):
        assert server.request("PUT", blob + query, bob, b"").status == 409
        assert nothing()
    lie = msgspec.msgpack.encode({sha256: b"something else"})
    assert server.request("POST", theirs.path("/blobs"), bob, lie).status == 409
    assert nothing()
    assert server.request("PUT", blob + "?offset=0", bob, secret[:10]).status == 200
    assert nothing()
    assert server.request("PUT", f"{blob}?offset=10&total={len(secret)}", bob, secret[10:]).status == 200
    assert theirs.client.missing(theirs.run, [sha256]) == set()
    assert theirs.get("/file?path=weights", bob).data == secret


def test_content_of_a_deleted_run_stays_with_forks_of_it(server, journal):
    old = Files(server, journal, project="left")
    old.save(0, "weights", b"of the old run")
    old.journal.rows(3)
    old.flush()
    parent = old.journal.header.segment
    fork = Files(server, journal, project="right", parent=parent, parent_step=2)
    assert fork.get("/file?path=weights").data == b"of the old run"
    old.client.delete(old.run, forever=True)
    assert fork.get("/file?path=weights").data == b"of the old run"


# -- content as answers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "status", "told", "content"),
    [
        ("bytes=2-4", 206, "bytes 2-4/10", "234"), ("bytes=7-", 206, "bytes 7-9/10", "789"),
        ("bytes=-3", 206, "bytes 7-9/10", "789"), ("bytes=8-100", 206, "bytes 8-9/10", "89"),
        ("bytes=0-9", 206, "bytes 0-9/10", "0123456789"), ("bytes=-100", 206, "bytes 0-9/10", "0123456789"),
        ("bytes=10-", 416, "bytes */10", None), ("bytes=-0", 416, "bytes */10", None),
        ("bytes=5-2", 200, None, "0123456789"), ("bytes=0-1,4-5", 200, None, "0123456789"),
        ("lines=1-2", 200, None, "0123456789"), ("bytes=-", 200, None, "0123456789"),
        (f"bytes={10**30}-", 416, "bytes */10", None),
    ],
)  # fmt: skip
def test_ranges(files, asked, status, told, content):
    files.save(0, "digits.txt", "0123456789").flush()
    for place in ("/file?path=digits.txt", f"/blobs/{digest(b'0123456789')}"):
        answer = files.get(place, Range=asked)
        assert (answer.status, answer.headers.get("content-range")) == (status, told)
        if content is not None:
            assert answer.data.decode() == content
            assert answer.headers["content-length"] == str(len(content))


def test_unchanged_content_is_not_sent_again(files):
    files.save(0, "a.txt", "x").flush()
    answer = files.get("/file?path=a.txt")
    tag = answer.headers["etag"]
    assert tag == f'"{digest(b"x")}"'
    assert files.get("/file?path=a.txt", If_None_Match=f'"y", W/{tag}').status == 304
    assert files.get("/file?path=a.txt", Range="bytes=0-0", If_Range=tag).status == 206
    assert files.get("/file?path=a.txt", Range="bytes=0-0", If_Range='"old"').status == 200


@pytest.mark.parametrize(
    ("name", "kind", "how"),
    [
        ("a.txt", "text/plain; charset=utf-8", "inline"), ("a.py", "text/plain; charset=utf-8", "inline"),
        ("diff.patch", "text/plain; charset=utf-8", "inline"), ("a.json", "text/plain; charset=utf-8", "inline"),
        ("a.js", "text/plain; charset=utf-8", "inline"), ("a.png", "image/png", "inline"),
        ("a.html", "application/octet-stream", "attachment"), ("a.HTM", "application/octet-stream", "attachment"),
        ("a.xhtml", "application/octet-stream", "attachment"), ("a.svg", "application/octet-stream", "attachment"),
        ("a.xml", "application/octet-stream", "attachment"), ("model.pt", "application/octet-stream", "attachment"),
        ("a.html.gz", "application/octet-stream", "attachment"),
    ],
)  # fmt: skip
def test_no_browser_runs_what_a_run_saved(files, name, kind, how):
    files.save(0, f"some/{name}", "<script>alert(1)</script>").flush()
    answer = files.get(f"/file?path=some/{name}")
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"] == f"{how}; filename=\"{name}\"; filename*=UTF-8''{name}"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_a_name_cannot_end_its_header(files):
    files.save(0, 'a"; x="ü.txt', "x").flush()
    told = files.get(f"/file?path={quote(chr(97) + chr(34))}%3B%20x%3D%22%C3%BC.txt").headers["content-disposition"]
    assert told == "inline; filename=\"a__ x___.txt\"; filename*=UTF-8''a%22%3B%20x%3D%22%C3%BC.txt"


# -- content on its way up ---------------------------------------------------------------------------------------------


def put(files, sha256, body, **query):
    text = "&".join(f"{key}={value}" for key, value in query.items())
    answer = files.server.request("PUT", files.path(f"/blobs/{sha256}?{text}"), body=body)
    return answer.status, json.loads(answer.data)


def test_pieces(files):
    data = os.urandom(10)
    sha256 = digest(data)
    assert put(files, sha256, data[:4], offset=0) == (200, {"offset": 4, "complete": False})
    assert files.client.arrived(files.run, sha256).offset == 4
    status, told = put(files, sha256, data[5:], offset=5, total=10)
    assert (status, told["error"]["code"], told["error"]["offset"]) == (409, "offset", 4)
    assert put(files, sha256, data[4:7], offset=4, total=10) == (200, {"offset": 7, "complete": False})
    assert files.client.missing(files.run, [sha256]) == {sha256}
    assert put(files, sha256, data[7:], offset=7, total=10) == (200, {"offset": 10, "complete": True})
    assert put(files, sha256, b"anything", offset=0) == (200, {"offset": 10, "complete": True})
    assert files.client.missing(files.run, [sha256, digest(b"?")]) == {digest(b"?")}


def test_wrong_content_is_thrown_away(files):
    sha256 = digest(b"right")
    for query in ({"offset": 0, "total": 5}, {}):
        status, told = put(files, sha256, b"wrong", **query)
        assert (status, told["error"]["code"]) == (409, "conflict")
        assert "thrown away" in told["error"]["message"]
        assert files.client.arrived(files.run, sha256).offset == 0
    with pytest.raises(ConflictError):
        files.client.put_blobs(files.run, {digest(b"a"): b"a", sha256: b"wrong"})
    assert len(files.client.missing(files.run, [sha256, digest(b"a")])) == 2


def test_more_than_the_length_is_refused(files):
    sha256 = digest(b"right")
    assert put(files, sha256, b"rightmost", offset=0, total=5)[0] == 400
    answer = files.server.request(  # without a length
        "PUT", files.path(f"/blobs/{sha256}?offset=0&total=5"), body=iter([b"right", b"most"])
    )
    assert (answer.status, b"longer than the 5 bytes" in answer.data) == (400, True)
    assert put(files, sha256, b"x", offset=6, total=5)[0] == 400
    assert put(files, sha256, b"", offset=0, total=MAX_FILE + 1)[0] == 422
    assert not files.client.arrived(files.run, sha256).complete
    assert put(files, sha256, b"right", offset=0, total=5)[0] == 200


@pytest.mark.parametrize("body", [b"", b"x", b"\x81\xa1a\x01", b"\x93", b"\x81\xa2xx\xc4\x01x"])
def test_a_pack_that_is_none(files, body):
    assert files.server.request("POST", files.path("/blobs"), body=body).status == 400


def test_too_many_at_once(files):
    with pytest.raises(LimitError):
        files.client.missing(files.run, [digest(b"x")] * 1001)
    with pytest.raises(UsageError):
        files.client.missing(files.run, ["../../x"])


def raw_put(files, sha256, offset, total, data, query="?offset={offset}&total={total}"):
    """Sends the head of a request and some of its body, and returns the connection."""
    address = files.server.url.removeprefix("http://").split(":")
    connection = socket.create_connection((address[0], int(address[1])))
    path = files.path(f"/blobs/{sha256}{query.format(offset=offset, total=total)}")
    head = f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {files.server.key}\r\n"
    connection.sendall(f"{head}Content-Length: {total - offset}\r\n\r\n".encode() + data)
    return connection


def test_what_came_before_a_cut_is_kept(files, tmp_path):
    one, data = some(files)
    raw_put(files, one.sha256, 0, one.size, data[: 5 << 20]).close()
    until(lambda: files.client.arrived(files.run, one.sha256).offset == 5 << 20)
    (tmp_path / "big.bin").write_bytes(data)
    sent = uploads.upload(files.client, files.run, one.sha256, tmp_path / "big.bin")
    assert sent == one.size - (5 << 20)
    assert uploads.upload(files.client, files.run, one.sha256, tmp_path / "big.bin") == 0


def test_a_connection_that_hangs_holds_up_nobody(files, tmp_path):
    one, data = some(files)
    with raw_put(files, one.sha256, 0, one.size, data[: 3 << 20]) as hanging:
        until(lambda: files.client.arrived(files.run, one.sha256).offset > 0)
        (tmp_path / "big.bin").write_bytes(data)
        uploads.upload(files.client, files.run, one.sha256, tmp_path / "big.bin")
        hanging.sendall(data[3 << 20 :])
        assert b" 409 " in hanging.recv(100) or files.client.arrived(files.run, one.sha256).complete
    files.journal.record(f.FILE, path=one.path, sha256=one.sha256, size=one.size)
    files.flush()
    assert files.get("/file?path=big.bin").data == data


def test_an_upload_goes_on_after_the_server_was_killed(own_server, journal, tmp_path):
    files = Files(own_server.start(), journal)
    one, data = some(files, size=3 * FILE_PIECE)
    (tmp_path / "big.bin").write_bytes(data)
    port = int(own_server.url.rpartition(":")[2])
    seen = []

    def kill(done):
        seen.append(done)
        if len(seen) == 2:
            own_server.process.kill()
            own_server.process.wait()
            threading.Timer(0.5, lambda: own_server.start(port=port)).start()

    sent = uploads.upload(Ingest.at(own_server.url, own_server.key), files.run, one.sha256, tmp_path / "big.bin", kill)
    until(lambda: own_server.process.poll() is None and files.client.arrived(files.run, one.sha256).complete)
    assert sent == one.size
    assert seen == sorted(seen)
    assert seen[-1] == one.size


def test_uploads_that_nobody_goes_on_with_are_thrown_away(own_server, journal):
    files = Files(own_server.start(), journal)
    put(files, digest(b"old"), b"o", offset=0)
    put(files, digest(b"new"), b"n", offset=0)
    old = next((own_server.data / "blobs/incoming").glob(f"{digest(b'old')}-*"))
    os.utime(old, (time.time() - PARTIAL_FOR - 60,) * 2)
    own_server.stop()
    files = Files(own_server.start(), journal)
    put(files, digest(b"x"), b"x", offset=0)
    assert not old.exists()
    assert len(list(old.parent.iterdir())) == 2


def test_a_whole_body_that_is_cut_leaves_nothing(own_server, journal):
    files = Files(own_server.start(), journal)
    with raw_put(files, digest(b"?" * (4 << 20)), 0, 4 << 20, b"?" * (3 << 20), query="") as connection:
        until(lambda: list((own_server.data / "blobs/incoming").iterdir()))
        connection.close()
    until(lambda: not list((own_server.data / "blobs/incoming").iterdir()))
    assert put(files, digest(b"whole"), b"whole") == (200, {"offset": 5, "complete": True})


class Uncertain(HttpTransport):
    """Loses every second answer."""

    calls = 0

    def send(self, request):
        answer = super().send(request)
        self.calls += 1
        if self.calls % 2:
            raise CommError("the line is bad")
        return answer


def quickly(seconds=20.0):
    return transfer.Tries(seconds, pause=lambda wait: time.sleep(min(wait, 0.01)))


@pytest.mark.parametrize("loopback", [True, False], ids=["plain sockets", "the library for far servers"])
def test_up_and_down_over_a_bad_line(files, tmp_path, monkeypatch, loopback):
    monkeypatch.setattr(transport, "is_loopback", lambda _: loopback)
    one, data = some(files, size=4 * FILE_PIECE + 1)
    (tmp_path / "big.bin").write_bytes(data)
    bad = Ingest(Uncertain(files.server.url, files.server.key), files.server.url)
    uploads.upload(bad, files.run, one.sha256, tmp_path / "big.bin", tries=quickly())
    files.journal.record(f.FILE, path=one.path, sha256=one.sha256, size=one.size)
    files.flush()
    assert downloads.download(downloads.OfRun(bad, files.run), one, tmp_path / "again.bin", tries=quickly())
    assert (tmp_path / "again.bin").read_bytes() == data


def test_patience_ends(files, tmp_path):
    class Dead(HttpTransport):
        def send(self, request):
            raise CommError("nobody there")

    (tmp_path / "a").write_bytes(b"a")
    with pytest.raises(CommError, match="nobody there"):
        uploads.upload(Ingest(Dead(files.server.url), "x"), files.run, digest(b"a"), tmp_path / "a", tries=quickly(0.1))


def test_a_file_that_changed_is_not_sent_as_what_it_was(files, tmp_path):
    (tmp_path / "a").write_bytes(b"new")
    with pytest.raises(ConflictError, match="changed before it was sent"):
        uploads.upload(files.client, files.run, digest(b"old"), tmp_path / "a", tries=quickly())
    (tmp_path / "a").write_bytes(b"old and more")
    uploads.upload(files.client, files.run, digest(b"old and more"), tmp_path / "a")
    with pytest.raises(FileNotFoundError):
        uploads.upload(files.client, files.run, digest(b"x"), tmp_path / "none")


def test_many_files_go_together_and_only_what_is_missing(files, tmp_path):
    contents = [os.urandom(100) for _ in range(1500)] + [os.urandom(1 << 20) for _ in range(4)]
    contents = [contents[0], contents[1], *contents, contents[-1]]
    out = []
    for number, data in enumerate(contents):
        (tmp_path / str(number)).write_bytes(data)
        out.append(uploads.Outgoing(digest(data), tmp_path / str(number), len(data)))
    (tmp_path / "7").write_bytes(b"changed")
    (tmp_path / "8").unlink()
    told = []
    uploads.upload_all(files.client, files.run, out, told.append)
    failed = {one.file.path.name: type(one.error) for one in told if one.error}
    assert failed == {"7": ConflictError, "8": FileNotFoundError}
    assert sorted(one.file for one in told) == sorted(out)
    assert sum(one.sent for one in told) == 1498 * 100 + (4 << 20)
    told.clear()
    uploads.upload_all(files.client, files.run, out[10:], told.append)
    assert (len(told), sum(one.sent for one in told)) == (len(out) - 10, 0)


def test_a_full_disk_of_the_server(tmp_path):
    """It says so, keeps what it has, and goes on when there is room."""
    if subprocess.run([*DISK, "mount -t tmpfs none /mnt"], check=False, capture_output=True).returncode:
        pytest.skip("nobody may mount a disk of their own here: util-linux's unshare with user namespaces is needed")
    (tmp_path / "disk").mkdir()
    program = Path(__file__).with_name("a_full_disk.py")
    script = f"cd '{tmp_path}' && mount -t tmpfs -o size=40m none disk && '{sys.executable}' '{program}' disk ."
    done = subprocess.run([*DISK, script], capture_output=True, text=True, check=False, timeout=100)
    assert done.stdout.splitlines() == ["no space left", "complete"], done.stderr


# -- content on its way down -------------------------------------------------------------------------------------------


@pytest.fixture
def saved(files, tmp_path):
    """A large file on the server."""
    one, data = some(files)
    (tmp_path / "source").write_bytes(data)
    uploads.upload(files.client, files.run, one.sha256, tmp_path / "source")
    files.journal.record(f.FILE, path=one.path, sha256=one.sha256, size=one.size)
    files.flush()
    return one, data


class Counting(HttpTransport):
    """Counts bytes of content, and ends after so many."""

    got, most = 0, 1 << 60

    def send(self, request):
        if request.span and self.got >= self.most:
            raise CommError("cut")
        answer = super().send(request)
        self.got += len(answer.body) if request.span else 0
        return answer


def test_a_download_goes_on_where_it_was_cut(files, saved, tmp_path):
    one, data = saved
    target = tmp_path / "down" / "deep" / "big.bin"
    cut = Counting(files.server.url, files.server.key)
    cut.most = FILE_PIECE
    with pytest.raises(CommError):
        downloads.download(downloads.OfRun(Ingest(cut, "x"), files.run), one, target, tries=quickly(0.05))
    assert not target.exists()
    rest = Counting(files.server.url, files.server.key)
    seen = []
    assert downloads.download(downloads.OfRun(Ingest(rest, "x"), files.run), one, target, seen.append)
    assert (rest.got, seen[-1]) == (one.size - FILE_PIECE, one.size)
    assert target.read_bytes() == data
    assert [path.name for path in target.parent.iterdir()] == ["big.bin"]
    assert not downloads.download(downloads.OfRun(files.client, files.run), one, target)


def test_a_spoiled_rest_is_fetched_anew(files, saved, tmp_path):
    one, data = saved
    target = tmp_path / "big.bin"
    cut = Counting(files.server.url, files.server.key)
    cut.most = FILE_PIECE
    with pytest.raises(CommError):
        downloads.download(downloads.OfRun(Ingest(cut, "x"), files.run), one, target, tries=quickly(0.05))
    part = next(tmp_path.glob(".playhead-*"))
    with part.open("r+b") as file:
        file.write(b"spoiled")
    downloads.download(downloads.OfRun(files.client, files.run), one, target)
    assert target.read_bytes() == data


class Lying(HttpTransport):
    """Sends other bytes, or fewer, than it was asked for."""

    keep = 1 << 60

    def send(self, request):
        answer = super().send(request)
        return answer._replace(body=bytes(len(answer.body))[: self.keep]) if request.span else answer


@pytest.mark.parametrize("keep", [1 << 60, 5])
def test_what_a_server_sends_is_verified(files, saved, tmp_path, keep):
    one, _ = saved
    lying = Lying(files.server.url, files.server.key)
    lying.keep = keep
    (tmp_path / "big.bin").write_bytes(b"mine")
    with pytest.raises(ConflictError):
        downloads.download(downloads.OfRun(Ingest(lying, "x"), files.run), one, tmp_path / "big.bin", tries=quickly())
    assert (tmp_path / "big.bin").read_bytes() == b"mine"


def test_nothing_is_written_outside_the_root(files, saved, tmp_path):
    one, _ = saved
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "link").symlink_to(outside)
    (root / "file").symlink_to(outside / "file")
    told = {}
    hostile = [FileView(**{**vars_of(one), "path": name}) for name in ("../x", "link/x", "a/../../x", "file")]
    downloads.download_all(
        downloads.OfRun(files.client, files.run), hostile, root, lambda file, error: told.update({file.path: error})
    )
    assert {name: type(error) for name, error in told.items()} == {
        "../x": UsageError, "link/x": UsageError, "a/../../x": UsageError, "file": type(None),
    }  # fmt: skip
    assert list(outside.iterdir()) == []
    assert not (root / "file").is_symlink()
    with pytest.raises(UsageError):
        downloads.download(downloads.OfRun(files.client, files.run), one, root / "link" / "x", root=root)


def vars_of(view):
    return {name: getattr(view, name) for name in view.__dataclass_fields__}


def test_targets_that_cannot_be(files, saved, tmp_path):
    one, _ = saved
    (tmp_path / "a file").write_bytes(b"")
    (tmp_path / "a folder").mkdir()
    for target in (tmp_path / "a file" / "x", tmp_path / "a folder"):
        with pytest.raises(UsageError, match="cannot be written"):
            downloads.download(downloads.OfRun(files.client, files.run), one, target)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match="cannot be written"):
        downloads.download(downloads.OfRun(files.client, files.run), one, tmp_path / "loop/x", root=tmp_path)


def test_no_space_left_here(files, saved, tmp_path):
    one, _ = saved
    huge = FileView(**{**vars_of(one), "size": 1 << 60})
    with pytest.raises(LimitError, match="no space left"):
        downloads.download(downloads.OfRun(files.client, files.run), huge, tmp_path / "huge.bin")
    assert not list(tmp_path.glob(".playhead-*"))


def test_two_fetch_the_same(files, saved, tmp_path):
    one, data = saved
    raised = []

    def fetch():
        try:
            downloads.download(downloads.OfRun(files.client, files.run), one, tmp_path / "big.bin")
        except PlayheadError as error:
            raised.append(error)

    threads = [threading.Thread(target=fetch) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []
    assert (tmp_path / "big.bin").read_bytes() == data
    assert not list(tmp_path.glob(".playhead-*"))


def test_content_that_the_server_cannot_read(own_server, journal, tmp_path):
    """It is told at once, not asked for again and again."""
    files = Files(own_server.start(), journal).save(0, "a.txt", b"what the disk lost").flush()
    sha256 = digest(b"what the disk lost")
    blob = own_server.data / "blobs" / sha256[:2] / sha256[2:]
    blob.unlink()
    blob.mkdir()
    answer = files.get("/file?path=a.txt")
    assert (answer.status, json.loads(answer.data)["error"]["code"]) == (500, "storage")
    with pytest.raises(StorageError, match="Whoever runs the server should look"):
        downloads.download(downloads.OfRun(files.client, files.run), files.listed()["a.txt"], tmp_path / "a.txt")
    assert not (tmp_path / "a.txt").exists()
