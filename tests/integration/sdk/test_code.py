"""The code of a run, brought back by `playhead restore`: in the same repository, in others, and what must never happen there."""

import os
import re
import shutil
import subprocess
import sys
import tarfile

import msgspec
import pytest
import yaml
from click.testing import CliRunner

from playhead.cli import main
from playhead.cli.naming import find_run
from playhead.domain.code import STATE, CodeState, Kept, Repository
from playhead.domain.errors import NotFoundError, UsageError
from playhead.sidecar import code as keeping

OURS = ".gitignore\nplayhead/\ntrain*.py\n"
NAMES = ("with space.py", "two\nlines", "\udcff\udcfe", "-rf", "über", "deep/er.py")


OTHERS = re.compile(r"playhead|data|origin\.git|elsewhere\d*|\.gitignore|train\d+\.py")
"""What lies in a training's folder besides its code."""


def look(folder):
    """What lies in a folder: name -> content, or where a link leads."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if OTHERS.fullmatch(name.split("/")[0]) or ".git" in name.split("/"):
            continue
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = (path.read_bytes(), path.stat().st_mode & 0o100)
    return found


class Work:
    """A repository that trainings run in, pushed to a bare one."""

    def __init__(self, place, server, repository_in):
        self.place = place
        self.server = server
        self.git = repository_in(place.folder)
        self.folder = place.folder
        (self.folder / ".git/info/exclude").write_text("playhead/\ntrain*.py\nelsewhere*/\norigin.git/\n")
        self.git.commit(a__py="one\n", b__py="b\n")
        self.git("init", "--bare", "-b", "main", "origin.git")
        self.git("remote", "add", "origin", str(self.folder / "origin.git"))
        self.push()

    def push(self):
        self.git("push", "-q", "-u", "origin", "main")

    def record(self, lines="", **env):
        """A training in the repository; its id."""
        training = f"run = playhead.init(project='p', config={{'lr': 0.1}})\n{lines}\nsay(id=run.id)"
        return self.place.ask(training, "--epochs", "3", env=env)["id"]

    def record_files(self, *folders):
        """A training that has saved the files of one folder at each step as if they were its code."""
        lines = (
            f"import shutil\nfor folder in {[str(folder) for folder in folders]}:\n    run.log({{'a': 1}})\n"
            "    shutil.copytree(folder, run.dir, dirs_exist_ok=True)\n    run.save('**', policy='now', wait=True)"
        )
        return self.record(lines, PLAYHEAD_DISABLE_CODE="true")

    def restore(self, *arguments, status=0, where=None, **env):
        """`playhead restore` in a folder; what it said."""
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(where or self.folder)
            for name in ("PLAYHEAD_DATA_DIR", "PLAYHEAD_MODE"):
                patch.setenv(name, self.place.env[name])
            for name, value in env.items():
                patch.setenv(name, value)
            done = CliRunner().invoke(main, ["restore", *map(str, arguments)])
        assert done.exit_code == status, done.output + repr(done.exception)
        return done.output

    def refuse(self, *arguments, where=None, **env):
        """It must refuse, and leave all as it was; what it said."""
        folder = where or self.folder
        before = self.all_of(folder)
        told = self.restore(*arguments, status=1, where=where, **env)
        assert self.all_of(folder) == before
        return told

    def all_of(self, folder):
        """All that a failed restore may not change: files, refs, HEAD, the index, and what git would say."""
        git = self.git.at(folder)
        head = (folder / ".git/HEAD").read_text() if (folder / ".git").is_dir() else ""
        parts = [
            head,
            git("show-ref") if head else "",
            git("status", "--porcelain"),
            git("ls-files", "--stage"),
            git("worktree", "list"),
        ]
        return parts, look(folder)

    def clone(self, *options):
        folder = self.folder / f"elsewhere{len(list(self.folder.glob('elsewhere*')))}"
        self.git("clone", "-q", *options, str(self.folder / "origin.git"), str(folder))
        return folder

    def forget(self):
        """Go back to what the remote has, without a trace of what was there."""
        self.git("reset", "-q", "--hard", "origin/main")
        self.git("clean", "-fdq")
        self.git("reflog", "expire", "--expire=now", "--all")
        self.git("gc", "-q", "--prune=now")


@pytest.fixture
def work(online, server, repository_in):
    return Work(online, server, repository_in)


def test_commits_changes_and_new_files_come_back(work):
    work.git.commit(a__py="two\n", gone__py="x\n")
    (work.folder / "gone.py").unlink()
    work.git.write(a__py="three\n", staged__py="staged\n", run__sh="#!/bin/sh\n")
    work.git("add", "staged.py")
    (work.folder / "run.sh").chmod(0o755)
    (work.folder / "link").symlink_to("a.py")
    for name in NAMES:
        (work.folder / name).parent.mkdir(exist_ok=True)
        (work.folder / name).write_text("untracked")
    commit, before = work.git("rev-parse", "HEAD"), look(work.folder)
    run_id = work.record()
    work.forget()
    assert look(work.folder) != before
    told = work.restore(run_id)
    assert look(work.folder) == before
    assert work.git("rev-parse", "HEAD", "--symbolic-full-name", "HEAD").split() == [
        commit,
        f"refs/heads/playhead/{run_id}",
    ]
    status = work.git("status", "--porcelain", "-z").split("\0")
    assert {" M a.py", " D gone.py", "?? staged.py", "?? run.sh", "?? two\nlines", "?? \udcff\udcfe"} <= set(status)
    assert "python train0.py --epochs 3" in told
    config = yaml.safe_load((work.folder / "playhead/config.yaml").read_text())
    assert config == {"wandb_version": 1, "lr": {"desc": None, "value": 0.1}}
    assert "not committed" in work.refuse(run_id)
    clean = look(work.clone())
    [back] = re.findall(r"^Back: (.*)$", told, re.MULTILINE)
    subprocess.run(
        ["sh", "-c", f"git config user.name n && git config user.email n@example.org && {back}"],
        cwd=work.folder,
        check=True,
    )
    assert look(work.folder) == clean
    assert work.git("symbolic-ref", "HEAD") == "refs/heads/main"
    assert (work.folder / "playhead/config.yaml").is_file()


def test_a_commit_that_was_amended(work):
    work.git.commit(a__py="two\n")
    run_id = work.record()
    commit = work.git("rev-parse", "HEAD")
    work.git.write(a__py="better\n")
    work.git("commit", "-q", "-a", "--amend", "-m", "better")
    work.git("reflog", "expire", "--expire=now", "--all")
    work.git("gc", "-q", "--prune=now")
    with pytest.raises(subprocess.CalledProcessError):
        work.git("cat-file", "-e", commit)
    work.restore(run_id)
    assert work.git("rev-parse", "HEAD") == commit
    assert (work.folder / "a.py").read_text() == "two\n"
    assert work.git("status", "--porcelain") == ""


def test_in_other_clones(work):
    stale = work.clone()
    work.git.commit(a__py="pushed\n")
    work.push()
    work.git.commit(a__py="not pushed\n")
    work.git.write(a__py="changed\n", new__py="new\n")
    run_id = work.record()
    entity, before = work.server.entity, look(work.folder)
    fresh = work.clone()
    work.restore(f"p:{run_id}", where=fresh)
    assert look(fresh) == before
    work.restore(run_id, "-p", "p", "-e", entity, where=stale)  # its remote has what the bundle builds upon
    assert look(stale) == before
    assert work.git.at(stale)("rev-parse", "HEAD") == work.git("rev-parse", "HEAD")


def test_ways_to_name_a_run(work, monkeypatch):
    run_id, api, entity = work.record(), work.server.api, work.server.entity
    for text in ("", "p/", "p:", f"{entity}/p/", f"{entity}/p:", f"{entity}/p/runs/"):
        assert find_run(api, text + run_id).path == [entity, "p", run_id]
    assert find_run(api, run_id, project="p", entity=entity).id == run_id
    for wrong, error in (
        ("", UsageError),
        ("a/b/c/d", UsageError),
        ("nothing", NotFoundError),
        ("p/nothing", NotFoundError),
    ):
        with pytest.raises(error):
            find_run(api, wrong)
    monkeypatch.setenv("PLAYHEAD_PROJECT", "another")
    with pytest.raises(NotFoundError):
        find_run(api, run_id)
    monkeypatch.delenv("PLAYHEAD_PROJECT")
    work.place.ask(f"playhead.init(project='another', id={run_id!r})")
    with pytest.raises(UsageError, match=f"{entity}/another/{run_id}"):
        find_run(api, run_id)


def test_a_run_that_no_server_has_yet(work, monkeypatch):
    """Its code, config and files come from this disk; what only a server can do says how to send it."""
    work.git.commit(a__py="two\n")
    work.git.write(a__py="three\n", new__py="new\n")
    saving = (
        "for step in range(2):\n    run.log({'a': 1})\n    open(run.dir + '/model.pt', 'w').write(str(step))\n"
        "    run.save('model.pt', policy='now')"
    )
    run_id = work.record(saving, PLAYHEAD_MODE="offline")
    folder = next((work.folder / "playhead").glob(f"offline-run-*-{run_id}"))
    before = look(work.folder)
    work.forget()
    assert "There is no" in work.refuse(f"another/{run_id}")
    told = work.restore(f"p/{run_id}")
    assert f"No server has it: the run p/{run_id} is taken from playhead/{folder.name}." in told
    assert look(work.folder) == before
    assert yaml.safe_load((work.folder / "playhead/config.yaml").read_text())["lr"]["value"] == 0.1
    assert re.search(r"It was started with: python train\d+.py --epochs 3\n", told)
    monkeypatch.chdir(work.folder)
    with pytest.raises(NotFoundError, match=f"Send it first: playhead sync playhead/{folder.name}"):
        find_run(work.server.api, run_id)
    told = work.restore(run_id, "--no-git", "--step", "0", "--worktree", work.folder / "elsewhere")
    assert (work.folder / "elsewhere/model.pt").read_text() == "0"
    told = work.restore(
        run_id, "--no-git", "--worktree", work.folder / "elsewhere2", PLAYHEAD_BASE_URL="http://127.0.0.1:9"
    )
    assert "No server can be reached" in told
    assert (work.folder / "elsewhere2/model.pt").read_text() == "1"
    assert "it cannot be seen as of step 9" in work.restore(run_id, "--step", "9", status=1)


def test_beside_ones_own_tree_and_without_a_branch(work):
    work.git.commit(a__py="two\n")
    commit = work.git("rev-parse", "HEAD")
    work.git.write(a__py="three\n", new__py="new\n")
    run_id, before = work.record(), look(work.folder)
    beside = work.folder / "elsewhere"
    told = work.restore(run_id, "--worktree", "elsewhere")  # dirty, and that is fine
    assert look(beside) == before == look(work.folder)
    assert work.git.at(beside)("symbolic-ref", "HEAD") == f"refs/heads/playhead/{run_id}"
    assert (beside / "playhead/config.yaml").is_file()
    assert "git worktree remove --force" in told
    assert "is there, and not empty" in work.refuse(run_id, "--worktree", "elsewhere")
    assert "is checked out in" in work.refuse(run_id, "--worktree", "elsewhere2")
    work.git("stash", "-q", "-u")
    assert "is checked out in" in work.refuse(run_id)
    work.restore(run_id, "--no-branch")
    assert (work.folder / ".git/HEAD").read_text().strip() == commit
    assert (work.folder / "new.py").read_text() == "new\n"


def test_a_branch_that_is_there(work):
    run_id = work.record()
    work.git("branch", f"playhead/{run_id}")
    work.restore(run_id)
    assert work.git("symbolic-ref", "HEAD") == f"refs/heads/playhead/{run_id}"
    work.git.commit(a__py="mine\n")
    work.git("checkout", "-q", "main")
    told = work.refuse(run_id)
    assert f"There is a branch playhead/{run_id} already" in told
    assert "--no-branch" in told
    work.git("branch", "-q", "-D", f"playhead/{run_id}")
    work.git("branch", "playhead")  # which leaves no room for it
    assert "git update-ref failed" in work.refuse(run_id)


def test_files_that_git_does_not_know_are_never_overwritten(work):
    work.git.write(new__py="new\n", same__py="same\n")
    (work.folder / "link").symlink_to("a.py")
    run_id = work.record()
    work.git.write(new__py="mine\n")
    told = work.refuse(run_id)
    assert "would be overwritten: 'new.py'" in told
    assert "--worktree" in told
    (work.folder / "new.py").unlink()
    (work.folder / "new.py").mkdir()
    (work.folder / "new.py/x").write_text("mine")
    assert "would be overwritten: 'new.py'" in work.refuse(run_id)
    shutil.rmtree(work.folder / "new.py")
    work.restore(run_id)  # what is there with the same content stays
    assert look(work.folder)["new.py"][0] == b"new\n"
    assert look(work.folder)["link"] == "-> a.py"


# -- what does not fit -------------------------------------------------------------------------------------------------


@pytest.fixture
def crafted(work, tmp_path_factory):
    """The files of a run's code, to be tampered with."""

    class Crafted:
        def __init__(self):
            self.files = tmp_path_factory.mktemp("files")
            list(keeping.keep(str(work.folder), self.files, print, lambda _: False))

        def state(self, **changed):
            """Change what the state tells of the outermost repository; digests that are no longer true are made so."""
            path = self.files / STATE
            first, *others = msgspec.json.decode(path.read_bytes(), type=CodeState).repositories
            values = {name: getattr(first, name) for name in Repository.__slots__} | changed
            for name, value in values.items():
                if isinstance(value, Kept) and (self.files / value.name).is_file():
                    values[name] = Kept(value.name, keeping._digest(self.files / value.name))
            path.write_bytes(msgspec.json.encode(CodeState(repositories=(Repository(**values), *others))))

        def archive(self, *members):
            """Members: (name, content), or (name, link's target, tar type)."""
            with tarfile.open(self.files / "code/git/untracked.tar", "w") as tar:
                for name, content, *kind in members:
                    info = tarfile.TarInfo(name)
                    if kind:
                        info.type, info.linkname = kind[0], content
                        tar.addfile(info)
                    else:
                        source = self.files / "source"
                        source.write_text(content)
                        info.size = source.stat().st_size
                        with source.open("rb") as file:
                            tar.addfile(info, file)
                        source.unlink()
            self.state(untracked=Kept("code/git/untracked.tar", ""))

        def aside(self):
            """A copy of the files as they are now."""
            folder = tmp_path_factory.mktemp("aside")
            return shutil.copytree(self.files, folder, dirs_exist_ok=True)

        def record(self):
            return work.record_files(self.files)

    return Crafted


