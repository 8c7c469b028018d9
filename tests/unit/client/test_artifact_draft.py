"""What goes into an artifact: files as they were when they were added, references, limits, and what cannot be."""

import hashlib
import http.server
import os
import threading
import weakref
from pathlib import Path

import pytest

from playhead.client.artifacts import digests, holding
from playhead.client.artifacts.artifact import Artifact
from playhead.client.artifacts.cache import Cache
from playhead.client.artifacts.fetching import Fetcher
from playhead.domain.errors import ConflictError, NotFoundError, UsageError


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def made(here):
    return Artifact("data", "dataset", "what it is", {"rows": 3})


def write(folder, **files):
    for name, data in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())


@pytest.mark.parametrize("size", [0, 1, 5_000_000, (16 << 20) + 1])
def test_both_digests_in_one_reading(here, size):
    data = os.urandom(size)
    write(here, a_bin=data)
    with (here / "a.bin").open("rb") as file:
        found = digests.digests(file.fileno())
    assert found == digests.of_bytes(data)
    assert (found.sha256, found.size) == (hashlib.sha256(data).hexdigest(), size)


def test_the_digest_is_that_of_wandb(made, here):
    write(here, a_txt="hello")
    made.add_file("a.txt")
    assert made.get_entry("a.txt").digest == "XUFAKrxLKna5cZ2REBfFkg=="
    told = hashlib.md5(b"wandb-artifact-manifest-v1\na.txt:XUFAKrxLKna5cZ2REBfFkg==\n").hexdigest()
    assert made.digest == told


def test_a_file_is_what_it_was_when_it_was_added(made, here):
    write(here, a_txt="first")
    entry = made.add_file("a.txt", "b/a.txt")
    write(here, a_txt="later!")
    (here / "a.txt").unlink()
    assert entry.sha256 == hashlib.sha256(b"first").hexdigest()
    assert (entry.path, entry.size, made.file_count, made.size) == ("b/a.txt", 5, 1, 5)


def test_what_is_to_stay_as_it_is_must(made, here):
    write(here, a_txt="first")
    entry = made.add_file("a.txt", policy="immutable")
    assert entry.local_path == str(here / "a.txt")
    (here / "a.txt").write_text("later")
    os.utime(here / "a.txt", ns=(1, 1))
    with pytest.raises(UsageError, match="changed since it was added"):
        entry.digest  # noqa: B018 it is read for that
    with pytest.raises(UsageError, match="mutable, immutable"):
        made.add_file("a.txt", policy="other")


def test_nothing_is_held_twice_and_nothing_stays(here):
    made = Artifact("data", "dataset")
    write(here, a_txt="a" * 100, b_txt="b")
    made.add_file("a.txt")
    made.add_file("b.txt")
    made.remove("b.txt")
    staging = next(iter(made._draft._held.values())).path
    assert [path.name for path in (here / staging).parent.iterdir()] == [Path(staging).name]
    made.add_file("a.txt", overwrite=True)
    assert len(list((here / staging).parent.iterdir())) == 1
    folder = (here / staging).parent
    del made
    assert list(folder.iterdir()) == []


def test_a_forked_child_takes_nothing_with_it(made, here):
    write(here, a_txt="a")
    entry = made.add_file("a.txt")
    child = os.fork()
    if not child:
        weakref.finalize._exitfunc()  # what the interpreter does at its end
        os._exit(0)
    os.waitpid(child, 0)
    assert Path(entry.local_path).read_text() == "a"


def test_folders(made, here):
    write(here, d__a_txt="1", d__e__b_txt="2", other_txt="3")
    (here / "d" / "link.txt").symlink_to(here / "other.txt")
    (here / "d" / "loop").symlink_to(here / "d")
    (here / "d" / "again").symlink_to(here / "d" / "e")
    made.add_dir("d")
    assert list(made.manifest.entries) == ["a.txt", "again/b.txt", "e/b.txt", "link.txt"]
    made.add_dir("d", name="in/here")
    assert "in/here/e/b.txt" in made.manifest.entries
    made.remove("in")
    assert made.file_count == 4
    made.add_dir("d")  # the same again
    write(here, d__a_txt="x")
    with pytest.raises(UsageError, match=r"'a\.txt' already"):
        made.add_dir("d")
    made.add_dir("d", merge=True)
    assert made.get_entry("a.txt").sha256 == hashlib.sha256(b"x").hexdigest()
    for wrong in ("nowhere", "other.txt"):
        with pytest.raises(UsageError, match="no such folder"):
            made.add_dir(wrong)
    (here / "d" / "lost").symlink_to("nowhere")
    with pytest.raises(UsageError, match="lost cannot be added"):
        made.add_dir("d", merge=True)


