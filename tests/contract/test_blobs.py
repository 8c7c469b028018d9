"""Blobs: in memory, in a folder, in an object store's own memory, and in S3 as `moto` plays it."""

import errno
import hashlib
import itertools
import os
import time
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from playhead.adapters.memory.blobs import MemoryBlobs
from playhead.adapters.obstore.blobs import ObjectBlobs
from playhead.adapters.obstore.folder import FolderBlobs
from playhead.domain.errors import BusyError, ConflictError, StorageError
from playhead.ports.blobs import Upload
from playhead.testing.blobs import BlobsContract

X = hashlib.sha256(b"x").hexdigest()
OF_X = Upload(X, "ada")


class TestMemory(BlobsContract):
    @pytest.fixture
    def blobs(self):
        return MemoryBlobs()


class TestFolder(BlobsContract):
    @pytest.fixture
    def blobs(self, tmp_path):
        return FolderBlobs(tmp_path / "a folder" / "blobs")


class TestObjectStore(BlobsContract):
    @pytest.fixture
    def blobs(self):
        return ObjectBlobs("memory:///")


@pytest.fixture(scope="module")
def s3():
    """The address of an S3."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


class TestS3(BlobsContract):
    buckets = itertools.count()

    @pytest.fixture
    def blobs(self, s3):
        name = f"blobs-{next(self.buckets)}"
        urllib.request.urlopen(urllib.request.Request(f"{s3}/{name}", method="PUT")).close()
        return ObjectBlobs(
            f"s3://{name}", endpoint=s3, access_key_id="x", secret_access_key="y", region="us-east-1",
            virtual_hosted_style_request="false", client_options={"allow_http": True},
        )  # fmt: skip

    def test_an_upload_of_wrong_bytes_leaves_no_parts(self, blobs, s3):
        data = os.urandom(18 << 20)
        piece = blobs.receive(OF_X, 0)
        piece.write(data)
        piece.close()
        with pytest.raises(ConflictError):
            blobs.finish(OF_X, len(data))
        bucket = f"{s3}/blobs-{next(self.buckets) - 1}"
        assert b"<Upload>" not in urllib.request.urlopen(f"{bucket}?uploads").read()
        assert b"<Contents>" not in urllib.request.urlopen(bucket).read()


def test_a_store_that_does_not_answer():
    blobs = ObjectBlobs(
        "s3://none", endpoint="http://127.0.0.1:9", access_key_id="x", secret_access_key="y", region="us-east-1",
        virtual_hosted_style_request="false", client_options={"allow_http": True},
        retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=1)},
    )  # fmt: skip
    for read in (blobs.get, blobs.size):
        with pytest.raises(StorageError, match="object store does not give"):
            read(X)
    for write in (
        lambda: blobs.has(X),
        lambda: blobs.put({X: b"x"}),
        lambda: blobs.arrived(OF_X),
        lambda: blobs.receive(OF_X, 0),
        lambda: blobs.finish(OF_X, 1),
    ):
        with pytest.raises(BusyError, match="object store takes nothing") as told:
            write()
        assert told.value.retry_after


# -- the folder --------------------------------------------------------------------------------------------------------


def partial(blobs, data, upload=OF_X, offset=0):
    piece = blobs.receive(upload, offset)
    piece.write(data)
    piece.close()


def test_a_folder_is_laid_out_by_digest(tmp_path):
    FolderBlobs(tmp_path).put({X: b"x"})
    assert (tmp_path / X[:2] / X[2:]).read_bytes() == b"x"
    assert not list((tmp_path / "incoming").iterdir())


@pytest.mark.parametrize("how", ["a folder", "a loop of links"])
def test_content_that_the_disk_does_not_give(tmp_path, how):
    blobs, place = FolderBlobs(tmp_path), tmp_path / X[:2] / X[2:]
    blobs.put({X: b"x"})
    place.unlink()
    place.mkdir() if how == "a folder" else place.symlink_to(place)
    with pytest.raises(StorageError, match=r"cannot read it \("):
        blobs.get(X)


def test_a_disk_that_fails_in_the_middle_is_told_when_one_goes_on(tmp_path, monkeypatch):
    blobs = FolderBlobs(tmp_path)
    data = os.urandom(3 << 20)
    sha256 = hashlib.sha256(data).hexdigest()
    blobs.put({sha256: data, X: b"x"})

    def pread(handle, size, at, real=os.pread):
        if at >= 1 << 20:
            raise OSError(errno.EIO, "Input/output error")
        return real(handle, size, at)

    with monkeypatch.context() as patch:
        patch.setattr(os, "pread", pread)
        pieces = blobs.get(sha256)
        with pytest.raises(OSError, match="Input/output"):
            list(pieces)
    with pytest.raises(StorageError, match="Input/output"):
        blobs.get(sha256)
    assert b"".join(blobs.get(X)) == b"x"
    later = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert b"".join(blobs.get(sha256)) == data


def test_an_upload_outlives_the_server(tmp_path):
    data = os.urandom(3 << 20)
    upload = Upload(hashlib.sha256(data).hexdigest(), "ada")
    partial(FolderBlobs(tmp_path), data[:1_500_000], upload)
    later = FolderBlobs(tmp_path)
    assert later.arrived(upload) == 1_500_000
    partial(later, data[1_500_000:], upload, 1_500_000)
    FolderBlobs(tmp_path).finish(upload, len(data))
    assert b"".join(later.get(upload.sha256)) == data


def test_servers_take_turns_at_one_upload(tmp_path):
    upload = Upload(hashlib.sha256(b"abcdef").hexdigest(), "ada")
    one, other = FolderBlobs(tmp_path), FolderBlobs(tmp_path)
    partial(one, b"ab", upload)
    partial(other, b"cd", upload, 2)
    partial(one, b"ef", upload, 4)
    one.finish(upload, 6)
    assert b"".join(one.get(upload.sha256)) == b"abcdef"


def test_what_a_power_cut_spoiled_is_noticed(tmp_path):
    upload = Upload(hashlib.sha256(b"abcdef").hexdigest(), "ada")
    partial(FolderBlobs(tmp_path), b"abc", upload)
    (tmp_path / "incoming" / f"{upload.sha256}-ada").write_bytes(b"a\0\0")
    later = FolderBlobs(tmp_path)
    partial(later, b"def", upload, 3)
    with pytest.raises(ConflictError):
        later.finish(upload, 6)


def test_nobody_can_add_to_what_is_stored(tmp_path):
    """Not even a connection that was open when its upload was stored."""
    blobs = FolderBlobs(tmp_path)
    partial(blobs, b"x")
    late = blobs.receive(OF_X, 1)
    blobs.finish(OF_X, 1)
    with pytest.raises(ConflictError):
        late.write(b"y")
    late.close()
    assert b"".join(blobs.get(X)) == b"x"


@pytest.mark.parametrize("way", ["put", "finish"])
def test_content_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch, way):
    synced = []

    def fsync(handle, real=os.fsync):
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    blobs = FolderBlobs(tmp_path)
    if way == "put":
        blobs.put({X: b"x"})
    else:
        partial(blobs, b"x")
        blobs.finish(OF_X, 1)
    incoming, folder, top = synced
    assert incoming.startswith(str(tmp_path / "incoming"))
    assert (folder, top) == (str(tmp_path / X[:2]), str(tmp_path))


def test_a_reader_that_goes_away_leaves_no_file_open(tmp_path):
    blobs = FolderBlobs(tmp_path)
    blobs.put({X: b"x"})
    before = len(list(Path("/proc/self/fd").iterdir()))
    unread, half = blobs.get(X), blobs.get(X)
    next(half)
    del unread, half
    assert len(list(Path("/proc/self/fd").iterdir())) == before