def test_a_patch_that_does_not_apply(work, crafted):
    work.git.commit(a__py="two\n")
    work.git.write(a__py="three\n")
    made = crafted()
    (made.files / "diff.patch").write_text((made.files / "diff.patch").read_text().replace("-two", "-another"))
    made.state()
    run_id = made.record()
    work.forget()
    told = work.restore(run_id)
    base = work.git("rev-parse", "origin/main")
    assert (
        f"It begins at the upstream's commit {base[:12]}: git apply failed: error: a.py: patch does not apply" in told
    )
    assert work.git("rev-parse", "HEAD") == base
    assert (work.folder / "a.py").read_text() == "three\n"
    work.git("checkout", "-q", "-f", "main")
    (made.files / f"diff_{base}.patch").write_text("not a patch\n")
    made.state()
    told = work.refuse(made.record())
    assert "cannot be made here: git apply failed" in told
    assert "Nothing was changed" in told


def test_a_commit_that_nobody_has(work, crafted):
    made = crafted()
    made.state(commit="1" * 40)
    told = work.refuse(made.record())
    assert "the commit 111111111111 is neither here nor to be had from the remotes (origin)" in told
    work.git("remote", "remove", "origin")
    assert "there is none" in work.refuse(made.record())


def _names_that_lead_elsewhere():
    yield "..", [("../x", "x")], "leads elsewhere"
    yield "absolute", [("/tmp/x", "x")], "leads elsewhere"
    yield "git", [(".git/hooks/post-checkout", "x")], "leads elsewhere"
    yield "case", [("lib/.GIT/config", "x")], "leads elsewhere"
    yield "windows", [("lib/git~1/config", "x")], "update-index failed"
    yield "device", [("x", "", tarfile.CHRTYPE)], "neither a file nor a link"
    yield "hard link", [("x", "/etc/passwd", tarfile.LNKTYPE)], "neither a file nor a link"
    yield "no", [], "cannot be read"


