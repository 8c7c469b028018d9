"""`wandb.Api()` reads runs that Playhead's own SDK recorded."""

import pytest

RECORDED = """
import math
import pathlib
import sys
import playhead

run = playhead.init(project="read", id="whole", name="a whole one", group="g", job_type="train", tags=["a", "b"], notes="n",
                    config={"lr": 0.1, "deep": {"a": [1, 2]}, "nan": math.nan})
for step in range(2_500):
    run.log({"loss": 1 / (step + 1), "step2": step * 2, **({"rare": step} if step % 100 == 0 else {})})
run.log({"odd": math.nan, "inf": math.inf, "minus": -math.inf, "text": "x", "loss": 0.5})
for number in range(30):
    print("line", number)
print("oh", file=sys.stderr)
run.summary["best"] = math.inf
folder = pathlib.Path(run.dir)
(folder / "sub").mkdir()
(folder / "sub" / "a b%.txt").write_text("hello")
(folder / "model.bin").write_bytes(bytes(range(256)) * 10)
run.save("sub/*")
run.save("model.bin")
run.finish()

for number in range(7):
    run = playhead.init(project="many", id=f"r{number}", name=f"name {number}", tags=["odd"] if number % 2 else ["even"],
                        config={"lr": number / 10, "opt": {"name": "adam" if number < 4 else "sgd"}},
                        group="first" if number < 3 else None, job_type="eval" if number == 6 else "train")
    run.log({"acc": math.nan if number == 5 else number % 4})
    run.finish(1 if number == 2 else 0)
"""


@pytest.fixture(scope="module")
def recorded(server, machine_of):
    computer = machine_of(server, "recorder")
    computer.train(RECORDED, PLAYHEAD_STATS_INTERVAL="0.2")
    return computer


def test_a_run(server, recorded, entity):
    told = recorded.train(
        """
        import json, math, sys, os
        import wandb
        api = wandb.Api()
        run = api.run("read/whole")
        tell([run.entity, run.project, run.id, run.name, run.state, run.group, run.job_type, run.tags, run.notes, run.path])
        tell([run.config["lr"], run.config["deep"], math.isnan(run.config["nan"]), run.read_only, run.created_at])
        tell([run.summary["loss"], run.summary["best"] == math.inf, math.isnan(run.summary["odd"]), run.summary["inf"] == math.inf])
        tell([run.lastHistoryStep, run.user.username, run.url, run.sweep_name, run.commit, run.historyLineCount])
        tell(sorted(run.history_keys["keys"]))
        tell([api.run(f"{run.entity}/read/whole").id])
        tell([run.metadata["host"] != "", run.metadata["python"] != "", run.metadata["startedAt"].endswith("Z")])
        for path in ("read/none", "nowhere/none"):
            try:
                api.run(path)
            except Exception as error:
                tell([type(error).__name__, str(error)])
        """
    )
    about, config, summary, more, keys, again, metadata, *missing = told.told
    assert about == [
        entity, "read", "whole", "a whole one", "finished", "g", "train", ["a", "b"], "n", [entity, "read", "whole"],
    ]  # fmt: skip
    assert config[:4] == [0.1, {"a": [1, 2]}, True, False]
    assert config[4].endswith("Z")
    assert summary == [0.5, True, True, True]
    assert more[:2] == [2500, entity]
    assert more[2] == f"{server.url}/{entity}/read/runs/whole"
    assert more[5] == 2501
    assert keys == ["inf", "loss", "minus", "odd", "rare", "step2", "text"]
    assert again == ["whole"]
    assert metadata == [True, True, True]
    assert [kind for kind, _ in missing] == ["CommError", "CommError"]
    assert all("Could not find run" in text for _, text in missing)


