"""How runs begin: folders, several of them, what W&B's documentation shows, modes."""

import os
import re

import pytest

from a_reader import read_journal

# The documentation's own snippets; only the imported name differs.
LOOP = """
import playhead as wandb
for x in range(10):
    run = wandb.init(project="runs-from-for-loop", reinit=True)
    for y in range (100):
        wandb.log({"metric": x+y})
    run.finish()
"""
LOOP_WITH = """
import playhead as wandb
for x in range(10):
    run = wandb.init(reinit=True)
    with run:
        for y in range(100):
            run.log({"metric": x+y})
"""
DRYRUN = """
import playhead as wandb
import os
os.environ["WANDB_API_KEY"] = "YOUR_KEY_HERE"
os.environ["WANDB_MODE"] = "dryrun"
config = {
  "dataset": "CIFAR10",
  "machine": "offline cluster",
  "model": "CNN",
  "learning_rate": 0.01,
  "batch_size": 128,
}
wandb.init(project="offline-demo")
for i in range(100):
  wandb.log({"accuracy": i})
"""


@pytest.mark.parametrize("code", [LOOP, LOOP_WITH], ids=["reinit", "with"])
def test_many_runs_from_a_loop(place, code):
    place.train_well(code)
    journals = place.journals()
    assert len({journal.header.run_id for journal in journals}) == 10
    assert sorted(journal.rows[0][1]["metric"] for journal in journals) == list(range(10))
    assert {len(journal.rows) for journal in journals} == {100}
    assert {journal.exit_code for journal in journals} == {0}


def test_the_readable_name(place):
    out = place.train_well("import playhead as wandb\nwandb.init()\nrun_name = wandb.run.name\nprint(run_name)")
    assert re.fullmatch(r"[a-z]+-[a-z]+-1\n", out)
    assert place.journal().start["name"] == out.strip()


def test_the_name_becomes_the_id(place):
    place.train_well("import playhead as wandb\nwandb.init()\nwandb.run.name = wandb.run.id\nwandb.run.save()")
    journal = place.journal()
    assert journal.of("meta") == [{"name": journal.header.run_id}]


def test_dryrun(place):
    place.train_well(DRYRUN, env={"PLAYHEAD_MODE": ""})
    assert [row["accuracy"] for _, row in place.journal().rows] == list(range(100))
    assert place.journal().header.project == "offline-demo"
    assert place.runs[0].name.startswith("offline-run-")
    assert not (place.folder / "data").exists()


@pytest.mark.parametrize("variable", ["PLAYHEAD_MODE", "WANDB_MODE"])
@pytest.mark.parametrize("mode", ["offline", "dryrun"])
def test_offline_by_environment(place, variable, mode):
    out = place.train_well(
        "import playhead\nrun = playhead.init()\nprint(run.offline, run.url, run.settings.mode)",
        env={"PLAYHEAD_MODE": "", variable: mode},
    )
    assert out == "True None offline\n"
    assert not (place.folder / "data").exists()


def test_layout(place):
    place.train_well("import playhead\nrun = playhead.init(id='abc')\nopen(run.dir + '/own.txt', 'w').close()")
    [run] = place.runs
    assert re.fullmatch(r"offline-run-\d{8}_\d{6}-abc", run.name)
    assert {path.name for path in run.iterdir()} >= {"files", "logs", "main.journal"}
    assert (run / "files/own.txt").exists()
    latest = place.folder / "playhead/latest-run"
    assert latest.is_symlink()
    assert latest.readlink().name == run.name
    place.train_well(
        "import playhead\nplayhead.init(id='abc', settings={'symlink': False}).finish()\nplayhead.init(id='abc')"
    )
    assert len(place.runs) == 3
    assert latest.resolve() != run