@pytest.mark.thorough
def test_archives_that_lead_elsewhere(work, crafted):
    made, cases, folders = crafted(), list(_names_that_lead_elsewhere()), []
    for _, members, _ in cases:
        made.archive(*members)
        if not members:
            (made.files / "code/git/untracked.tar").write_bytes(b"\x01" * 2000)
            made.state(untracked=Kept("code/git/untracked.tar", ""))
        folders.append(made.aside())
    made.archive(("out", str(work.folder.parent), tarfile.SYMTYPE), ("out/x", "x"))
    run_id = work.record_files(*folders, made.files)
    for step, (name, _, said) in enumerate(cases):
        assert said in work.refuse(run_id, "--step", step), name
    work.restore(run_id)
    assert look(work.folder)["out/x"][0] == b"x"
    assert not (work.folder.parent / "x").exists()


@pytest.mark.thorough
def test_states_that_cannot_be(work, crafted):
    cases = []
    odd = Kept("\x1b[2J/../x", "0" * 64)
    for changed in ({"commit": "--upload-pack=touch x"}, {"base": "HEAD"}, {"path": "lib"}, {"changes": odd}):
        made = crafted()
        made.state(**changed)
        cases.append((made.aside(), f"{STATE} of {work.server.entity}/p/"))
    (made.files / STATE).write_text('{"repositories": 3}')
    cases.append((made.aside(), "is no state of code"))
    first = Repository(commit=work.git("rev-parse", "HEAD"))
    for path, said in (("../x", "no path of one"), ("a/.git/x", "no path of one"), ("b.py", "had changed it")):
        inner = Repository(path=path, commit=first.commit, changes=Kept("diff.patch", "0" * 64))
        (made.files / STATE).write_bytes(msgspec.json.encode(CodeState(repositories=(first, inner))))
        cases.append((made.aside(), said))
    made = crafted()
    made.state(left_out=("\x1b[2Jall is well",))
    run_id = work.record_files(*(folder for folder, _ in cases), made.files)
    for step, (_, said) in enumerate(cases):
        assert said in work.refuse(run_id, "--step", step)
    told = work.restore(run_id)
    assert "?[2Jall is well" in told
    assert "\x1b" not in told