def test_history(recorded):
    told = recorded.train(
        """
        import math
        import wandb
        run = wandb.Api().run("read/whole")

        def plain(row):
            return {key: repr(value) if isinstance(value, float) and not math.isfinite(value) else value for key, value in row.items()}

        whole = list(run.scan_history())
        tell([len(whole), [row["_step"] for row in whole] == list(range(2501)), sorted(whole[100]), whole[100]["loss"] == 1 / 101])
        tell(plain({key: value for key, value in whole[-1].items() if not key.startswith("_")}))
        part = list(run.scan_history(min_step=95, max_step=2105, page_size=300))
        tell([part[0]["_step"], part[-1]["_step"], len(part)])
        rare = list(run.scan_history(keys=["rare", "loss"], page_size=700))
        tell([len(rare), rare[3]])
        rare = list(run.scan_history(keys=["rare", "_step"], min_step=100, max_step=301))
        tell(rare)
        tell(plain(list(run.scan_history(keys=["_step", "odd", "inf", "minus"]))[0]))

        frame = run.history(samples=100)
        tell([len(frame), int(frame["_step"].iloc[0]), int(frame["_step"].iloc[-1])])
        rows = run.history(samples=50, keys=["loss", "step2"], pandas=False)
        tell([len(rows), rows[0], sorted(rows[-1])])
        tell(run.history(keys=["rare"], x_axis="step2", pandas=False)[1])
        tell(run.history(keys=["odd", "inf", "minus"], pandas=False))
        tell(len(run.history(samples=5_000, pandas=False)))
        tell(run.history(keys=["nothing"], pandas=False))
        """
    ).told
    end = {"odd": "nan", "inf": "inf", "minus": "-inf"}
    assert told[0] == [2501, True, ["_runtime", "_step", "_timestamp", "loss", "rare", "step2"], True]
    assert told[1] == {**end, "text": "x", "loss": 0.5}
    assert told[2] == [95, 2104, 2010]
    assert told[3] == [25, {"_step": 300, "rare": 300, "loss": 1 / 301}]
    assert told[4] == [{"rare": step, "_step": step} for step in (100, 200, 300)]
    assert told[5] == {"odd": "NaN", "inf": "Infinity", "minus": "-Infinity", "_step": 2500}  # as W&B has it
    assert told[6] == [100, 0, 2500]
    assert told[7] == [50, {"_step": 0, "loss": 1.0, "step2": 0}, ["_step", "loss", "step2"]]
    assert told[8] == {"step2": 200, "rare": 100}
    assert told[9] == [{"_step": 2500, "odd": "NaN", "inf": "Infinity", "minus": "-Infinity"}]
    assert told[10] == 2501
    assert told[11] == []


def test_a_page_that_is_too_long_is_told(server, recorded, entity):
    told = recorded.train(
        """
        import playhead
        import wandb
        run = playhead.init(project="read", id="long")
        for step in range(40):
            run.log({"text": str(step % 10) * 1_000_000, "number": step})
        run.finish()
        run = wandb.Api().run("read/long")
        for read in (lambda: run.scan_history(), lambda: run.history(pandas=False), lambda: run.scan_history(keys=["text"])):
            try:
                tell(len(list(read())))
            except Exception as error:
                tell(str(error))
        tell([len(row["text"]) == 1_000_000 for row in run.scan_history(page_size=7)])
        tell(len(list(run.scan_history(keys=["number"]))))
        """
    ).told
    assert all("MAX_HISTORY" in text for text in told[:3])
    assert "page_size" in told[0]
    assert "samples" in told[1]
    assert told[3] == [True] * 40
    assert told[4] == 40
    part = 'run(name: "long") {{ history(minStep: {}, maxStep: {}) }}'
    first, second = part.format(0, 20), part.format(20, 40)
    whole = '{{ project(name: "read") {{ {} }} }}'
    found = server.ask(whole.format(first))["data"]["project"]["run"]["history"]
    assert len(found) == 20
    told = server.ask(whole.format(f"a: {first} b: {second}"))  # nor piece by piece in one answer
    assert "MAX_HISTORY" in told["errors"][0]["message"]