def test_arguments(place):
    place.train_well(
        """
import argparse, playhead
run = playhead.init(
    entity="me", project="p", id="my-id", name="n", notes="**x**", tags=["a", "b"], group="g", job_type="train",
    config=argparse.Namespace(lr=0.1, secret=1), config_exclude_keys=["secret"], mode="offline", dir="sub", anonymous="allow",
    force=True, resume=False, save_code=False, settings=playhead.Settings(console="off", _disable_stats=True),
)
print(run.path, run.id, run.name, run.notes, run.tags, run.group, run.job_type, run.config, run.step, run.resumed, run.disabled)
print("not recorded")
assert abs(run.start_time - __import__("time").time()) < 9
"""
    )
    place.folder /= "sub"
    journal = place.journal()
    assert (journal.header.entity, journal.header.project, journal.header.run_id) == ("me", "p", "my-id")
    start = {key: journal.start[key] for key in ("name", "notes", "tags", "group", "job_type", "mode")}
    assert start == {
        "name": "n", "notes": "**x**", "tags": ["a", "b"], "group": "g", "job_type": "train", "mode": "offline"
    }  # fmt: skip
    assert journal.config == {"lr": 0.1}
    assert journal.console == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("resume='must'", "needs the id"), ("resume='a', id='b'", "two runs"), ("resume_from='a'", "from which step"),
        ("fork_from='a?epoch=1'", "own counter"), ("fork_from='a?_step=1', id='a'", "into itself"), ("resume=True, fork_from='a?_step=1'", "only one"),
        ("resume_from='a?_step=-1'", "0 or more"), ("resume_from='a?_step=x'", "no step"), ("step=5", "which run"), ("resume_step=5", "belongs to"),
        ("sync_tensorboard=True", "not yet"), ("tensorboard=True", "not yet"), ("monitor_gym=True", "not yet"),
        ("mode='shared'", "needs the id"), ("mode='sideways'", "mode='sideways'"), ("reinit='perhaps'", "reinit='perhaps'"), ("reinit=[]", "reinit=[]"),
        ("id='x' * 65", "run id"), ("project='a/b'", "project"), ("tags=['x' * 65]", "tag"), ("name=' '", "name of a run"), ("config=3", "config is a dict"),
        ("config='none.yaml'", "none.yaml"), ("config_include_keys=['a'], config_exclude_keys=['b']", "not both"),
        ("settings={'nonsense': 1}", "no setting 'nonsense'"), ("settings={'sync_tensorboard': True}", "not yet"),
    ],
)  # fmt: skip
def test_wrong_arguments(place, arguments, said):
    out = place.train_well(
        f"import playhead\ntry:\n    playhead.init({arguments})\nexcept playhead.errors.UsageError as error:\n    print(error)"
    )
    assert said in out
    assert not place.runs


@pytest.mark.parametrize(
    ("variable", "said"),
    [("WANDB_RESUME", "resume="), ("WANDB_FORK_FROM", "fork_from="), ("PLAYHEAD_RESUME_FROM", "resume_from=")],
)
def test_what_is_not_yet_there_is_not_ignored(place, variable, said):
    status, _, err = place.train("import playhead\nplayhead.init()", env={variable: "must"})
    assert status == 1
    assert said in err


def test_config_files(place):
    (place.folder / "a.yaml").write_text("lr: 1\nfrom_a: 1\n")
    (place.folder / "b.json").write_text('{"lr": 2, "from_b": 1}')
    place.train_well("import playhead\nplayhead.init(config={'own': 1})", env={"WANDB_CONFIG_PATHS": "a.yaml,b.json"})
    assert place.journal().config == {"lr": 2, "from_a": 1, "from_b": 1, "own": 1}


def test_a_second_init_goes_on_with_the_first(place):
    _, out, err = place.train(
        "import playhead\na = playhead.init(name='a')\nb = playhead.init(name='b', config={'x': 1})\nprint(a is b, a is playhead.init())"
    )
    assert out == "True True\n"
    assert err.count("goes on with the open run a") == 1
    assert "run_name, config" in err
    assert len(place.runs) == 1