def test_nothing_that_comes_from_the_server_is_run(work, crafted):
    """A commit that no remote has brings hooks; they are where this repository looks for its own."""
    mark = work.folder.parent / "it-ran"
    (work.folder / "hooks").mkdir()
    for name in ("post-checkout", "reference-transaction", "post-index-change", "pre-commit", "post-merge"):
        (work.folder / "hooks" / name).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (work.folder / "hooks" / name).chmod(0o755)
    work.git("add", "hooks")
    work.git.commit(a__py="two\n", __gitattributes="* filter=evil diff=evil\n")
    run_id = crafted().record()
    work.forget()
    work.git("config", "core.hooksPath", "hooks")
    work.restore(run_id)
    assert (work.folder / "hooks/post-checkout").is_file()
    beside = work.folder / "elsewhere"
    work.restore(run_id, "--worktree", beside, "--no-branch")
    assert (beside / "hooks/post-checkout").is_file()
    assert not mark.exists()


def test_a_tampered_bundle(work, crafted):
    work.git.commit(a__py="two\n")
    made = crafted()
    bundle = made.files / "code/git/commits.bundle"
    data = bytearray(bundle.read_bytes())
    data[-30] ^= 1
    bundle.write_bytes(data)
    made.state()
    run_id = made.record()
    work.forget()
    told = work.restore(run_id)  # the patch from the upstream's commit has it all
    assert "It begins at the upstream's commit" in told
    assert (work.folder / "a.py").read_text() == "two\n"