def test_odd_pages(server, recorded, entity):
    page = (
        "query HistoryPage($entity: String!, $project: String!, $run: String!, $minStep: Int64!, $maxStep: Int64!, $pageSize: Int!)"
        "{ project(name: $project, entityName: $entity) { run(name: $run) { history(minStep: $minStep, maxStep: $maxStep, samples: $pageSize) } } }"
    )
    where = {"entity": entity, "project": "read", "run": "whole"}
    found = server.ask(page, **where, minStep=10, maxStep=12, pageSize=1)["data"]["project"]["run"]["history"]
    assert len(found) == 2
    for wrong in ("x", -1, 1e400, [1]):
        variables = {**where, "minStep": wrong, "maxStep": 2, "pageSize": 1}
        answer = server.request("POST", "/graphql", body={"query": page, "variables": variables})
        assert answer.status < 500, answer.data


def test_the_machine(recorded):
    told = recorded.train(
        """
        import wandb
        run = wandb.Api().run("read/whole")
        tell(sorted(run.system_metrics))
        rows = run.history(stream="system", samples=2, pandas=False)
        tell([len(rows), sorted(rows[-1])])
        listed = wandb.Api().runs("read", filters={"name": "whole"}, lazy=False)[0]
        tell(listed.system_metrics == run.system_metrics)
        """
    ).told
    assert told[2]
    for keys in (told[0], told[1][1]):
        assert {"_runtime", "_timestamp", "system.memory_percent", "system.proc.cpu.threads"} <= set(keys), told
    assert told[1][0] <= 2


def test_the_console(recorded):
    told = recorded.train(
        """
        import wandb
        run = wandb.Api().run("read/whole")
        lines = list(run.console_logs(per_page=7))
        tell([len(lines), [line.number for line in lines] == list(range(len(lines)))])
        tell([line.content for line in lines if line.content.startswith("line")] == [f"line {number}" for number in range(30)])
        tell([[line.content, line.level] for line in lines if line.content == "oh"])
        tell([lines[0].level, lines[0].label, lines[0].timestamp.tzinfo is not None])
        tell([line.number for line in run.console_logs(last=5)])
        tell(len(list(run.console_logs(last=100_000))))
        """
    ).told
    count = told[0][0]
    assert count >= 31
    assert told[0][1]
    assert told[1]
    assert told[2] == [["oh", "error"]]
    assert told[3] == ["", "", True]
    assert told[4] == list(range(count - 5, count))
    assert told[5] == count


def test_files(recorded):
    told = recorded.train(
        r"""
        import pathlib
        import wandb
        run = wandb.Api().run("read/whole")
        tell(sorted(file.name for file in run.files(per_page=1)))
        tell([len(run.files()), run.files()[0].size])
        [file] = run.files(names=["model.bin"])
        tell([file.size, file.mimetype, file.updated_at.endswith("Z")])
        file.download(root="here").close()
        tell(pathlib.Path("here/model.bin").read_bytes() == bytes(range(256)) * 10)
        odd = run.file("sub/a b%.txt")
        tell(odd.download(root="here").read())
        try:
            odd.download(root="here")
        except Exception as error:
            tell(str(error)[:19])
        tell([[file.name for file in run.files(pattern=pattern)] for pattern in ("%.bin", "sub/_ b\\%.%", "b%", "%")])
        tell([[file.name, file.size, file.updated_at] for file in run.files(names=["nothing", "model.bin"])][0])
        try:
            wandb.restore("nothing", run_path="read/whole", root="there")
        except ValueError as error:
            tell(str(error))
        tell(wandb.restore("model.bin", run_path="read/whole", root="there").name[-15:])
        """
    ).told
    names = ["model.bin", "sub/a b%.txt"]
    assert [name for name in told[0] if name in names] == names
    assert told[1] == [len(told[0]), told[1][1]]
    assert told[2] == [2560, "application/octet-stream", True]
    assert told[3] is True
    assert told[4] == "hello"
    assert told[5] == "File already exists"
    assert told[6] == [["model.bin"], ["sub/a b%.txt"], [], told[0]]
    assert told[7] == ["nothing", 0, None]
    assert "not found" in told[8]
    assert told[9] == "there/model.bin"


