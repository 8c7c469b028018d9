"""Files of an artifact on their way to a folder: from a source that may lie, and a cache that may be damaged."""

import hashlib
import os
import threading

import pytest

from playhead.client.artifacts.cache import Cache
from playhead.client.artifacts.digests import md5_of_text, of_bytes
from playhead.client.artifacts.fetching import Fetcher, differs
from playhead.domain.artifact import Entry
from playhead.domain.errors import ConflictError, LimitError, NotFoundError, UsageError


class Source:
    """Has contents, and counts what is asked of it."""

    url = "somewhere"

    def __init__(self, *contents):
        self.contents = {hashlib.sha256(data).hexdigest(): data for data in contents}
        self.asked = 0
        self.spoiled = False

    def link(self, sha256):
        return None

    def piece(self, sha256, start, stop):
        self.asked += 1
        data = self.contents[sha256][start:stop]
        return bytes(len(data)) if self.spoiled else data


def entry(path, data):
    found = of_bytes(data)
    return Entry(path, found.md5, len(data), found.sha256)


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache", 100_000_000)


@pytest.fixture
def fetch(tmp_path, cache):
    def call(source, *entries, root="root", **options):
        fetcher = Fetcher(tmp_path / root, options.pop("cache", cache), lambda _: source, **options)
        fetcher.fetch(entries)
        return fetcher.fetched

    return call


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_here_or_in_the_cache_is_not_fetched(fetch, tmp_path):
    source = Source(b"one", b"two")
    entries = entry("a", b"one"), entry("b/c", b"two"), entry("d", b"one")
    assert fetch(source, *entries) >= 6
    assert files(tmp_path / "root") == {"a": b"one", "b/c": b"two", "d": b"one"}
    asked = source.asked
    assert fetch(source, *entries) == 0
    assert fetch(source, *entries, root="other") == 0
    assert source.asked == asked
    (tmp_path / "root" / "a").write_bytes(b"xxx")
    fetch(source, *entries)
    assert (tmp_path / "root" / "a").read_bytes() == b"one"


def test_a_damaged_cache_is_seen(fetch, cache, tmp_path):
    source, one = Source(b"one"), entry("a", b"one")
    fetch(source, one)
    cache.path_of(one.sha256).write_bytes(b"bad")
    assert fetch(source, one, root="other") == 3
    assert (tmp_path / "other" / "a").read_bytes() == b"one"
    assert cache.path_of(one.sha256).read_bytes() == b"one"


def test_what_is_changed_here_does_not_change_the_cache(fetch, tmp_path):
    source, one = Source(b"one"), entry("a", b"one")
    fetch(source, one)
    with (tmp_path / "root" / "a").open("r+b") as file:
        file.write(b"bad")
    fetch(source, one, root="other")
    assert (tmp_path / "other" / "a").read_bytes() == b"one"


def test_a_source_that_lies(fetch, tmp_path):
    source = Source(b"one", b"two")
    source.spoiled = True
    with pytest.raises(ConflictError, match="2 files are not here"):
        fetch(source, entry("a", b"one"), entry("b", b"two"))
    assert files(tmp_path) == {}


@pytest.mark.parametrize("path", ["../x", "/tmp/x", "a/../../x", "a//b", ".git/hooks/pre-commit", "a\\..\\..\\x", "\0"])
def test_hostile_paths(fetch, tmp_path, path):
    with pytest.raises(UsageError, match="is not written below"):
        fetch(Source(b"one"), entry("good", b"one"), entry(path, b"one"))
    assert files(tmp_path) == {}


def test_links_on_the_way(fetch, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "kept").write_bytes(b"kept")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "root" / "file").symlink_to(tmp_path / "outside" / "kept")
    with pytest.raises(UsageError, match="a link on its way"):
        fetch(Source(b"one"), entry("link/kept", b"one"))
    fetch(Source(b"one"), entry("file", b"one"))
    assert files(tmp_path / "outside") == {"kept": b"kept"}
    assert (tmp_path / "root" / "file").read_bytes() == b"one"
    assert not (tmp_path / "root" / "file").is_symlink()


def test_a_file_in_the_place_of_a_folder(fetch, tmp_path):
    with pytest.raises(UsageError, match="'a' is a file in the same artifact"):
        fetch(Source(b"one"), entry("a", b"one"), entry("a/b", b"one"))
    (tmp_path / "root" / "c").mkdir(parents=True)
    with pytest.raises(UsageError, match="cannot be written"):
        fetch(Source(b"one"), entry("c", b"one"))


