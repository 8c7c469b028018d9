"""Rewinding and forking, from the user's side: real trainings, a real server."""

import os
import subprocess
import sys

import pytest

from playhead.domain.errors import NotFoundError, UsageError
from playhead.domain.ids import generate_id

RECORD = """
def record(run, first, last, value=None):
    for i in range(first, last):
        run.log({"a": i if value is None else value})
"""
FIRST = f"""{RECORD}
with playhead.init(project=sys.argv[2], id=sys.argv[1], name=sys.argv[3], config={{"lr": 0.1, "old": 1}}) as run:
    print("begun")
    record(run, 0, 3)
    run.config.update({{"late": True}})
    record(run, 3, 10)
    print("over")
    run.summary["best"] = 9
say(segment=run.segment_id)
"""


@pytest.fixture
def first(online, server):
    """A run of ten rows; answers its id."""

    def record(name=None, project="p"):
        run_id = f"w-{generate_id()}"
        online.ask(FIRST, run_id, project, name or f"name-of-{run_id}")
        server.wait(lambda: server.api.run(f"{server.entity}/{project}/{run_id}").state == "finished")
        return run_id

    return record


@pytest.fixture
def begin(online):
    """Begins a run with these arguments; answers what it found. `value`: what it logs, twice."""

    def call(arguments, value=None, status=0, env=None):
        code = f"""{RECORD}
run = playhead.init({"" if "project=" in arguments else "project='p', "}{arguments})
say(id=run.id, segment=run.segment_id, resumed=run.resumed, step=run.step, start=run.starting_step, config=dict(run.config),
    summary=dict(run.summary), name=run.name)
if {value!r} is not None:
    record(run, 0, 2, {value!r})
"""
        return online.ask(code, status=status, env=env)

    return call


def path(server, run_id):
    return f"{server.entity}/p/{run_id}"


def first_rows(count):
    return [(i, i) for i in range(count)]


# -- rewind ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form", ["resume_from='ID?_step=5'", "resume_from='ID', step=5", "resume_from='NAME', step=5", "resume_from='NAME?_step=5'"]
)  # fmt: skip
def test_a_rewind(server, first, begin, form):
    run_id = first()
    before = server.api.run(path(server, run_id))
    told = begin(form.replace("ID", run_id).replace("NAME", f"name-of-{run_id}") + ", config={'lr': 0.2}", value=70)
    assert told["id"] == run_id
    assert told["segment"] != before.segment_id
    assert (told["resumed"], told["step"], told["start"]) == (True, 6, 6)
    assert told["config"] == {"lr": 0.2, "old": 1, "late": True}
    assert (told["summary"], told["name"]) == ({"a": 5}, f"name-of-{run_id}")
    run = server.run(run_id, "finished")
    assert server.history(run_id) == [*first_rows(6), (6, 70), (7, 70)]
    assert (run.summary["a"], run.summary.get("best"), run.step) == (70, None, 8)
    assert [line.text for line in run.console()] == ["begun"]
    assert run.config == {"lr": 0.2, "old": 1, "late": True}
    old, new = run.segments
    assert (old.id, old.archived, old.last_step) == (before.segment_id, True, 9)
    assert (new.id, new.archived, new.parent, new.parent_step) == (told["segment"], False, old.id, 5)
    kept = run.segment(old.id)
    assert server.history(run_id, segment=old.id) == first_rows(10)
    assert [line.text for line in kept.console()] == ["begun", "over"]
    assert (kept.summary["best"], kept.config["lr"]) == (9, 0.1)
    assert len(kept.system_metrics()) > 0


def test_config_as_of_the_step(first, begin):
    assert begin(f"resume_from='{first()}?_step=2'")["config"] == {"lr": 0.1, "old": 1}


def test_by_the_environment(online, first):
    run_id = first()
    code = "run = playhead.init(project='p')\nsay(id=run.id, step=run.step)\nrun.log({'a': 0})"
    told = online.ask(code, env={"WANDB_RESUME_FROM": f"{run_id}?_step=7"})
    assert (told["id"], told["step"]) == (run_id, 8)


def test_the_command_line(online, first):
    run_id = first()
    code = (
        "import wandb\nrun = wandb.init(project='p')\nsay(id=run.id, step=run.step, name=run.name)\nrun.log({'a': 0})"
    )
    cli = ["-m", "playhead.cli", "run"]
    told = online.ask(code, command=[*cli, "--resume-from", f"{run_id}?_step=7"])
    assert (told["id"], told["step"]) == (run_id, 8)
    told = online.ask(
        code, command=[*cli, "--fork-from", f"{run_id}?_step=7", "--id", f"{run_id}-f", "--name", "forked"]
    )
    assert (told["id"], told["step"], told["name"]) == (f"{run_id}-f", 8, "forked")