def test_many_runs(recorded):
    told = recorded.train(
        """
        import wandb
        api = wandb.Api()
        def ids(**ask):
            return [run.id for run in wandb.Api().runs("many", **ask)]
        runs = api.runs("many", per_page=3)
        tell([len(runs), [run.id for run in runs], runs[0].config["lr"], runs[4].summary["acc"], runs[2].state])
        tell([run.summary["acc"] for run in wandb.Api().runs("many", per_page=2, lazy=False)][:5])
        for filters in (
            {"state": "failed"},
            {"state": {"$ne": "finished"}},
            {"config.lr": 0.1},
            {"config.lr": {"$gt": 0.3, "$lte": 0.5}},
            {"config.lr.value": {"$gte": 0.6}},
            {"config.opt.name": {"$in": ["sgd"]}},
            {"config.opt.value.name": {"$nin": ["sgd"]}},
            {"summary_metrics.acc": {"$lt": 1}},
            {"$and": [{"tags": "odd"}, {"summary_metrics.acc": {"$eq": 3}}]},
            {"$or": [{"display_name": "name 0"}, {"name": "r6"}]},
            {"tags": {"$in": ["even"]}, "jobType": "eval"},
            {"display_name": {"$regex": "^name [12]$"}},
            {"$not": {"tags": "odd"}},
            {"config.lr": {"$not": {"$gt": 0.1}}},
            {"group": "first"},
            {"group": {"$exists": False}},
            {"config.nothing": {"$exists": True}},
            {"created_at": {"$gt": "2020-01-01T00:00:00"}, "createdAt": {"$lt": "2020-02-01"}},
            {"sweep": None, "name": "r1"},
        ):
            tell(ids(filters=filters))
        for order in ("-created_at", "+summary_metrics.acc", "-config.lr.value", "config.lr", "-heartbeat_at"):
            tell(ids(order=order, per_page=2))
        tell(len(api.runs("many", filters={"tags": "odd"})))
        for path, ask in (("many", {"filters": {"$nonsense": 1}}), ("many", {"order": "nonsense"}), ("nowhere", {})):
            try:
                ids = [run.id for run in wandb.Api().runs(path, **ask)]
            except Exception as error:
                tell([type(error).__name__, str(error)])
        frame = api.runs("many", order="+config.lr").histories(keys=["acc"], format="default")
        tell([[row["run_id"], row["_step"], row["acc"]] for row in frame])
        """
    ).told
    every = [f"r{number}" for number in range(7)]
    assert told[0] == [7, every, 0, 0, "failed"]
    assert told[1] == [0, 1, 2, 3, 0]
    assert told[2:21] == [
        ["r2"], ["r2"], ["r1"], ["r4", "r5"], ["r6"], ["r4", "r5", "r6"], ["r0", "r1", "r2", "r3"], ["r0", "r4"], ["r3"],
        ["r0", "r6"], ["r6"], ["r1", "r2"], ["r0", "r2", "r4", "r6"], ["r0", "r1"], ["r0", "r1", "r2"],
        ["r3", "r4", "r5", "r6"], [], [], ["r1"],
    ]  # fmt: skip
    newest, least, highest, lowest, beating = told[21:26]
    assert newest == every[::-1] == highest
    assert lowest == every
    assert least == ["r0", "r4", "r1", "r2", "r6", "r3", "r5"]  # NaN is behind all numbers
    assert sorted(beating) == every
    assert told[26] == 3
    for kind, text in told[27:30]:
        assert kind in {"CommError", "ValueError", "WandbApiFailedError"}
        assert "nonsense" in text or "Could not find project nowhere" in text
    assert told[30] == [[f"r{number}", 0, "NaN" if number == 5 else number % 4] for number in range(7)]


