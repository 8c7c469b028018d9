"""Blobs: in memory, in a folder, in an object store's own memory."""

import os
from pathlib import Path

import pytest

from playhead.adapters.memory.blobs import MemoryBlobs
from playhead.adapters.obstore.blobs import ObjectBlobs
from playhead.testing.blobs import BlobsContract


class TestMemory(BlobsContract):
    @pytest.fixture
    def blobs(self):
        return MemoryBlobs()


class TestFolder(BlobsContract):
    @pytest.fixture
    def blobs(self, tmp_path):
        return ObjectBlobs(str(tmp_path / "a folder" / "blobs"))


class TestFolderByUrl(BlobsContract):
    @pytest.fixture
    def blobs(self, tmp_path):
        return ObjectBlobs((tmp_path / "a folder").as_uri())


class TestObjectStore(BlobsContract):
    @pytest.fixture
    def blobs(self):
        return ObjectBlobs("memory:///")


def test_a_folder_forgets_what_a_crash_left(tmp_path):
    (tmp_path / "incoming").mkdir()
    (tmp_path / "incoming" / "half").write_bytes(b"x")
    ObjectBlobs(str(tmp_path))
    assert not list((tmp_path / "incoming").iterdir())


def test_a_folder_is_laid_out_by_digest(tmp_path):
    digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    ObjectBlobs(str(tmp_path)).put(digest, b"x")
    assert (tmp_path / digest[:2] / digest[2:]).read_bytes() == b"x"


def test_content_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    synced = []

    def fsync(handle, real=os.fsync):
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    ObjectBlobs(str(tmp_path)).put("2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", b"x")
    incoming, folder, top = synced
    assert incoming.startswith(str(tmp_path / "incoming"))
    assert (folder, top) == (str(tmp_path / "2d"), str(tmp_path))
