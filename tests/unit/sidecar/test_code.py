"""What is kept of the code that a training runs, and what never is."""

import os
import socket
import subprocess
import tarfile

import msgspec
import pytest

from playhead.domain import code as names
from playhead.domain.code import STATE, CodeState
from playhead.sidecar import code


class Kept:
    """The files of a run, after its code was kept."""

    def __init__(self, folder, files, ignored=()):
        files.mkdir()
        self.notes = []
        self.files = files
        self.names = list(code.keep(str(folder), files, self.notes.append, lambda name: name in ignored))
        there = [path.relative_to(files).as_posix() for path in files.rglob("*") if path.is_file()]
        assert sorted(self.names) == sorted(there)

    @property
    def repositories(self):
        return msgspec.json.decode((self.files / STATE).read_bytes(), type=CodeState).repositories

    @property
    def top(self):
        return self.repositories[0]

    def text(self, name):
        return (self.files / name).read_text()

    def archive(self, name="code/git/untracked.tar"):
        with tarfile.open(self.files / name, encoding="utf-8", errors="surrogateescape") as tar:
            return {one.name: one.linkname or tar.extractfile(one).read() for one in tar}


@pytest.fixture
def keep(tmp_path):
    def run(folder, ignored=()):
        return Kept(folder, tmp_path / f"files{len(list(tmp_path.iterdir()))}", ignored)

    return run


def test_a_clean_repository(repository, keep):
    commit = repository.commit(a__py="one\n")
    kept = keep(repository.folder)
    assert kept.names == ["code/git/commits.bundle", STATE]  # no remote has the commit
    repository.push()
    kept = keep(repository.folder)
    assert kept.names == [STATE]
    assert (kept.top.commit, kept.top.base, kept.top.files, kept.top.left_out) == (commit, None, [], ())
    assert kept.notes == []


def test_what_is_changed_new_and_not_pushed(repository, keep):
    first = repository.commit(a__py="one\n", gone__py="x\n")
    repository.push()
    second = repository.commit(a__py="two\n")
    repository.write(a__py="three\n", new__py="new\n", staged__py="staged\n")
    repository("add", "staged.py")
    (repository.folder / "gone.py").unlink()
    (repository.folder / "below").mkdir()
    kept = keep(repository.folder / "below")
    assert kept.names == [
        "diff.patch", f"diff_{first}.patch", "code/git/untracked.tar", "code/git/commits.bundle", STATE,
    ]  # fmt: skip
    assert "-two\n+three\n" in kept.text("diff.patch")
    assert "-one\n+three\n" in kept.text(f"diff_{first}.patch")
    for text in ("+staged\n", "-x\n"):
        assert text in kept.text("diff.patch")
    assert kept.archive() == {"new.py": b"new\n"}
    assert (kept.top.commit, kept.top.base) == (second, first)
    assert repository("bundle", "list-heads", str(kept.files / "code/git/commits.bundle")).split()[0] == second
    assert [one.name for one in kept.top.files] == kept.names[:-1]


def test_settings_of_the_user_change_no_patch(repository, keep):
    repository.commit(a__py="one\n")
    for name, value in {
        "diff.noprefix": "true", "diff.mnemonicPrefix": "true", "diff.external": "false", "color.ui": "always",
        "diff.relative": "true", "diff.renames": "copies", "diff.submodule": "log", "core.pager": "false",
    }.items():  # fmt: skip
        repository("config", name, value)
    repository.write(a__py="two\n")
    kept = keep(repository.folder)
    assert kept.text("diff.patch").startswith("diff --git a/a.py b/a.py\n")