def test_projects(server, recorded, entity, bob):
    told = recorded.train(
        """
        import wandb
        api = wandb.Api()
        names = [project.name for project in api.projects(per_page=1)]
        tell([{"read", "many"} <= set(names), len(names) == len(set(names))])
        project = api.project("read")
        tell([project.id is not None, project.entity, project.created_at, project.is_benchmark, project.owner.username, project.url])
        api.create_project("made", api.default_entity)
        api.create_project("made", api.default_entity)
        tell(list(api.runs("made")))
        tell(api.from_path(f"{api.default_entity}/read/whole").id)
        for call in (lambda: api.project("none").id, lambda: api.create_project("x", "somebody"), lambda: api.create_project("a/b", api.default_entity)):
            try:
                call()
            except Exception as error:
                tell([type(error).__name__, str(error)])
        """
    ).told
    assert told[0] == [True, True]
    assert told[1][:2] == [True, entity]
    assert told[1][3:] == [False, entity, f"{server.url}/{entity}/read/workspace"]
    assert told[2] == []
    assert told[3] == "whole"
    assert "not found" in told[4][1]
    assert "may not record" in told[5][1]
    assert "a/b" in told[6][1]
    assert server.get(f"/projects/{entity}/made")["visibility"] == "private"
    read_only = "query I($e: String!, $p: String!) { project(entityName: $e, name: $p) { readOnly } }"
    assert server.ask(read_only, e=entity, p="read")["data"] == {"project": {"readOnly": False}}
    assert server.ask(read_only, bob, e=entity, p="read")["data"] == {"project": None}
    for visibility, answer in (("public", True), ("open", False)):
        path = f"/api/v1/projects/{entity}/made"
        assert server.request("PATCH", path, body={"visibility": visibility}).status == 200
        assert server.ask(read_only, bob, e=entity, p="made")["data"] == {"project": {"readOnly": answer}}


def test_somebody_elses(server, recorded, entity, bob, machine_of):
    computer = machine_of(server, "bob", bob)
    told = computer.train(
        f"""
        import wandb
        api = wandb.Api()
        run = lambda: api.run("{entity}/read/whole")
        for call in (run, lambda: list(api.runs("{entity}/read")), lambda: [one.name for one in api.projects("{entity}")], lambda: api.project("read", "{entity}").id):
            try:
                tell(call())
            except Exception as error:
                tell([type(error).__name__, str(error)])
        tell([api.viewer.username, api.viewer.teams, [user.username for user in api.users("")], api.user("{entity}"), api.user("bob").name])
        """
    ).told
    assert told[0][0] == "CommError"
    assert "Could not find project" in told[1][1]
    assert "read" not in told[2]
    assert "not found" in told[3][1]
    assert told[4] == ["bob", [], ["bob"], None, "bob"]


def test_people(server, recorded, entity, bob):
    told = recorded.train(
        """
        import wandb
        api = wandb.Api()
        viewer = api.viewer
        tell([viewer.username, viewer.entity, viewer.admin, len(viewer.api_keys) > 0])
        tell([api.user("bob").username, api.user("nobody"), sorted(user.username for user in api.users(""))])
        team = api.team(api.default_entity)
        tell([team.name, [[member.username, member.admin] for member in team.members], team.is_team])
        key = viewer.generate_api_key("notebook")
        tell(key)
        other = wandb.Api(api_key=key)
        tell([other.viewer.username, "notebook" in other.viewer.api_keys])
        tell([other.viewer.delete_api_key("notebook"), "notebook" in wandb.Api().viewer.api_keys])
        try:
            api.team("nobody")
        except Exception as error:
            tell(str(error))
        """
    ).told
    assert told[0] == [entity, entity, True, True]
    assert told[1] == ["bob", None, sorted(["bob", entity])]
    assert told[2] == [entity, [[entity, True]], False]
    assert server.ask("{ viewer { username } }", told[3], status=401)
    assert told[4] == [entity, True]
    assert told[5] == [True, False]
    assert "There is no user or team 'nobody'" in told[6]
