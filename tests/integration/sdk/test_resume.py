"""Going on with a run, from the user's side: by argument, by environment, by command line; real trainings, a real server."""

import os
import time

import pytest

from playhead.domain.ids import generate_id

FIRST = """
run = playhead.init(project="p", id=sys.argv[1], config={"lr": 0.1, "old": 1}, notes="mine", tags=["t"], name="calm-river-7")
for i in range(5):
    run.log({"a": i})
run.summary["best"] = 9
print("first line")
"""
AGAIN = """
run = playhead.init(project="p")
say(resumed=run.resumed, step=run.step, start=run.starting_step, id=run.id, segment=run.segment_id)
run.log({"a": 100})
"""


@pytest.fixture
def first(online, server):
    """A run of five rows that is over; answers its id."""

    def record(code=""):
        run_id = f"r-{generate_id()}"
        online.ask(FIRST + code, run_id)
        server.run(run_id, "finished")
        return run_id

    return record


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("said", ["", "allow", "must", "never"])
@pytest.mark.parametrize("by", ["argument", "PLAYHEAD_", "WANDB_", "command line"])
def test_the_table_of_the_seeds(online, server, first, by, said, there):
    run_id = first() if there else f"r-{generate_id()}"
    code, env, command = AGAIN, {}, []
    if by == "argument":
        code = code.replace('"p"', f'"p", id={run_id!r}, resume={said or None!r}')
    elif by == "command line":
        command = ["-m", "playhead.cli", "run", *(["--resume", said] if said else []), "--id", run_id]
        code = code.replace("playhead.init", "wandb.init")
        code = "import wandb\n" + code
    else:
        env = {f"{by}RESUME": said, f"{by}RUN_ID": run_id}
    error = (said, there) in {("must", False), ("never", True)}
    told = online.ask(code, env=env, command=command, status=int(error))
    if error:
        assert f"UsageError: {'There is no run' if said == 'must' else 'resume='}" in told["err"]
        assert 'resume="allow"' in told["err"]
        assert len(online.runs) == there
        return
    goes_on = there and bool(said)
    step = 5 if goes_on else 0
    assert (told["resumed"], told["step"], told["start"], told["id"]) == (goes_on, step, step, run_id)
    server.run(run_id, "finished")
    assert server.history(run_id) == [*((i, i) for i in range(step)), (step, 100)]
    assert ("WARNING" in told["err"]) is (there and not said)


def test_an_id_as_resume(online, server, first):
    run_id = first()
    assert online.ask(AGAIN.replace('"p"', f'"p", resume={run_id!r}'))["step"] == 5
    assert online.ask(AGAIN.replace('"p"', f'"p", resume="new-{run_id}"'))["id"] == f"new-{run_id}"


def test_what_the_script_says_counts_more(online, server, first):
    run_id = first()
    told = online.ask(
        AGAIN.replace('"p"', f'"p", fork_from="{run_id}?_step=2"'), env={"PLAYHEAD_RESUME": "must", "WANDB_RUN_ID": ""}
    )
    assert (told["resumed"], told["step"]) == (True, 3)
    online.ask(AGAIN.replace('"p"', '"p", resume="must"'), env={"PLAYHEAD_RESUME": "never", "PLAYHEAD_RUN_ID": run_id})


def test_everything_goes_on(online, server, first):
    run_id = first()
    before = server.api.run(f"{server.entity}/p/{run_id}")
    samples = len(before.system_metrics())
    told = online.ask(
        f"""
run = playhead.init(project="p", id={run_id!r}, resume="must", config={{"lr": 0.2, "new": 2}}, notes="other")
say(config=dict(run.config), summary=dict(run.summary), name=run.name, tags=run.tags, notes=run.notes)
run.log({{"a": 5}})
say(later=dict(run.summary))
time.sleep(1.5)
print("second line")
"""
    )
    assert told["config"] == {"lr": 0.2, "old": 1, "new": 2}
    assert (told["summary"], told["later"]) == ({"a": 4, "best": 9}, {"a": 5, "best": 9})
    assert (told["name"], told["tags"], told["notes"]) == ("calm-river-7", ["t"], "other")
    run = server.run(run_id, "finished")
    assert run.config == {"lr": 0.2, "old": 1, "new": 2}
    assert (run.summary["a"], run.summary["best"], run.name, run.notes, run.tags) == (
        5,
        9,
        "calm-river-7",
        "other",
        ["t"],
    )
    assert run.runtime >= before.runtime + 1.5
    assert [line.text for line in run.console()] == ["first line", "second line"]
    assert [line.step for line in run.console()] == [5, 6]
    assert len(run.system_metrics()) > samples > 0
    assert len(run.segments) == 1
    assert run.at(4).config == {"lr": 0.1, "old": 1}


