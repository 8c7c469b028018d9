"""`wandb.Api()` changes runs that Playhead's own SDK recorded, and makes, stops and deletes them."""

import math
import signal
import time

import pytest

RECORDED = """
import pathlib
import playhead

run = playhead.init(project="changed", id="one", name="as recorded", config={"lr": 0.1, "gone": 1, "deep": {"a": 1}})
for step in range(10):
    run.log({"loss": step})
path = pathlib.Path(run.dir) / "sub" / "old.txt"
path.parent.mkdir()
for name in ("old.txt", "kept.txt"):
    path.with_name(name).write_text(name)
run.save("sub/*")
run.finish()
"""


@pytest.fixture(scope="module")
def recorded(server, machine_of):
    computer = machine_of(server, "recorder")
    computer.train(RECORDED)
    return computer


def test_update(server, recorded, entity):
    told = recorded.train(
        """
        import math
        import wandb
        run = wandb.Api().run("changed/one")
        run.name, run.notes, run.group, run.job_type = "better", "noted", "g", "eval"
        run.tags.append("new")
        run.config["lr"] = 0.2
        run.config["nan"] = math.nan
        run.config["deep"]["b"] = [1, 2]
        del run.config["gone"]
        run.update()
        run.summary["best"] = math.inf
        run.summary["nested"] = {"a": 1}
        run.summary.update({"more": "x"})
        again = wandb.Api().run("changed/one")
        tell([again.name, again.notes, again.group, again.job_type, again.tags, again.config["lr"], "gone" in again.config])
        tell([again.summary["best"] == math.inf, again.summary["more"], again.summary["loss"], again.summary["nested"]["a"]])
        del again.summary["more"]
        again.summary.update()
        again.tags = []
        again.update()
        tell(wandb.Api().run("changed/one").tags)
        """
    ).told
    assert told[0] == ["better", "noted", "g", "eval", ["new"], 0.2, False]
    assert told[1] == [True, "x", 9, 1]
    assert told[2] == []
    run = server.run("changed", "one")
    assert [run[name] for name in ("name", "notes", "group", "job_type", "tags")] == [
        "better",
        "noted",
        "g",
        "eval",
        [],
    ]
    assert run["config"] == {"lr": 0.2, "nan": "NaN", "deep": {"a": 1, "b": [1, 2]}}
    assert run["summary"]["best"] == "Infinity"
    assert run["summary"]["nested"] == {"a": 1}
    assert "more" not in run["summary"]
    assert run["state"] == "finished"
    earlier = server.get(f"/runs/{entity}/changed/one?step=5")
    assert earlier["config"] == {"lr": 0.1, "gone": 1, "deep": {"a": 1}}
    assert math.isclose(earlier["summary"]["loss"], 5)


def test_a_file_is_deleted(server, recorded, entity):
    told = recorded.train(
        """
        import wandb
        run = wandb.Api().run("changed/one")
        tell(sorted(file.name for file in run.files(pattern="sub/%")))
        run.file("sub/old.txt").delete()
        tell(sorted(file.name for file in wandb.Api().run("changed/one").files(pattern="sub/%")))
        """
    ).told
    assert told == [["sub/kept.txt", "sub/old.txt"], ["sub/kept.txt"]]
    versions = server.get(f"/runs/{entity}/changed/one/files/versions?path=sub%2Fold.txt")
    assert len(versions["items"]) == 1


def test_delete(server, recorded, entity):
    told = recorded.train(
        """
        import playhead
        import wandb
        for number in range(2):
            playhead.init(project="deleted", id=f"r{number}").finish()
        api = wandb.Api()
        api.run("deleted/r0").delete()
        api.run("deleted/r1").delete(delete_artifacts=True)
        tell([run.id for run in wandb.Api().runs("deleted")])
        try:
            wandb.Api().run("deleted/r0")
        except Exception as error:
            tell(str(error))
        try:
            wandb.init(project="deleted", id="r0")
        except Exception as error:
            tell(str(error))
        """
    ).told
    assert told[0] == []
    assert "Could not find run" in told[1]
    assert "in the trash" in told[2]
    thrown = server.get(f"/runs/{entity}/deleted?trash=true")["items"]
    assert sorted(run["id"] for run in thrown) == ["r0", "r1"]


STOPPED = """
import time
import playhead
run = playhead.init(project="stopped", id="r")
tell("begun")
try:
    for step in range(100_000):
        run.log({"step": step})
        time.sleep(0.05)
except KeyboardInterrupt:
    tell("stopped")
run.finish(1)
"""


def test_stop_and_wait(server, machine_of, entity):
    training, reader = machine_of(server, "training"), machine_of(server, "reader")
    process = training.start(STOPPED)
    try:
        deadline = time.monotonic() + 60
        while server.request("GET", f"/api/v1/runs/{entity}/stopped/r").status != 200:
            assert time.monotonic() < deadline, "the run is not there"
            time.sleep(0.1)
        told = reader.train(
            """
            import time
            import wandb
            run = wandb.Api().run("stopped/r")
            tell(run.state)
            run.stop()
            while wandb.Api().run("stopped/r").state == "running":
                time.sleep(0.3)
            run.stop()
            tell(wandb.Api().run("stopped/r").state)
            """
        ).told
        assert told == ["running", "killed"]
        assert training.wait(process, code=None).told == ["begun", "stopped"]
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()


