"""Files to and from an object store, past the server: with S3 as `moto` plays it, and real connections."""

import os
import urllib.request

import pytest
from moto.server import ThreadedMotoServer

from a_run import digest
from playhead.client import downloads, uploads
from playhead.client.ingest import Ingest
from playhead.client.transport import HttpTransport
from playhead.domain.errors import CommError, NotFoundError
from playhead.domain.limits import FILE_PIECE, MAX_LINKS
from playhead.journal import format as f
from playhead.wire.files import FileView


@pytest.fixture(scope="module")
def s3():
    """The address of an S3 with a bucket `files`."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    urllib.request.urlopen(urllib.request.Request(f"{address}/files", method="PUT")).close()
    yield address
    server.stop()


def put(link, data):
    headers = {"Content-Type": "application/octet-stream"}
    urllib.request.urlopen(urllib.request.Request(link, data, headers, method="PUT"), timeout=60).close()


class Watched(HttpTransport):
    """Counts bytes of content that pass through the server, and can be cut."""

    sent = got = 0
    most = 1 << 60

    def send(self, request):
        if self.sent > self.most:
            raise CommError("cut")
        answer = super().send(request)
        if "/blobs/" in request.path:
            self.sent += len(request.body) if request.method == "PUT" else 0
            self.got += len(answer.body) if request.span else 0
        return answer


class Place:
    """A server with files in an S3, a run, and a large file."""

    def __init__(self, server, journal, folder):
        self.server = server
        self.way = Watched(server.url, server.key)
        self.client = Ingest(self.way, server.url)
        self.journal = journal().start()
        self.run = self.journal.run
        self.data = os.urandom(FILE_PIECE + 5)
        self.sha256 = digest(self.data)
        self.path = folder / "large"
        self.path.write_bytes(self.data)
        self.journal.record(f.FILE, path="large", sha256=self.sha256, size=len(self.data))
        self.client.append(self.journal.stream, 0, self.journal.data)

    def up(self, **how):
        return uploads.upload(self.client, self.run, self.sha256, self.path, **how)

    def down(self, target):
        view = FileView(
            path="large", sha256=self.sha256, size=len(self.data), step=0, time=0, segment="", version=0, versions=1
        )
        downloads.download(downloads.OfRun(self.client, self.run), view, target)
        return target.read_bytes()


@pytest.fixture
def place(own_server, journal, s3, tmp_path):
    """Makes it; `options` are the server's."""

    def make(*options, folder=tmp_path.name):
        own_server.start(
            *options, "--files", f"s3://files/{folder}", AWS_ENDPOINT_URL=s3, AWS_ACCESS_KEY_ID="x",
            AWS_SECRET_ACCESS_KEY="y", AWS_REGION="us-east-1", AWS_ALLOW_HTTP="true",
        )  # fmt: skip
        return Place(own_server, journal, tmp_path)

    return make


def test_content_goes_past_the_server(place, tmp_path):
    there = place()
    seen = []
    assert there.up(progress=seen.append) == len(there.data)
    assert there.way.sent == 0
    assert seen == sorted(seen)
    assert seen[-1] == len(there.data)
    assert there.client.arrived(there.run, there.sha256).complete
    assert there.up() == 0
    assert there.down(tmp_path / "down") == there.data
    assert there.way.got == 0
    assert there.client.upload_links(there.run, there.sha256, []) == []


def test_where_it_is_switched_off_content_goes_through_the_server(place, tmp_path):
    there = place("--no-files-direct")
    assert there.up() == there.way.sent == len(there.data)
    assert there.down(tmp_path / "down") == there.data
    assert there.way.got == len(there.data)
    assert there.client.link(there.run, there.sha256) is None


def test_what_is_put_by_a_link_is_verified(place, tmp_path):
    there = place()
    [link] = there.client.upload_links(there.run, there.sha256, [0])
    wrong = bytes(len(there.data))
    put(link, wrong)
    assert not there.client.arrived(there.run, there.sha256).complete
    with pytest.raises(NotFoundError):
        there.client.link(there.run, "0" * 64)
    with pytest.raises(NotFoundError):
        there.client.piece(there.run, there.sha256, 0, 10)
    assert there.up() == len(there.data)
    assert there.down(tmp_path / "down") == there.data


def test_it_goes_on_after_a_cut(place, tmp_path):
    there = place()
    [first, _] = there.client.upload_links(there.run, there.sha256, [0, FILE_PIECE])
    piece = there.data[:FILE_PIECE]
    put(first, piece)
    assert there.client.arrived(there.run, there.sha256).offset == FILE_PIECE
    assert there.up() == len(there.data) - FILE_PIECE
    assert there.down(tmp_path / "down") == there.data


def test_a_store_that_cannot_be_reached_is_gone_round(place, tmp_path, monkeypatch):
    there = place()
    for name in ("link", "upload_links"):
        real = getattr(Ingest, name)

        def lost(*arguments, real=real):
            found = real(*arguments)
            gone = "http://127.0.0.1:9/gone?signed"
            return gone if isinstance(found, str) else [gone] * len(found)

        monkeypatch.setattr(Ingest, name, lost)
    assert there.up() == there.way.sent == len(there.data)
    assert there.down(tmp_path / "down") == there.data
    assert there.way.got == len(there.data)


def test_a_store_that_sends_something_else_is_not_believed(place, tmp_path, monkeypatch):
    there = place()
    there.up()
    other = os.urandom(len(there.data))
    [link] = there.client.upload_links(there.run, digest(other), [0])
    put(link, other)
    path = tmp_path / "other"
    path.write_bytes(other)
    uploads.upload(there.client, there.run, digest(other), path)
    there.journal.record(f.FILE, path="other", sha256=digest(other), size=len(other))
    there.journal.send(there.client)
    wrong = there.client.link(there.run, digest(other))
    monkeypatch.setattr(Ingest, "link", lambda *_: wrong)
    assert there.down(tmp_path / "down") == there.data
    assert there.way.got == len(there.data)


@pytest.mark.parametrize("offsets", [[-1], [1 << 50], list(range(MAX_LINKS + 1))])
def test_offsets_that_cannot_be(server, journal, offsets):
    made = journal().start()
    server.client().append(made.stream, 0, made.data)
    path = f"/api/v1/runs/{'/'.join(made.run)}/blobs/{'0' * 64}/upload/links"
    assert server.request("POST", path, body={"offsets": offsets}).status in {400, 413}