# -- other repositories ------------------------------------------------------------------------------------------------


def test_a_repository_without_commits(online, server, repository_in):
    work = Work.__new__(Work)
    work.place, work.server, work.folder = online, server, online.folder
    work.git = repository_in(online.folder)
    (online.folder / ".git/info/exclude").write_text(OURS)
    work.git.write(a__py="one\n", b__py="two\n")
    work.git("add", "a.py")
    run_id, before = work.record(), look(work.folder)
    assert "changes that are not committed" in work.restore(run_id, status=1)
    work.git("rm", "-q", "--cached", "a.py")
    assert "only be brought on a branch" in work.restore(run_id, "--no-branch", status=1)
    assert "can have no second working tree" in work.restore(run_id, "--worktree", "elsewhere", status=1)
    work.restore(run_id)
    assert look(work.folder) == before
    assert work.git("symbolic-ref", "HEAD") == f"refs/heads/playhead/{run_id}"
    work.git("symbolic-ref", "HEAD", "refs/heads/main")
    work.git("clean", "-fdq")
    work.git.commit(c__py="c\n")
    assert "b.py" not in look(work.folder)
    told = work.restore(run_id)
    assert look(work.folder) == before
    assert "without commits" in told
    work.git("checkout", "-q", "-f", "main")
    work.restore(run_id, "--worktree", "elsewhere")
    assert look(work.folder / "elsewhere") == before