def test_wait_until_finished(recorded):
    told = recorded.train(
        """
        import wandb
        run = wandb.Api().run("changed/one")
        run.wait_until_finished()
        tell(run.state)
        """
    ).told
    assert told == ["finished"]


def test_a_run_is_made_and_begun_later(server, recorded, entity):
    told = recorded.train(
        """
        import playhead
        import wandb
        api = wandb.Api()
        made = [api.create_run(project="made-runs", run_id=f"r{number}") for number in range(3)]
        again = api.create_run(project="made-runs", run_id="r0")
        tell([[run.id, run.state, run.entity] for run in made])
        tell([[run.id, run.state, run.name] for run in wandb.Api().runs("made-runs")])
        tell([len(list(made[0].scan_history())), len(made[0].history(pandas=False)), made[0].lastHistoryStep])
        for number, resume in ((0, "allow"), (1, None)):
            run = playhead.init(project="made-runs", id=f"r{number}", resume=resume)
            tell([run.step, run.resumed])
            run.log({"x": 1})
            run.finish()
        tell([[run.id, run.state] for run in wandb.Api().runs("made-runs")])
        lost = wandb.Api().run("made-runs/r2")
        tell([lost.update_state("failed"), lost.update_state("pending")])
        for run, state in ((lost, "finished"), (wandb.Api().run("made-runs/r0"), "failed")):
            try:
                run.update_state(state)
            except Exception as error:
                tell(str(error))
        api.create_run()
        tell(len(api.runs("uncategorized")))
        """
    ).told
    assert told[0] == [[f"r{number}", "running", entity] for number in range(3)]
    assert [run[:2] for run in told[1]] == [[f"r{number}", "pending"] for number in range(3)]
    assert told[2] == [0, 0, -1]
    assert told[3:5] == [[0, False], [0, False]]
    assert told[5] == [["r0", "finished"], ["r1", "finished"], ["r2", "pending"]]
    assert told[6] == [True, True]
    assert "can be said to be" in told[7]
    assert "cannot become failed" in told[8]
    assert told[9] >= 1
    for number in range(2):
        segments = server.get(f"/runs/{entity}/made-runs/r{number}/segments")
        assert len(segments) == 1


def test_what_somebody_else_may_not(server, recorded, entity, bob, machine_of):
    before = server.run("changed", "one")
    assert server.request("PATCH", f"/api/v1/projects/{entity}/changed", body={"visibility": "public"}).status == 200
    told = (
        machine_of(server, "bob", bob)
        .train(
            f"""
        import wandb
        run = wandb.Api().run("{entity}/changed/one")
        tell([run.read_only, run.config["lr"], run.rawconfig.get("_wandb"), run.commit, run.metadata])
        run.name = "mine"
        file = run.files()[0]
        for call in (run.update, run.delete, run.stop, file.delete, lambda: run.update_state("failed"), lambda: run.summary.update({{"x": 1}}),
                     lambda: wandb.Api().create_run(project="changed", entity="{entity}", run_id="bobs")):
            try:
                call()
                tell("done")
            except Exception as error:
                tell(str(error))
        """
        )
        .told
    )
    assert told[0] in ([True, 0.2, {}, None, None], [True, 0.1, {}, None, None])
    refused = [text for number, text in enumerate(told[1:]) if number != 2]
    assert all("may" in text for text in refused), told
    assert server.run("changed", "one") == {**before, "updated_at": server.run("changed", "one")["updated_at"]}


def test_what_playhead_has_not_is_told_by_its_name(recorded):
    told = recorded.train(
        """
        import time
        import wandb
        from wandb.apis import public
        api = wandb.Api()
        entity = api.default_entity
        started = time.monotonic()
        for name, call in {
            "Sweeps": lambda: api.sweep(f"{entity}/changed/abc"),
            "Sweeps ": lambda: list(api.project("changed").sweeps()),
            "Launch": lambda: api.run_queue(entity, "queue").id,
            "Reports": lambda: list(api.reports(f"{entity}/changed")),
            "Automations": lambda: list(api.automations(entity)),
            "Making teams": lambda: wandb.Api()._service_api.execute_graphql(public.teams.__dict__.get("x") or
                "mutation CreateTeam($teamName: String!) { result: createTeam(input: {teamName: $teamName}) { entity { id } } }", {"teamName": "t"}),
            "Users are added": lambda: api.create_user("ann@example.org"),
            "Custom charts": lambda: api.create_custom_chart(entity, "c", "C", "vega2", "private", {}),
        }.items():
            try:
                call()
                tell([name, "done"])
            except BaseException as error:
                tell([name, str(error)])
        tell(time.monotonic() - started)
        """
    ).told
    *answers, seconds = told
    for name, text in answers:
        assert name.strip() in text, (name, text)
    assert seconds < 60