def test_several_at_once(place):
    out = place.train_well(
        """
import playhead
main = playhead.init(name="main")
others = [playhead.init(name=f"n{i}", reinit="create_new") for i in range(3)]
assert playhead.run is main
playhead.log({"main": 1})
for i, run in enumerate(others):
    run.log({"i": i})
others[0].finish()
playhead.log({"main": 2})
main.finish()
print(playhead.run, len({run.id for run in others}))
"""
    )
    assert out == "None 3\n"
    rows = {journal.start["name"]: [row for _, row in journal.rows] for journal in place.journals()}
    assert rows == {"main": [{"main": 1}, {"main": 2}], "n0": [{"i": 0}], "n1": [{"i": 1}], "n2": [{"i": 2}]}


def test_threads_that_begin_at_once(place):
    place.train_well(
        """
import threading, playhead
def work(n):
    with playhead.init(name=f"n{n}", reinit="create_new") as run:
        for i in range(100):
            run.log({"i": i})
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
"""
    )
    assert [[row["i"] for _, row in journal.rows] for journal in place.journals()] == [list(range(100))] * 4


def test_before_init(place):
    out = place.train_well(
        """
import playhead
print(playhead.run, playhead.config, playhead.finish())
for call in (lambda: playhead.log({}), lambda: playhead.config.lr, lambda: playhead.config.update({}), lambda: playhead.summary["a"],
             lambda: setattr(playhead.summary, "a", 1), lambda: playhead.save()):
    try:
        call()
        print("no error")
    except playhead.errors.UsageError as error:
        assert "call playhead.init() before" in str(error), error
"""
    )
    assert out == "None <playhead.config: call playhead.init() first> None\n"


def test_in_a_notebook(place):
    place.train_well(
        """
import builtins, playhead
builtins.get_ipython = lambda: None
first = playhead.init(config={"lr": 1})
first.config.lr = 2
second = playhead.init()
assert first is not second and playhead.run is second
assert playhead.init(reinit="return_previous") is second
"""
    )
    assert [journal.exit_code for journal in place.journals()] == [0, 0]


def test_a_script_of_its_own_is_not_a_notebook(place):
    out = place.train_well(
        "import playhead\nrun = playhead.init(config={'lr': 1})\ntry:\n    run.config.lr = 2\nexcept playhead.errors.UsageError:\n    print('refused')\n"
        "run.config.update({'lr': 3}, allow_val_change=True)"
    )
    assert out == "refused\n"
    assert place.journal().config == {"lr": 3}


def test_disabled_leaves_no_trace(place):
    out = place.train_well(
        """
import inspect, os, playhead
from playhead.sdk.run import Run
run = playhead.init(mode="disabled", config={"lr": 1}, name="n")
assert isinstance(run, playhead.Run) and playhead.run is run
with run:
    playhead.log({"a": object()})
    run.log({"a": 3}, step=5)
    run.log([1])
    run.log(None, step="x")
    run.save("model.pt", base_path="/")
    run.config.lr = 2
    run.config.update({"lr": 3})
    run.summary["best"] = 1
    run.name, run.notes, run.tags = "other", "x", ("a",)
    for name, member in inspect.getmembers(Run):
        if not name.startswith("_"):
            getattr(run, name)
    print(run.config.lr, run.summary.a, run.step, run.url, run.offline, run.disabled, run.name, run.path)
    open(os.path.join(run.dir, "file"), "w").close()
playhead.init(mode="disabled").log({})
"""
    )
    assert out.split() == ["3", "3", "7", "None", "True", "True", "other", f"dummy/dummy/{out.split('/')[-1].strip()}"]
    assert sorted(path.name for path in place.folder.iterdir()) == ["train0.py"]


@pytest.mark.parametrize("end", ["", "raise ValueError", "import os; os._exit(0)"])
def test_disabled_takes_every_end(place, end):
    _, _, err = place.train(f"import playhead\nplayhead.init(mode='disabled')\nplayhead.log({{}})\n{end}")
    assert "playhead:" not in err


@pytest.mark.parametrize("how", [{"WANDB_CONSOLE": "off"}, {"PLAYHEAD_CONSOLE": "off"}])
def test_console_off(place, how):
    assert place.train_well("import playhead\nplayhead.init()\nprint('hello')", env=how) == "hello\n"
    assert place.journal().console == []