@pytest.fixture
def nested(work, repository_in, tmp_path_factory):
    """`work` with a submodule that has one itself; changed, all of them."""
    folder = tmp_path_factory.mktemp("modules")
    inner, library = repository_in(folder / "inner"), repository_in(folder / "library")
    inner.commit(i__py="1\n")
    library.commit(l__py="1\n")
    library("submodule", "add", str(inner.folder), "deep")
    library("commit", "-qm", "deep")
    work.git("submodule", "add", str(library.folder), "lib")
    work.git("submodule", "update", "-q", "--init", "--recursive")
    work.git("commit", "-qam", "lib")
    work.push()
    lib = work.git.at(work.folder / "lib")
    lib.commit(m__py="m\n")
    lib.write(l__py="3\n", n__py="n\n")
    work.git.at(work.folder / "lib/deep").write(i__py="2\n")
    return work


def test_changes_in_submodules(nested):
    before = look(nested.folder)
    run_id = nested.record()
    assert "--worktree" in nested.refuse(run_id)
    beside = nested.folder / "elsewhere"
    nested.restore(run_id, "--worktree", beside)
    assert look(beside) == before
    clone = nested.clone()
    told = nested.refuse(run_id, where=clone)
    assert "git submodule update --init --recursive -- lib" in told
    nested.git.at(clone)("submodule", "update", "-q", "--init", "--recursive")
    nested.restore(run_id, where=clone)
    assert look(clone) == before
    assert nested.git.at(clone / "lib")("log", "-1", "--format=%s") == "m"


def test_one_that_fails_late_takes_all_back(nested):
    """The innermost submodule's lock is found when the others have been brought already."""
    run_id = nested.record()
    clone = nested.clone("--recurse-submodules")
    lock = clone / ".git/modules/lib/modules/deep/HEAD.lock"
    lock.write_text("")
    lib = nested.git.at(clone / "lib")
    before = lib("rev-parse", "HEAD"), lib("status", "--porcelain"), (clone / ".git/modules/lib/HEAD").read_text()
    told = nested.refuse(run_id, where=clone)
    assert "update-ref failed" in told
    assert before == (
        lib("rev-parse", "HEAD"),
        lib("status", "--porcelain"),
        (clone / ".git/modules/lib/HEAD").read_text(),
    )
    lock.unlink()
    nested.restore(run_id, where=clone)


