"""What a process of W&B's client says of its run beside rows: names, config, definitions, the machine, alerts, its end."""

import time

import pytest

OFTEN = {"WANDB__FILE_STREAM_TRANSMIT_INTERVAL": "0.5"}


@pytest.fixture(scope="module")
def trained(machine_for_all, repository_in):
    """A run with everything that can be said."""
    repository = repository_in(machine_for_all.work)
    repository("remote", "add", "origin", "https://user:secret@example.org/code.git")
    commit = repository.commit(model__py="x = 1")
    done = machine_for_all.train(
        """
        import wandb
        run = wandb.init(
            project="cycle", id="one", name="my run", notes="hello", tags=["x", "y"], group="g", job_type="train",
            config={"lr": 0.1, "nest": {"a": [1, 2]}, "nan": float("nan"), "big": 2**60},
        )
        tell([run.entity, run.project, run.id, run.name, run.starting_step, run.resumed])
        run.define_metric("epoch")
        run.define_metric("loss", step_metric="epoch", summary="min,max")
        run.define_metric("val/*", step_metric="epoch", summary="max", hidden=True)
        run.log({"loss": 1.0, "epoch": 0, "val/acc": 0.5})
        run.config.update({"later": 3})
        run.tags += ("z",)
        run.notes = "changed"
        run.alert("loss is high", "very", level="WARN")
        run.alert("loss is high", "again", level="WARN")
        run.alert("loss is high", "at once", level="ERROR", wait_duration=0.001)
        run.log({"loss": 0.5, "epoch": 1, "val/acc": 0.25})
        run.summary["best"] = 3
        run.finish()
        """
    )
    return done.told, commit


def test_what_the_run_is_called(trained, server):
    told, _ = trained
    assert told[0] == [server.me, "cycle", "one", "my run", 0, False]
    run = server.run("cycle", "one")
    assert (run["name"], run["group"], run["job_type"], run["notes"]) == ("my run", "g", "train", "changed")
    assert run["tags"] == ["x", "y", "z"]
    assert (run["state"], run["exit_code"], run["step"]) == ("finished", 0, 2)


def test_config_comes_and_grows(trained, server):
    run = server.run("cycle", "one")
    config = run["config"]
    assert config.pop("nan") in ("NaN", None)
    assert config == {"lr": 0.1, "nest": {"a": [1, 2]}, "big": 2**60, "later": 3}
    assert run["summary"]["best"] == 3


def test_definitions_of_metrics(trained, server):
    run = server.run("cycle", "one")
    metrics = {one["name"]: one for one in run["metrics"]}
    assert metrics["loss"]["step_metric"] == "epoch"
    assert metrics["loss"]["summary"] == ["min", "max"]
    assert metrics["val/*"]["hidden"]
    assert run["summary"]["loss"] == {"min": 0.5, "max": 1.0}
    assert run["summary"]["val/acc"] == {"max": 0.5}


def test_the_machine_and_the_code(trained, server):
    meta = server.run("cycle", "one")["meta"]
    assert meta["program"].endswith("train.py")
    assert {"host", "os", "python", "cpu_count", "memory", "executable"} <= meta.keys()
    assert meta["git"] == {"commit": trained[1], "remote": "https://example.org/code.git"}
    assert meta["wandb"] == "0.31.0"
    assert not [name for name in meta if name.startswith("_")]


def test_alerts(trained, server):
    marks = server.get(f"/runs/{server.me}/cycle/one/marks")
    alerts = [(one["text"], one["more"], one["level"]) for one in marks if one["kind"] == "alert"]
    assert alerts == [("loss is high", "very", "WARN"), ("loss is high", "at once", "ERROR")]


def test_ends(machine, server):
    machine.train(
        """
        import wandb
        for code in (0, 3):
            run = wandb.init(project="cycle", id=f"code-{code}")
            run.log({"a": 1})
            run.finish(code)
        run = wandb.init(project="cycle", id="preempted")
        run.mark_preempting()
        run.finish(1)
        with wandb.init(project="cycle", id="raises") as run:
            run.log({"a": 1})
            raise ValueError("on purpose")
        """,
        code=1,
    )
    ends = {name: server.run("cycle", name) for name in ("code-0", "code-3", "preempted", "raises")}
    assert {name: (run["state"], run["exit_code"]) for name, run in ends.items()} == {
        "code-0": ("finished", 0), "code-3": ("failed", 3), "preempted": ("preempted", 1), "raises": ("failed", 1),
    }  # fmt: skip
    assert all(run["finished_at"] for run in ends.values())