def test_no_space(fetch, tmp_path):
    huge = entry("a", b"one")._replace(size=1 << 60)
    with pytest.raises(LimitError, match="no space"):
        fetch(Source(b"one"), huge)
    assert files(tmp_path) == {}


def test_without_room_in_the_cache_files_go_where_they_belong(fetch, tmp_path):
    tiny = Cache(tmp_path / "cache", 10)
    source, one = Source(b"one" * 100), entry("a", b"one" * 100)
    fetch(source, one, cache=tiny)
    assert files(tmp_path) == {"root/a": b"one" * 100}
    (tmp_path / "file").write_text("")
    fetch(source, one, root="other", cache=Cache(tmp_path / "file", 100_000))
    assert (tmp_path / "other" / "a").read_bytes() == b"one" * 100


def test_the_cache_keeps_within_its_bound(fetch, tmp_path):
    cache = Cache(tmp_path / "cache", 5 * 4096)
    for number in range(12):
        data = bytes([number]) * 4096
        fetch(Source(data), entry(f"{number}", data), cache=cache)
        os.utime(cache.path_of(hashlib.sha256(data).hexdigest()), (number, number))
    kept = sorted(path.read_bytes()[0] for path in cache.folder.rglob("*") if path.is_file())
    assert kept == [7, 8, 9, 10, 11]
    assert cache.tidy(0) == 5 * 4096


def test_many_processes_of_one_cache(tmp_path, cache):
    contents = [os.urandom(1000) for _ in range(50)]
    source = Source(*contents)
    entries = [entry(f"{number}", data) for number, data in enumerate(contents)]
    wrong = []

    def work(number):
        try:
            Fetcher(tmp_path / f"{number}", Cache(tmp_path / "cache", 1 << 30), lambda _: source).fetch(entries)
        except Exception as error:  # noqa: BLE001 it is told below
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    for number in range(4):
        assert files(tmp_path / f"{number}") == {f"{at}": data for at, data in enumerate(contents)}
    assert not list(tmp_path.rglob("*.part"))


def test_references(fetch, tmp_path):
    (tmp_path / "there").write_bytes(b"one")
    uri = (tmp_path / "there").as_uri()
    known = Entry("r", of_bytes(b"one").md5, 3, ref=uri)
    unseen = Entry("u", md5_of_text(uri), 0, ref=uri)
    fetch(None, known, unseen)
    assert files(tmp_path / "root") == {"r": b"one", "u": b"one"}
    (tmp_path / "there").write_bytes(b"two")
    with pytest.raises(ConflictError, match="has changed since it was logged"):
        fetch(None, known, root="other")
    (tmp_path / "there").unlink()
    with pytest.raises(NotFoundError):
        fetch(None, known, root="other")
    fetch(None, known, root="other", missing=True)
    assert files(tmp_path / "other") == {}


def test_what_differs(fetch, tmp_path):
    one = entry("a", b"one")
    fetch(Source(b"one"), one)
    assert differs(tmp_path / "root", one) is None
    (tmp_path / "root" / "a").write_bytes(b"two")
    assert "is not what was logged" in differs(tmp_path / "root", one)
    (tmp_path / "root" / "a").unlink()
    assert "No such file" in differs(tmp_path / "root", one)


def test_small_files_come_together(fetch, tmp_path):
    source = Source(*[bytes([number]) for number in range(250)], b"large" * 100_000)
    entries = [entry(f"d/{number}", bytes([number])) for number in range(250)]
    large = entry("large", b"large" * 100_000)
    asked = []

    def pack(some):
        asked.append(len(some))
        told = {one.path: source.contents[one.sha256] for one in some}
        told["d/1"], told["../out"] = b"bad", b"bad"
        del told["d/2"]
        return told

    assert fetch(source, *entries, large, pack=pack) == 250 + large.size
    assert asked == [250]
    assert source.asked == 3
    assert len(files(tmp_path / "root")) == 251
    assert (tmp_path / "root" / "d" / "1").read_bytes() == b"\1"
    assert not (tmp_path / "out").exists()
    assert fetch(source, *entries, large, root="other", pack=pack) == 0
    assert asked == [250]