@pytest.mark.parametrize(
    "call",
    ["read-tree -m -u", "update-ref -m", "symbolic-ref -m", "read-tree [0-9a-f]", "update-index", "worktree add"],
)
def test_ctrl_c_takes_all_back(work, tmp_path_factory, call):
    """It comes once git has done what it was called for, and once more while that is taken back."""
    work.git.commit(a__py="two\n")
    run_id = work.record()
    work.git.commit(a__py="three\n", b__py="other\n")
    work.push()
    place = tmp_path_factory.mktemp("bin")
    said, wrapper = place / "said", place / "git"
    wrapper.write_text(
        f'#!/bin/bash\n{shutil.which("git")} "$@"\nstatus=$?\n'
        f'if [ -e "{said}" ] || [[ "$*" =~ {call.replace(" ", chr(92) + " ")} ]]; then touch "{said}"; kill -INT $PPID; fi\n'
        "exit $status\n"
    )
    wrapper.chmod(0o755)
    options = ["--worktree", work.folder / "elsewhere"] if call == "worktree add" else []
    told = work.refuse(run_id, *options, PATH=f"{place}:{os.environ['PATH']}")
    assert "Aborted" in told
    assert said.exists()
    assert not (work.folder / "elsewhere").exists()
    work.restore(run_id, *options)


def test_a_run_of_a_module(work):
    (work.folder / "pkg").mkdir()
    (work.folder / "pkg/fit.py").write_text("import playhead\nrun = playhead.init(project='p', id='of-a-module')\n")
    done = subprocess.run(
        [sys.executable, "-m", "pkg.fit", "--lr", "1"],
        cwd=work.folder,
        env=work.place.env,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    work.git("add", ".")
    work.git("commit", "-q", "-m", "m")
    assert "It was started with: python -m pkg.fit --lr 1\n" in work.restore("of-a-module")


def test_as_of_a_step(work):
    run_id = work.record("for _ in range(3): run.log({'a': 1})")
    work.git.write(a__py="two\n")
    work.place.ask(f"run = playhead.init(project='p', id={run_id!r}, resume='must')\nrun.log({{'a': 1}})\n")
    work.git("checkout", "-q", "-f", "main")
    work.restore(run_id, "--step", "2")
    assert (work.folder / "a.py").read_text() == "one\n"
    work.restore(run_id)
    assert (work.folder / "a.py").read_text() == "two\n"


def test_patches_of_wandb(work, tmp_path_factory):
    """A run that has no more than a commit and the patches that W&B's client saves."""
    base = work.git("rev-parse", "HEAD")
    work.git.write(a__py="two\n")
    files = tmp_path_factory.mktemp("files")
    (files / "diff.patch").write_text(work.git("diff") + "\n")
    run_id = work.record_files(files)
    work.git("checkout", "-q", "-f", "main")
    work.restore(run_id)
    assert (work.folder / "a.py").read_text() == "two\n"
    assert work.git("rev-parse", "HEAD") == base


def test_without_git(work, tmp_path):
    work.git.write(a__py="two\n")
    run_id = work.record("run.save('b.py')")
    (tmp_path / "bin").mkdir(exist_ok=True)
    told = work.restore(run_id, status=1, PATH=str(tmp_path / "bin"))
    assert "git is not installed here: install it, or bring the run's files with --no-git." in told
    plain = tmp_path / "elsewhere-plain"
    plain.mkdir()
    told = work.restore(run_id, "--no-git", where=plain, PATH=str(tmp_path / "bin"))
    assert "python train0.py --epochs 3" in told
    assert (plain / run_id / "b.py").read_text() == "b\n"
    assert b"+two" in (plain / run_id / "diff.patch").read_bytes()
    assert yaml.safe_load((plain / run_id / "config.yaml").read_text())["lr"]["value"] == 0.1
    work.restore(run_id, "--no-git", "--worktree", "there", where=plain)
    assert (plain / "there/b.py").is_file()
    assert "is in no git repository" in work.restore(run_id, status=1, where=tmp_path.parent)


def test_of_what_nothing_is_known(work):
    told = work.refuse(work.record(PLAYHEAD_DISABLE_GIT="true"))
    assert "Nothing is known of the code" in told
    run_id = work.record(PLAYHEAD_DISABLE_CODE="true")
    work.git.commit(a__py="later\n")
    work.restore(run_id)
    assert (work.folder / "a.py").read_text() == "one\n"