@pytest.mark.parametrize(
    ("how", "said"), [({}, True), ({"WANDB_QUIET": "true"}, False), ({"WANDB_SILENT": "true"}, False)]
)
def test_what_is_printed(place, how, said):
    _, out, err = place.train("import playhead\nplayhead.init()\nprint('hello')", env=how)
    assert out == "hello\n"
    assert ("playhead: Recording" in err) is said
    assert ("playhead sync" in err) is said


def test_logging_and_colours_in_the_console(place):
    place.train_well(
        """
import logging, sys
logging.basicConfig(stream=sys.stderr, format="%(message)s")
import playhead
playhead.init()
logging.warning("by logging")
print("\\x1b[31mred\\x1b[0m")
for i in range(101):
    print(f"\\r{i}%", end="", file=sys.stderr)
"""
    )
    assert place.journal().console == ["by logging", "\x1b[31mred\x1b[0m", "100%"]


def test_a_clock_that_goes_backwards(place):
    place.train_well(
        """
import time, playhead
real, shift = time.time_ns, [0]
time.time_ns = lambda: real() + shift[0]
run = playhead.init()
for i in range(10):
    run.log({"i": i})
    shift[0] -= 3_600_000_000_000
second = playhead.init(reinit="create_new")
second.log({"i": 0})
"""
    )
    first, second = sorted(place.journals(), key=lambda journal: -len(journal.rows))
    assert first.times == sorted(first.times)
    assert first.times[-1] - first.times[0] < 60_000_000
    assert second.times[0] < first.times[0]


def test_a_working_directory_that_is_gone(place):
    (place.folder / "gone").mkdir()
    _, _, err = place.train(
        "import os, playhead\nos.chdir('gone')\nos.rmdir('../gone')\nrun = playhead.init()\nrun.log({'a': 1})\nprint(run.dir)"
    )
    assert "cannot be used" in err
    assert "Traceback" not in err


def test_an_unwritable_folder(place):
    (place.folder / "file").write_text("no folder")
    _, out, err = place.train("import playhead\nrun = playhead.init(dir='file')\nrun.log({'a': 1})\nprint(run.dir)")
    assert err.count("WARNING") == 1
    assert "cannot be used" in err
    assert "PLAYHEAD_DIR" in err
    fallback = place.folder / f"playhead-{os.getuid()}"
    assert out.startswith(str(fallback))
    assert fallback.stat().st_mode & 0o777 == 0o700


def test_somebody_elses_fallback_is_not_used(place):
    (place.folder / "file").write_text("no folder")
    (place.folder / "elsewhere").mkdir()
    (place.folder / f"playhead-{os.getuid()}").symlink_to(place.folder / "elsewhere")
    out = place.train_well("import playhead\nprint(playhead.init(dir='file').dir)")
    assert "elsewhere" not in os.path.realpath(out)
    assert not list((place.folder / "elsewhere").iterdir())


def test_nowhere_to_record(place):
    (place.folder / "file").write_text("no folder")
    status, _, err = place.train(
        "import playhead\nplayhead.init(dir='file')", env={"TMPDIR": str(place.folder / "file")}
    )
    assert status == 1
    assert "LaunchError: The run can be recorded neither in" in err


def test_what_is_known_about_the_machine(place):
    place.train_well("import playhead\nplayhead.init()", "--lr", "0.1")
    [info] = [data["info"] for data in read_journal(place.runs[0] / "system.journal").of("meta") if "info" in data]
    assert info["args"] == ["--lr", "0.1"]
    assert info["program"].endswith("train0.py")
    assert {"host", "user", "python", "os", "cpu_count", "memory"} <= info.keys()


@pytest.mark.parametrize("how", [{"PLAYHEAD_DISABLE_META": "true"}, {}])
def test_it_can_be_left_out(place, how):
    settings = "" if how else "settings=playhead.Settings(x_disable_meta=True)"
    place.train_well(f"import playhead\nplayhead.init({settings})", env=how)
    assert not read_journal(place.runs[0] / "system.journal").of("meta")