def test_again_and_again_and_back(server, first, begin):
    run_id = first()
    run = server.api.run(path(server, run_id))
    origin, heads = run.segment_id, []
    for step in (7, 3, 2):
        heads.append(begin(f"resume_from='{run_id}?_step={step}'", value=step)["segment"])
        assert server.history(run_id) == [*first_rows(step + 1), (step + 1, step), (step + 2, step)]
    again = begin(f"resume_from='{run_id}?_step=4'", value=44)  # on what the last rewind wrote
    assert server.history(run_id) == [*first_rows(3), (3, 2), (4, 2), (5, 44), (6, 44)]
    assert [segment.id for segment in run.segments] == [origin, *heads, again["segment"]]
    run.rewind(segment=origin)
    assert begin(f"id={run_id!r}, resume='must'", value=10)["step"] == 10
    assert server.history(run_id) == [*first_rows(10), (10, 10), (11, 10)]
    assert server.history(run_id, segment=heads[0]) == [*first_rows(8), (8, 7), (9, 7)]


def test_a_resume_behind_a_rewind(server, first, begin):
    run_id = first()
    begin(f"resume_from='{run_id}?_step=5'", value=50)
    assert begin(f"id={run_id!r}, resume='must'", value=60)["step"] == 8
    assert server.history(run_id) == [*first_rows(6), (6, 50), (7, 50), (8, 60), (9, 60)]


def test_a_name_that_two_runs_have(server, first, begin):
    ids = [first(name="twin-1"), first(name="twin-1")]
    told = begin("resume_from='twin-1', step=5", status=1)
    assert "UsageError: Several runs" in told["err"]
    assert all(run_id in told["err"] for run_id in ids)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("resume_from='ID?epoch=3'", "only the run's own counter can be the point"),
        ("fork_from='ID?epoch=3'", "history and system metrics would lose their order in time"),
        ("resume_from='ID?_step=10'", "ends at step 9"),
        ("fork_from='ID?_step=10'", "ends at step 9"),
        ("resume_from='ID'", "?_step=500"),
        ("resume_from='ID?_step=x'", "is no step"),
        ("resume_from='ID?_step=-1'", "a step is 0 or more"),
        ("resume_from='ID?_step=1', step=2", "two steps"),
        ("resume_from='ID?_step=1&x=2'", "is no step"),
        ("resume_from='none?_step=1'", "There is no run with the id or name 'none'"),
        ("resume_from='ID?_step=1', id='other'", "A rewind keeps the run's id"),
        ("resume_from='ID?_step=1', resume='must'", "Give only one of"),
        ("resume_from='ID?_step=1', fork_from='ID?_step=1'", "Give only one of"),
        ("fork_from='ID?_step=1', id='ID'", "cannot be forked into itself"),
        ("step=3", "step= belongs to"),
    ],
)  # fmt: skip
def test_what_is_refused(online, begin, one_run, arguments, said):
    told = begin(arguments.replace("ID", one_run), status=1)
    assert "UsageError" in told["err"]
    assert said in told["err"]
    assert not online.runs


@pytest.fixture(scope="module")
def one_run(server, tmp_path_factory):
    """A run that no test changes, recorded in another folder; answers its id."""
    folder = tmp_path_factory.mktemp("one")
    code = (
        "import playhead\nrun = playhead.init(project='p', id='unchanged')\nfor i in range(10):\n    run.log({'a': i})"
    )
    env = {**os.environ, "PLAYHEAD_DATA_DIR": str(server.data)}
    subprocess.run([sys.executable, "-c", code], cwd=folder, env=env, check=True, capture_output=True)
    return "unchanged"


def test_before_the_first_row(server, online, begin):
    run_id = f"w-{generate_id()}"
    online.ask(
        f"run = playhead.init(project='p', id={run_id!r})\nrun.log({{'a': 5}}, step=5)\nrun.log({{'a': 6}}, step=6)"
    )
    assert begin(f"resume_from='{run_id}?_step=2'", value=1)["step"] == 3
    assert server.history(run_id) == [(3, 1), (4, 1)]


def test_the_read_api_and_the_commands_go_to_any_step(server, online, first, begin):
    run_id = first()
    origin = server.api.run(path(server, run_id)).segment_id
    begin(f"resume_from='{run_id}?_step=5', config={{'lr': 0.2}}", value=70)
    run = server.api.run(path(server, run_id))
    assert server.history(run_id, step=6) == [*first_rows(6), (6, 70)]
    assert server.history(run_id, segment=origin, step=6) == first_rows(7)
    assert (run.at(6).summary["a"], run.at(4).summary["a"]) == (70, 4)
    assert (run.at(1).config, run.at(6).config) == ({"lr": 0.1, "old": 1}, {"lr": 0.2, "old": 1, "late": True})
    with pytest.raises(UsageError, match="7 is the last"):
        run.at(8)
    with pytest.raises(NotFoundError):
        run.segment("none")
    shown = online.playhead("runs", "show", f"p/{run_id}", "--at", "4", "--json")
    assert (shown["summary"]["a"], shown["segment"], shown["config"]["lr"]) == (4, run.segment_id, 0.1)
    assert [(one["id"], one["archived"]) for one in shown["segments"]] == [(origin, True), (run.segment_id, False)]
    assert "as of step 4" in online.playhead("runs", "show", f"p/{run_id}", "--at", "4")
    assert "a: 9" in online.playhead("runs", "show", f"p/{run_id}", "--segment", origin)
    back = online.playhead("rewind", f"p/{run_id}", "--to", origin)
    assert f"--to {run.segment_id}" in back
    assert server.history(run_id) == first_rows(10)
    online.playhead("rewind", f"p/{run_id}", "--to", run.segment_id)
    assert server.history(run_id) == [*first_rows(6), (6, 70), (7, 70)]
    assert online.playhead("rewind", f"p/{run_id}", "--step", "3", "--json")["step"] == 4
    assert server.history(run_id) == first_rows(4)


