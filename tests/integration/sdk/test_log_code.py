"""`log_code` and `save_code`: what is saved of a folder of code, of a script, of a notebook; and what never is."""

import json
import subprocess

import pytest

FILES = """main.py package/a.py package/deep/b.PYX package/playhead/module.py requirements-dev.txt Dockerfile notes.ipynb
    data.csv notes.txt .hidden/c.py __pycache__/d.py venv/lib/e.py generated/f.py wandb/run-20200101_000000-abc/files/g.py
    credentials/h.py prod.env git/i.py"""
CODE = {"Dockerfile", "main.py", "notes.ipynb", "package/a.py", "package/deep/b.PYX", "package/playhead/module.py", "requirements-dev.txt"}  # fmt: skip


@pytest.fixture
def tree(place):
    root = place.folder / "project"
    for name in [*FILES.split(), "venv/pyvenv.cfg"]:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}")
    (root / ".gitignore").write_text("generated/\n")
    subprocess.run(["git", "init", "-q", root], check=True)
    return root


def saved(server, run_id):
    return {file.name for file in server.run(run_id, "finished").files() if file.name.startswith("code/")}


def test_a_tree(online, server, tree):
    told = online.ask(
        "run = playhead.init(project='p', settings={'disable_code': True})\n"
        "say(id=run.id, dir=run.dir, paths=run.log_code('project'))"
    )
    assert saved(server, told["id"]) == {f"code/{name}" for name in CODE}
    assert told["paths"] == sorted(f"{told['dir']}/code/{name}" for name in CODE)
    assert "'code/git/i.py' (what git keeps has this name)" in told["err"]
    file = server.run(told["id"], "finished").file("code/package/a.py")
    with file.download(str(online.folder / "back")) as back:
        assert back.read() == "# package/a.py"


def test_a_tree_by_choice(online, server, tree):
    told = online.ask(
        "run = playhead.init(project='p', settings={'disable_git': True})\n"
        "ends = lambda path: path.endswith(('.csv', '.env', '.py'))\n"
        "def deep(path, root):\n    assert path.startswith(root + '/')\n    return '/' in path[len(root) + 1:]\n"
        "run.log_code('project', name='own', include_fn=ends, exclude_fn=deep)\n"
        "run.log_code('project', include_fn=lambda *told: len(told) == 2 and told[0].endswith('a.py'))\n"
        "say(id=run.id, none=run.log_code('project', include_fn=lambda path: False))"
    )
    assert saved(server, told["id"]) == {"code/own/data.csv", "code/own/main.py", "code/package/a.py"}
    assert "'code/own/prod.env' (its name is one of secrets)" in told["err"]
    assert told["none"] == []
    assert "log_code() has found no code in " in told["err"]


SCRIPT = "import playhead\nrun = playhead.init(project='p'{})\nrun.log({{'a': 1}})\nprint(run.id)\n"


def test_the_script(online, server):
    quiet = {"PLAYHEAD_DISABLE_GIT": "1"}
    by_argument = online.train_well(SCRIPT.format(", save_code=True"), env=quiet).strip()
    assert saved(server, by_argument) == {"code/train0.py"}
    with (
        server.api.run(f"{server.entity}/p/{by_argument}")
        .file("code/train0.py")
        .download(str(online.folder / "b")) as back
    ):
        assert back.read() == SCRIPT.format(", save_code=True")
    by_variable = online.train_well(SCRIPT.format(""), env={**quiet, "WANDB_SAVE_CODE": "true"}).strip()
    assert saved(server, by_variable) == {"code/train1.py"}
    switched_off = online.train_well(SCRIPT.format(", save_code=True"), env={"PLAYHEAD_DISABLE_CODE": "1"}).strip()
    assert saved(server, switched_off) == set()
    not_asked = online.train_well(SCRIPT.format(""), env=quiet).strip()
    assert saved(server, not_asked) == set()


NOTEBOOK = """
import builtins
from pathlib import Path
class Shell:
    user_ns = {}
builtins.get_ipython = lambda: Shell
Path("mine.ipynb").write_text("{}")
run = playhead.init(project="p", save_code=True)
run.log({"a": 1})
time.sleep(1)
Path("mine.ipynb").write_text('{"cells": []}')
say(id=run.id)
"""


@pytest.mark.parametrize("way", ["JPY_SESSION_NAME", "PLAYHEAD_NOTEBOOK_NAME", "VSCODE"])
def test_a_notebook(online, server, way):
    """What it is at the end counts: it is saved by hand, now and then."""
    env = {way: str(online.folder / "mine.ipynb"), "PLAYHEAD_DISABLE_GIT": "1"}
    code = "import os\n" + NOTEBOOK.replace(
        "user_ns = {}", 'user_ns = {"__vsc_ipynb_file__": os.environ.get("VSCODE")}'
    )
    run = server.run(online.ask(code, env=env)["id"], "finished")
    with run.file("code/mine.ipynb").download(str(online.folder / "back")) as back:
        assert json.loads(back.read()) == {"cells": []}


def test_without_a_notebook_that_is_known(place):
    code = NOTEBOOK.replace("time.sleep(1)", "")
    place.ask(code, env={"PLAYHEAD_DISABLE_GIT": "1"})
    assert not place.journal().of("save")


def test_what_is_wrong(place, tree):
    (place.folder / "broken/.git").mkdir(parents=True)
    (place.folder / "broken/a.py").write_text("")
    (place.folder / "broken/large.py").write_bytes(b"#" * (11 << 20))
    told = place.ask(
        "run = playhead.init(project='p')\nwrong = []\n"
        "for call in (lambda: run.log_code('nowhere'), lambda: run.log_code(3), lambda: run.log_code('project/main.py')):\n"
        "    try:\n        call()\n    except playhead.errors.UsageError as error:\n        wrong.append(error.message)\n"
        "say(wrong=wrong, broken=run.log_code('broken'), above=run.log_code('project', name='../x'))\n"
        "(__import__('pathlib').Path('broken/.git')).rmdir()\nsay(whole=run.log_code('broken'))\n"
        "run.finish()\ntry:\n    run.log_code()\nexcept playhead.errors.UsageError as error:\n    say(after=error.message)\n"
        "with playhead.init(mode='disabled') as other:\n    say(disabled=other.log_code())",
        env={"GIT_CEILING_DIRECTORIES": str(place.folder)},
    )  # fmt: skip
    assert ["no such folder" in message or "wants the path of a folder" in message for message in told["wrong"]] == [
        True
    ] * 3
    assert told["broken"] == told["above"] == told["disabled"] == []
    assert "git does not say which files it ignores" in told["err"]
    assert len(told["whole"]) == 1
    assert "it is larger than 10,485,760 bytes" in told["err"]
    assert "log_code() after finish()" in told["after"]