def test_new_files(made):
    with made.new_file("a/b.json") as file:
        file.write("{}")
    with made.new_file("c.bin", mode="wb") as file:
        file.write(b"\0")
    assert {path: one.size for path, one in made.manifest.entries.items()} == {"a/b.json": 2, "c.bin": 1}
    with pytest.raises(UsageError, match="replace it"), made.new_file("c.bin", mode="xb"):
        pass
    with made.new_file("c.bin", mode="w") as file:
        file.write("four")
    assert made.get_entry("c.bin").size == 4
    with pytest.raises(ZeroDivisionError), made.new_file("d"):
        raise ZeroDivisionError
    assert made.file_count == 2
    with pytest.raises(UsageError, match="mode='a'"), made.new_file("e", mode="a"):
        pass


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../b", "a//b", "\0", "a\nb", "C:\\x"])
def test_paths_that_lead_elsewhere(made, here, name):
    write(here, a_txt="1")
    for add in (
        lambda: made.add_file("a.txt", name), lambda: made.new_file(name).__enter__(),
        lambda: made.add_reference("s3://b/k", name, checksum=False), lambda: made.get_entry(name),
    ):  # fmt: skip
        with pytest.raises(UsageError, match="cannot be a path"):
            add()
    assert made.file_count == 0


def test_what_is_no_file(made, here):
    os.mkfifo(here / "pipe")
    for name, why in (("nowhere", "No such file"), (".", "Folders go with"), ("pipe", "it is no file")):
        with pytest.raises(UsageError, match=why):
            made.add_file(name, "x")
    with pytest.raises(UsageError, match=r"takes playhead\.Table"):
        made.add({"a": 1}, "x")


@pytest.mark.parametrize(("field", "value"), [("name", "a/b"), ("name", ""), ("name", "a:v1"), ("type", "x/y")])
def test_names_that_cannot_be(here, field, value):
    with pytest.raises(UsageError, match="use 1 to"):
        Artifact(**{"name": "n", "type": "t", field: value})


def test_metadata(here):
    numpy = pytest.importorskip("numpy")
    made = Artifact("a", "t", metadata={"x": numpy.float64(0.5), "y": [numpy.int32(3)], 1: numpy.arange(2)})
    assert made.metadata == {"x": 0.5, "y": [3], "1": [0, 1]}
    with pytest.raises(UsageError, match="what JSON can hold"):
        Artifact("a", "t", metadata={"x": object()})
    with pytest.raises(UsageError, match="MAX_METADATA"):
        Artifact("a", "t", metadata={"x": "x" * 2_000_000})


def test_a_draft_knows_no_server(made):
    for ask in (
        lambda: made.version,
        made.download,
        lambda: made.aliases,
        made.wait,
        made.save,
    ):
        with pytest.raises(UsageError, match="is a draft"):
            ask()
    assert (made.name, made.type, made.description, made.metadata, made.tags, made.ttl, made.state) == (
        "data", "dataset", "what it is", {"rows": 3}, [], None, "DRAFT",
    )  # fmt: skip


def test_a_file_that_is_being_written(made, here):
    path, ended = here / "busy.bin", threading.Event()
    path.write_bytes(b"\0" * 100_000)

    def keep_writing():
        number = 0
        while not ended.is_set():
            number += 1
            path.write_bytes(bytes([number % 256]) * 100_000)

    told = []
    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        for _ in range(6):
            try:
                entry = made.add_file(str(path), overwrite=True)
            except UsageError as error:
                told.append(error.message)
                continue
            assert len(set(Path(entry.local_path).read_bytes())) < 2  # emptied, or of one writing
    finally:
        ended.set()
        writer.join()
    assert all("written to whenever" in message for message in told)