# -- fork ----------------------------------------------------------------------------------------------------------------------


def test_a_fork(server, first, begin):
    run_id = first()
    told = begin(f"fork_from='{run_id}?_step=5', config={{'lr': 0.2}}", value=70)
    assert told["id"] != run_id
    assert (told["resumed"], told["step"], told["start"]) == (True, 6, 6)
    assert (told["config"], told["summary"]) == ({"lr": 0.2, "old": 1, "late": True}, {"a": 5})
    assert told["name"] != f"name-of-{run_id}"
    child = server.run(told["id"], "finished")
    assert server.history(told["id"]) == [*first_rows(6), (6, 70), (7, 70)]
    assert [line.text for line in child.console()] == ["begun"]
    parent = server.api.run(path(server, run_id))
    assert server.history(run_id) == first_rows(10)
    assert (child.parent.id, child.parent.step, child.parent.segment) == (run_id, 5, parent.segment_id)
    assert [one.id for one in parent.children] == [told["id"]]
    begin(f"id={told['id']!r}, resume='must'", value=80)
    child.reload()
    assert (child.parent.id, child.parent.step) == (run_id, 5)
    assert [one.id for one in parent.children] == [told["id"]]


def test_a_fork_with_its_own_id_and_its_own_config(server, first, begin):
    run_id = first()
    told = begin(f"fork_from='{run_id}', step=5, id='{run_id}-f', name='mine', config={{'x': 1}}, inherit_config=False")
    assert (told["id"], told["name"], told["config"]) == (f"{run_id}-f", "mine", {"x": 1})
    assert server.run(f"{run_id}-f", "finished").config == {"x": 1}
    told = begin(f"fork_from='{run_id}?_step=5', id='{run_id}-f'", status=1)
    assert "is there already" in told["err"]


def test_a_fork_of_a_fork_of_a_rewound_run(server, first, begin):
    run_id = first()
    begin(f"resume_from='{run_id}?_step=5'", value=50)
    child = begin(f"fork_from='{run_id}?_step=6'", value=60)["id"]
    assert server.history(child) == [*first_rows(6), (6, 50), (7, 60), (8, 60)]
    grandchild = begin(f"fork_from='{child}?_step=7'", value=70)["id"]
    assert server.history(grandchild) == [*first_rows(6), (6, 50), (7, 60), (8, 70), (9, 70)]
    begin(f"resume_from='{grandchild}?_step=3'", value=30)  # below where it was forked
    assert server.history(grandchild) == [*first_rows(4), (4, 30), (5, 30)]
    assert server.history(child) == [*first_rows(6), (6, 50), (7, 60), (8, 60)]
    assert server.api.run(path(server, grandchild)).parent.id == child
    server.api.run(path(server, run_id)).delete(forever=True)
    assert server.history(child) == [*first_rows(6), (6, 50), (7, 60), (8, 60)]


def test_a_fork_from_another_project(server, first, begin):
    run_id = first(project="q")
    told = begin(f"fork_from='{server.entity}/q/{run_id}?_step=5'", value=1)
    assert server.history(told["id"]) == [*first_rows(6), (6, 1), (7, 1)]
    told = begin(f"fork_from='q/{run_id}?_step=5'", value=1)
    assert server.history(told["id"]) == [*first_rows(6), (6, 1), (7, 1)]


def test_an_unfinished_run_of_the_folder_is_not_forgotten_by_a_fork(online, first):
    run_id = first()
    code = "run = playhead.init(project='p', resume=True)\nsay(id=run.id)\nrun.log({'a': 1})\n"
    killed = online.ask(code + "os.kill(os.getpid(), signal.SIGKILL)", status=-9)
    forked = online.ask(f"run = playhead.init(project='p', fork_from='{run_id}?_step=1')\nsay(id=run.id)")
    assert len({killed["id"], forked["id"], run_id}) == 3
    assert online.ask(code + "os.kill(os.getpid(), signal.SIGKILL)", status=-9)["id"] == killed["id"]