def test_what_was_typed_in_the_page_gives_way_to_notes_only_if_there_are_some(online, server, first):
    run_id = first()
    server.api.run(f"{server.entity}/p/{run_id}").update(notes="typed", name="typed-name")
    told = online.ask(
        f"run = playhead.init(project='p', id={run_id!r}, resume='must')\nsay(n=run.notes, name=run.name)"
    )
    assert (told["n"], told["name"]) == ("typed", "typed-name")
    online.ask(f"playhead.init(project='p', id={run_id!r}, resume='must', notes='said')")
    assert server.run(run_id, "finished").notes == "said"


def test_without_resume_the_earlier_run_stays_whole(online, server, first):
    run_id = first()
    before = server.api.run(f"{server.entity}/p/{run_id}").segment_id
    told = online.ask(f"run = playhead.init(project='p', id={run_id!r})\nrun.log({{'a': 7}})")
    assert 'resume="must"' in told["err"]
    assert "archived" in told["err"]
    run = server.run(run_id, "finished")
    assert server.history(run_id) == [(0, 7)]
    assert run.config == {}
    assert [segment.archived for segment in run.segments] == [True, False]
    assert server.history(run_id, segment=before) == [(i, i) for i in range(5)]
    assert run.segment(before).config == {"lr": 0.1, "old": 1}
    assert run.segment(before).summary["best"] == 9


@pytest.mark.parametrize("how", ["'allow'", "True"])
def test_from_my_checkpoint(online, server, first, how):
    run_id = first()
    told = online.ask(
        f"run = playhead.init(project='p', id={run_id!r}, resume={how}, resume_step=2)\n"
        "say(step=run.step, resumed=run.resumed)\nrun.log({'a': 'x'})"
    )
    assert (told["step"], told["resumed"]) == (3, True)
    assert server.history(run_id) == [(0, 0), (1, 1), (2, 2), (3, "x")]
    fresh = f"r-{generate_id()}"
    told = online.ask(
        f"run = playhead.init(project='p', id={fresh!r}, resume='allow', resume_step=2)\nsay(step=run.step)"
    )
    assert told["step"] == 0


# -- the same folder -------------------------------------------------------------------------------------------------------

AUTO = """
run = playhead.init(project="p", resume=HOW)
say(id=run.id, resumed=run.resumed, step=run.step)
for i in range(3):
    run.log({"a": i})
"""


@pytest.mark.parametrize("how", ["True", "'auto'"])
def test_the_folder_remembers_an_unfinished_run(online, server, how):
    code = AUTO.replace("HOW", how)
    killed = online.ask(code + "os.kill(os.getpid(), signal.SIGKILL)", status=-9)
    failed = online.ask(code + "sys.exit(1)", status=1)
    over = online.ask(code)
    fresh = online.ask(code)
    assert [(one["resumed"], one["step"]) for one in (killed, failed, over, fresh)] == [
        (False, 0), (True, 3), (True, 6), (False, 0),
    ]  # fmt: skip
    assert killed["id"] == failed["id"] == over["id"] != fresh["id"]
    assert server.history(over["id"]) == [(i, i % 3) for i in range(9)]
    assert len(server.run(over["id"], "finished").segments) == 1


def test_another_folder_or_project_remembers_nothing(online, server, tmp_path):
    code = AUTO.replace("HOW", "True")
    killed = online.ask(code + "os.kill(os.getpid(), signal.SIGKILL)", status=-9)
    assert not online.ask(code, env={"PLAYHEAD_DIR": str(tmp_path / "other")})["resumed"]
    assert not online.ask(code.replace('"p"', '"p2"'))["resumed"]
    assert not killed["resumed"]


def test_the_environment_can_say_auto(online, server):
    code = AUTO.replace("resume=HOW", "config={'lr': 1}")
    first = online.ask(code + "os._exit(3)", status=3, env={"WANDB_RESUME": "auto"})
    again = online.ask(code, env={"WANDB_RESUME": "true"})
    assert (again["id"], again["step"]) == (first["id"], 3)


# -- ids -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "fitting"), [("my run/№1: a", "my run-№1- a"), (" 50% ", "-50--"), ("..", "-")]
)  # fmt: skip
def test_ids_are_made_to_fit_and_that_is_said(online, given, fitting):
    told = online.ask(
        f"run = playhead.init(project='p', id={given!r})\nsay(id=run.id)", env={"PLAYHEAD_MODE": "offline"}
    )
    assert told["id"] == fitting
    assert told["err"].count("was made") == 1
    again = online.ask(
        f"run = playhead.init(project='p', resume={given!r})\nsay(id=run.id, resumed=run.resumed)",
        env={"PLAYHEAD_MODE": "offline"},
    )
    assert (again["id"], again["resumed"]) == (told["id"], True)