def test_what_a_killed_process_left(tmp_path, monkeypatch):
    (tmp_path / "old").write_text("x")
    holding.Holder(tmp_path).new()
    assert (tmp_path / "old").exists()
    monkeypatch.setattr(holding, "_LEFT", -1.0)
    holding.Holder(tmp_path).new()
    assert list(tmp_path.iterdir()) == []


# References ------------------------------------------------------------------------------------------------------------


def test_files_as_references(made, here):
    write(here, d__a_txt="hello", d__e__b_txt="2")
    [one] = made.add_reference((here / "d/a.txt").as_uri(), name="one")
    assert (one.path, one.size, one.digest, one.ref) == (
        "one",
        5,
        "XUFAKrxLKna5cZ2REBfFkg==",
        (here / "d/a.txt").as_uri(),
    )
    made.add_reference((here / "d").as_uri())
    made.add_reference((here / "d").as_uri(), name="sub")
    assert list(made.manifest.entries) == ["a.txt", "e/b.txt", "one", "sub/a.txt", "sub/e/b.txt"]
    with pytest.raises(UsageError, match="more than 1 object"):
        made.add_reference((here / "d").as_uri(), name="x", max_objects=1)
    with pytest.raises(NotFoundError):
        made.add_reference("file:///nowhere/at/all")
    with pytest.raises(UsageError, match="another machine"):
        made.add_reference("file://elsewhere/a")
    with pytest.raises(UsageError, match="no address"):
        made.add_reference(str(here / "d"))


def test_an_address_for_what_it_is(made):
    [one] = made.add_reference("s3://bucket/a/key.bin", checksum=False)
    assert (one.path, one.size, one.ref) == ("key.bin", 0, "s3://bucket/a/key.bin")
    [other] = made.add_reference("s3://bucket/a/other.bin", name="other", checksum=False)
    assert one.digest != other.digest


def test_without_fsspec_it_is_told_what_to_install(made, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    for uri, extra in (("s3://b/k", "s3"), ("gs://b/k", "gs"), ("https://x.example/k", "http")):
        with pytest.raises(UsageError, match=rf"pip install 'playhead\[{extra}\]'"):
            made.add_reference(uri)
    with pytest.raises(UsageError, match="what it needs for abc://"):
        made.add_reference("abc://x/k")


class Shop(http.server.BaseHTTPRequestHandler):
    """Has one thing, which may change."""

    goods = b"first"

    def do_HEAD(self):
        found = self.path == "/thing.bin"
        self.send_response(200 if found else 404)
        self.send_header("ETag", f'"{hash(self.goods)}"')
        self.send_header("Content-Length", str(len(self.goods) if found else 0))
        self.end_headers()
        return found

    def do_GET(self):
        if self.do_HEAD():
            self.wfile.write(self.goods)

    def log_message(self, *_):
        pass


def test_addresses_of_the_web(made, tmp_path, monkeypatch):
    pytest.importorskip("aiohttp")
    pytest.importorskip("fsspec")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    uri = f"http://127.0.0.1:{server.server_port}/thing.bin"
    try:
        [one] = made.add_reference(uri)
        assert (one.path, one.size, one.digest) == ("thing.bin", 5, str(hash(b"first")))
        assert one.extra == {"etag": one.digest}
        entry = made.draft.parts["thing.bin"].entry()
        Fetcher(tmp_path / "got", Cache(tmp_path / "cache", 0), None).fetch([entry])
        assert (tmp_path / "got" / "thing.bin").read_bytes() == b"first"
        monkeypatch.setattr(Shop, "goods", b"later")
        with pytest.raises(ConflictError, match="has changed since it was logged"):
            Fetcher(tmp_path / "other", Cache(tmp_path / "cache", 0), None).fetch([entry])
        with pytest.raises(NotFoundError, match="There is nothing at"):
            made.add_reference(uri + "x")
    finally:
        server.shutdown()
        server.server_close()


def test_what_else_fsspec_knows(made):
    memory = pytest.importorskip("fsspec").filesystem("memory")
    memory.pipe({"/bucket/a/1.bin": b"1", "/bucket/a/b/2.bin": b"22"})
    made.add_reference("memory://bucket/a", name="all")
    assert {path: (one.size, one.ref) for path, one in made.manifest.entries.items()} == {
        "all/1.bin": (1, "memory://bucket/a/1.bin"),
        "all/b/2.bin": (2, "memory://bucket/a/b/2.bin"),
    }