def test_ignored_files_and_secrets_never_travel(repository, keep):
    repository.commit(__gitignore="*.log\n", a__py="a\n", __env="KEY=one\n")
    repository.push()
    repository.write(__env="KEY=two\n", a__py="b\n", train__log="ignored", __netrc="hidden")
    for name in (".env.local", "server.pem", "keys/id_rsa", "deploy/credentials", "deploy/.aws/config", ".ENV"):
        (repository.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (repository.folder / name).write_text("hidden")
    repository.write(staged__key="hidden", note__txt="kept")
    repository("add", "staged.key")
    kept = keep(repository.folder)
    everything = b"".join((kept.files / name).read_bytes() for name in kept.names if name != STATE)
    for word in (b"KEY", b"hidden", b"ignored"):
        assert word not in everything
    assert "+b\n" in kept.text("diff.patch")
    assert list(kept.archive()) == ["note.txt"]
    assert len(kept.top.left_out) == 9
    assert any(".env.local" in note for note in kept.notes)


def test_a_patch_that_got_a_secret_all_the_same_is_not_kept(repository, keep, monkeypatch):
    """As when a file changes after the names were looked at."""
    repository.commit(__env="KEY=one\n")
    repository.push()
    repository.write(__env="KEY=two\n")
    found = code.names
    monkeypatch.setattr(code, "names", lambda out: [name for name in found(out) if "\t" in name])
    kept = keep(repository.folder)
    assert kept.names == [STATE]
    assert "diff.patch is not kept: it has" in kept.top.left_out[0]


def test_commits_with_secrets_never_travel(repository, keep):
    first = repository.commit(a__py="a\n")
    repository.push()
    repository.commit(__env="KEY=one\n")
    repository("rm", "-q", ".env")
    repository.commit(a__py="b\n")
    kept = keep(repository.folder)
    assert kept.names == [f"diff_{first}.patch", STATE]
    assert "commits that no remote has are not kept: they have '.env'" in kept.top.left_out[0]


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        (".env", True), ("a/.env.production", True), (".Env", True), ("prod.env", True), ("env.py", False),
        ("a/key.pem", True), ("keys.py", False), (".ssh/config", True), ("id_rsa", True), ("id_rsa.py", False),
        ("a/credentials", True), ("credentials.py", False), (".netrc", True), ("environment.yml", False),
    ],
)  # fmt: skip
def test_names_of_secrets(name, secret):
    assert names.is_secret(name) is secret


def test_files_of_any_name_and_kind(repository, keep):
    repository.commit(a__py="a\n")
    for name in (b"with space", b"two\nlines", b"\xff\xfe", b"-rf", "\u00fcber".encode(), b"deep/er/" + b"x" * 150):
        path = repository.folder / os.fsdecode(name)
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(name)
    (repository.folder / "link").symlink_to("/somewhere/else")
    (repository.folder / "run.sh").write_text("x")
    (repository.folder / "run.sh").chmod(0o755)
    os.mkfifo(repository.folder / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(repository.folder / "s"))
    (repository.folder / "playhead/run-20261121_093000-abc/files").mkdir(parents=True)
    (repository.folder / "playhead/run-20261121_093000-abc/files/x").write_text("a run's")
    kept = keep(repository.folder)
    found = kept.archive()
    assert {os.fsencode(name) for name in found} == {
        b"with space", b"two\nlines", b"\xff\xfe", b"-rf", "\u00fcber".encode(), b"deep/er/" + b"x" * 150, b"link", b"run.sh",
    }  # fmt: skip
    assert found["link"] == "/somewhere/else"
    assert found["two\nlines"] == b"two\nlines"


def test_limits(repository, keep, monkeypatch):
    repository.commit(a__py="a\n")
    repository.push()
    repository.commit(a__py="b\n")
    repository.write(large="x" * 101, b="x" * 90, c="x" * 80, d="", a__py="c\n" * 200)
    monkeypatch.setattr("playhead.sidecar.untracked.MAX_UNTRACKED_FILE", 100)
    monkeypatch.setattr("playhead.sidecar.untracked.MAX_UNTRACKED", 100)
    monkeypatch.setattr(code, "MAX_PATCH", 300)
    monkeypatch.setattr(code, "MAX_BUNDLE", 10)
    kept = keep(repository.folder)
    assert kept.names == ["code/git/untracked.tar", STATE]
    assert list(kept.archive()) == ["d", "c"]
    told = "\n".join(kept.top.left_out)
    for part in (
        "diff.patch is not kept: it is larger than 300 bytes", "commits.bundle is not kept: it is larger than 10",
        "'large' is not kept: it is larger than MAX_UNTRACKED_FILE", "1 untracked files are not kept, the first of them 'b'",
    ):  # fmt: skip
        assert part in told
    monkeypatch.setattr(code, "MAX_BUNDLE_COMMITS", 0)
    monkeypatch.setattr(code, "MAX_LEFT_OUT", 1)
    kept = keep(repository.folder)
    assert kept.top.left_out[-1].endswith("more of that kind")
    assert len(kept.top.left_out) == 2


def test_a_repository_without_commits(repository, keep):
    assert keep(repository.folder).names == [STATE]
    repository.write(a__py="staged", b__py="not staged")
    repository("add", "a.py")
    repository.write(a__py="changed")
    kept = keep(repository.folder)
    assert kept.names == ["code/git/untracked.tar", STATE]
    assert kept.top.commit is None
    assert kept.archive() == {"a.py": b"changed", "b.py": b"not staged"}