def test_an_id_that_is_too_long(online):
    told = online.ask(f"playhead.init(project='p', id={'x' * 65!r})", status=1)
    assert "use 1 to 64 letters" in told["err"]
    assert not online.runs


# -- deleted runs ----------------------------------------------------------------------------------------------------------


def test_a_run_in_the_trash(online, server, first):
    run_id = first()
    path = f"{server.entity}/p/{run_id}"
    server.api.run(path).delete()
    told = online.ask(f"playhead.init(project='p', id={run_id!r}, resume='never')", status=1)
    assert "is in the trash" in told["err"]
    assert "playhead runs restore" in told["err"]
    told = online.ask(AGAIN.replace('"p"', f'"p", id={run_id!r}, resume="allow"'))
    assert told["step"] == 5
    assert "was in the trash" in told["err"]
    server.api.run(path).delete()
    told = online.ask(AGAIN.replace('"p"', f'"p", id={run_id!r}'))
    assert (told["resumed"], told["step"]) == (False, 0)
    assert server.history(run_id) == [(0, 100)]
    assert any(run.id.startswith(run_id) for run in server.api.runs(f"{server.entity}/p", trash=True))


def test_a_deleted_run(online, server, first):
    run_id = first()
    server.api.run(f"{server.entity}/p/{run_id}").delete(forever=True)
    told = online.ask(AGAIN.replace('"p"', f'"p", id={run_id!r}, resume="allow"'))
    assert (told["resumed"], told["step"]) == (False, 0)
    assert server.history(run_id) == [(0, 100)]


# -- the command line --------------------------------------------------------------------------------------------------------

CHILDREN = """
import multiprocessing, subprocess, sys
import wandb

def work():
    import wandb
    print("CHILD", wandb.__name__, wandb.init.__module__, flush=True)

if __name__ == "__main__":
    wandb.init(project="p", mode="disabled")
    import wandb.util, wandb.errors
    from wandb import util
    subprocess.run([sys.executable, "-c", "import wandb; print('CHILD', wandb.__name__, wandb.init.__module__)"], check=True)
    for method in ("spawn", "fork", "forkserver"):
        child = multiprocessing.get_context(method).Process(target=work)
        child.start()
        child.join()
"""


def test_children_of_the_script_import_it_too(online):
    status, out, err = online.train(CHILDREN, command=["-m", "playhead.cli", "run"])
    assert status == 0, err
    assert out.splitlines() == ["CHILD wandb playhead.sdk.init"] * 4


def test_arguments_and_exit_codes_pass_through(online):
    status, out, _ = online.train(
        "import sys, wandb\nprint(sys.argv[1:], __name__)\nsys.exit(7)",
        "--resume", "x", "-v", command=["-m", "playhead.cli", "run", "--mode", "disabled"],
    )  # fmt: skip
    assert (status, out) == (7, "['--resume', 'x', '-v'] __main__\n")


def test_everything_dies_in_the_middle(place, tmp_path, server_in):
    """Training, sidecar and server, at once, and again."""
    server = server_in(tmp_path / "data")
    place.env |= {"PLAYHEAD_MODE": "online"}
    code = """
from playhead.sdk import _current
run = playhead.init(project="p", id="all", resume="allow")
say(step=run.step)
i = run.step
while True:
    run.log({"a": i})
    os.write(log, b"%d\\n" % i)
    i += 1
    if i % 50 == 0:
        time.sleep(0.01)
    if i == 500:
        print("SIDECAR", _current.companion._link._process.pid, flush=True)
"""
    code = f"import os\nlog = os.open({str(tmp_path / 'returned')!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)\n" + code
    last = -1
    for _ in range(2):
        process = place.start(
            "import json, signal, sys, time, playhead\ndef say(**what): pass\n"
            + code.replace("i == 500", "i % 500 == 0")
        )
        line = process.stdout.readline()
        sidecar = int(line.split()[1])
        time.sleep(0.3)
        for kill in (process.kill, lambda pid=sidecar: os.kill(pid, 9), server.kill):
            kill()
        process.wait()
        returned = [int(line) for line in (tmp_path / "returned").read_text().split()]
        assert returned[-1] > last
        last = returned[-1]
    told = place.ask(
        "run = playhead.init(project='p', id='all', resume='must')\nsay(step=run.step)\nrun.log({'a': run.step})"
    )
    assert told["step"] in {last + 1, last + 2}  # the last call may have written and not returned
    server.begin()
    server.run("all", "finished")
    assert server.history("all") == [(i, i) for i in range(told["step"] + 1)]
    assert len(server.api.run(f"{server.entity}/p/all").segments) == 1