def test_a_stop_from_our_page_reaches_the_training(machine, server):
    training = machine.start(
        """
        import time
        import wandb
        run = wandb.init(project="cycle", id="stopped")
        tell("begun")
        try:
            for step in range(2_000):
                run.log({"a": step})
                time.sleep(0.1)
        except KeyboardInterrupt:
            tell("interrupted")
            run.finish(255)
        """,
        **OFTEN,
    )
    assert "begun" in training.stdout.readline()
    assert server.request("POST", f"/api/v1/runs/{server.me}/cycle/stopped/stop").status == 200
    done = machine.wait(training)
    assert done.told == ["interrupted"]
    assert server.run("cycle", "stopped")["state"] == "killed"


def test_a_training_that_falls_silent_has_crashed_and_goes_on(own_server, machine_of):
    own_server.start(PLAYHEAD_SILENT_AFTER="2")
    machine = machine_of(own_server, "machine")
    training = machine.start(
        """
        import os, signal
        import wandb
        run = wandb.init(project="cycle", id="silent")
        run.log({"a": 1})
        os.kill(os.getpid(), signal.SIGKILL)
        """,
        **OFTEN,
    )
    machine.wait(training, code=None)
    for _ in range(600):
        state = own_server.run("cycle", "silent")["state"]
        if state != "running":
            break
        time.sleep(0.1)
    assert state == "crashed"
    done = machine.train(
        """
        import wandb
        run = wandb.init(project="cycle", id="silent", resume="must")
        run.log({"a": 2})
        run.finish()
        tell(run.resumed)
        """
    )
    assert done.told == [True]
    assert own_server.run("cycle", "silent")["state"] == "finished"


@pytest.mark.thorough
def test_one_process_at_a_time(machine_of, server):
    """The other one is told who writes, and does not wait for longer than it is willing to."""
    first, second = machine_of(server, "first"), machine_of(server, "second")
    training = first.start(
        """
        import wandb
        run = wandb.init(project="cycle", id="held")
        run.log({"a": 1})
        tell("begun")
        input()
        run.log({"a": 2})
        run.finish()
        """,
        stdin=True,
        **OFTEN,
    )
    assert "begun" in training.stdout.readline()
    told = second.train(
        """
        import wandb
        try:
            wandb.init(project="cycle", id="held", settings=wandb.Settings(init_timeout=30))
            tell("in")
        except Exception as error:
            tell(str(error))
        """
    ).told
    assert "is being written by another process" in told[0]
    assert "playhead stop" in told[0]
    training.communicate("\n", timeout=120)
    assert training.returncode == 0
    rows = server.get(f"/runs/{server.me}/cycle/held/rows")["items"]
    assert [row["a"] for row in rows] == [1, 2]
    assert len(server.get(f"/runs/{server.me}/cycle/held/segments")) == 1
    done = second.train(
        """
        import wandb
        run = wandb.init(project="cycle", id="held", resume="must")
        tell([run.starting_step])
        run.finish()
        """
    )
    assert done.told == [[2]]


def test_somebody_elses_project(machine_of, server, bob):
    machine = machine_of(server, "bobs", bob)
    done = machine.train(
        f"""
        import wandb
        try:
            wandb.init(project="cycle", entity="{server.me}", id="stolen")
        except wandb.errors.CommError as error:
            tell(str(error))
        run = wandb.init(project="cycle")
        tell(run.entity)
        run.finish()
        """
    )
    denied, entity = done.told
    assert "may not record runs" in denied
    assert all(cause in denied for cause in ("wandb login", "misspelt", "make it open or to add you"))
    assert entity == "bob"


def test_a_run_in_the_trash(machine, server):
    done = machine.train(
        f"""
        import base64, os, urllib.request
        import wandb
        key = base64.b64encode(b"api:" + os.environ["WANDB_API_KEY"].encode()).decode()
        for resume in (None, "allow", "must"):
            run = wandb.init(project="cycle", id=f"gone-{{resume}}")
            urllib.request.urlopen(urllib.request.Request(
                f"{server.url}/api/v1/runs/{server.me}/cycle/{{run.id}}", method="DELETE", headers={{"Authorization": "Basic " + key}},
            ))
            run.log({{"a": 1}})
            run.finish()
            try:
                wandb.init(project="cycle", id=run.id, resume=resume)
            except wandb.errors.CommError as error:
                tell(str(error))
        """
    )
    assert len(done.told) == 3
    assert all("playhead runs restore" in told for told in done.told)