def test_a_detached_head_has_a_base_too(repository, keep):
    first = repository.commit(a__py="one\n")
    repository.push()
    repository("checkout", "--detach")
    second = repository.commit(a__py="two\n")
    kept = keep(repository.folder)
    assert kept.names == [f"diff_{first}.patch", "code/git/commits.bundle", STATE]
    assert (kept.top.commit, kept.top.base) == (second, first)


def test_a_shallow_clone(repository, repository_in, keep, tmp_path):
    repository.commit(a__py="one\n")
    first = repository.commit(a__py="two\n")
    repository("clone", "--quiet", "--depth", "1", repository.folder.as_uri(), str(tmp_path / "shallow"))
    shallow = repository_in(tmp_path / "shallow", begin=False)
    shallow.commit(a__py="three\n")
    kept = keep(shallow.folder)
    assert kept.names == [f"diff_{first}.patch", "code/git/commits.bundle", STATE]
    shallow("remote", "remove", "origin")
    kept = keep(shallow.folder)
    assert kept.names == [STATE]
    assert "in this shallow clone they have no beginning" in kept.top.left_out[0]


def test_submodules(repository, repository_in, keep, tmp_path):
    inner, library = repository_in(tmp_path / "inner"), repository_in(tmp_path / "library")
    inner.commit(i__py="1\n")
    library.commit(l__py="1\n")
    library("submodule", "add", str(inner.folder), "deep")
    library("commit", "-m", "deep")
    repository.commit(a__py="1\n")
    repository("submodule", "add", str(library.folder), "lib")
    repository("submodule", "update", "--init", "--recursive")
    repository("commit", "-am", "lib")
    kept = keep(repository.folder)
    assert [one.path for one in kept.repositories] == ["", "lib", "lib/deep"]
    lib = repository_in(repository.folder / "lib", begin=False)
    lib.write(l__py="2\n")
    own = lib.commit(m__py="m\n")
    lib.write(l__py="3\n", n__py="n\n")
    kept = keep(repository.folder)
    assert f"+Subproject commit {own}\n" in kept.text("diff.patch")
    assert "-1\n+3\n" in kept.text("code/git/submodules/1/diff.patch")
    assert kept.archive("code/git/submodules/1/untracked.tar") == {"n.py": b"n\n"}
    assert "code/git/submodules/1/commits.bundle" in kept.names
    assert kept.repositories[1].commit == own


def test_ignored_names_are_not_kept(repository, keep):
    repository.commit(a__py="one\n")
    repository.write(a__py="two\n", b__py="b")
    kept = keep(repository.folder, ignored={"diff.patch", "code/git/untracked.tar"})
    assert kept.names == ["code/git/commits.bundle", STATE]
    assert all("ignore_globs" in sentence for sentence in kept.top.left_out)
    assert len(kept.top.left_out) == 2
    assert STATE not in keep(repository.folder, ignored={STATE}).names


def test_a_file_of_the_run_stays(repository, tmp_path):
    """And nothing that is written halfway lies where files are sent from."""
    repository.commit(a__py="one\n")
    repository.write(a__py="two\n")
    files = tmp_path / "run/files"
    files.mkdir(parents=True)
    (files / "diff.patch").write_text("my own")
    assert list(code.keep(str(repository.folder), files, print, lambda _: False)) == ["code/git/commits.bundle", STATE]
    assert (files / "diff.patch").read_text() == "my own"
    assert [path.name for path in files.parent.iterdir()] == ["files"]


def test_without_git_or_a_repository(tmp_path, keep, monkeypatch):
    (tmp_path / "plain").mkdir()
    kept = keep(tmp_path / "plain")
    assert kept.names == []
    assert "not a git repository" in kept.notes[0]
    monkeypatch.setenv("PATH", str(tmp_path))
    kept = keep(tmp_path / "plain")
    assert (kept.names, kept.notes) == ([], ["The state of the code is not kept: git is not installed."])


def test_nothing_of_the_repository_changes(repository, keep):
    repository.commit(a__py="one\n")
    repository.write(a__py="two\n", b__py="b")

    def look():
        return {path: path.stat().st_mtime_ns for path in repository.folder.rglob("*")}

    before = look()
    keep(repository.folder)
    assert look() == before
    assert subprocess.run(["git", "fsck"], cwd=repository.folder, capture_output=True, check=False).returncode == 0
