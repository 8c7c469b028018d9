"""W&B's client resumes, rewinds and forks: its segments are ours. And each client goes on with the other one's runs."""

from urllib.parse import quote

import pytest


def rows(server, name, place="", project="resume"):
    found = server.get(f"/runs/{server.me}/{project}/{name}/rows{place}")["items"]
    return [(row["_step"], row["a"]) for row in found if "a" in row]


def console(server, name, segment=None):
    place = f"?segment={segment}" if segment else ""
    return [line["text"] for line in server.get(f"/runs/{server.me}/resume/{name}/console{place}")["items"]]


def segments(server, name):
    return server.get(f"/runs/{server.me}/resume/{name}/segments")


@pytest.fixture(scope="module")
def resumed(machine_for_all):
    return machine_for_all.train(
        """
        import os
        import wandb

        def train(value, rows=3, **given):
            run = wandb.init(project="resume", **given)
            tell([given["id"], run.resumed, run.starting_step, dict(run.config), list(run.tags or ()), run.notes])
            for _ in range(rows):
                run.log({"a": value})
            run.finish()

        for resume in ("must", "never", "allow"):
            try:
                train(0, id=f"first-{resume}", resume=resume, config={"lr": 1}, tags=["x"], notes="hello")
            except wandb.errors.UsageError as error:
                tell(str(error))
        for resume in ("must", "allow", "never"):
            try:
                train(1, id="first-allow", resume=resume, config={"more": resume})
            except wandb.errors.UsageError as error:
                tell(str(error))
        train(2, id="auto", resume="auto")
        train(3, id="auto", resume="auto")
        train(4, id="twice")
        train(5, id="twice", rows=2)
        run = wandb.init(project="resume", id="no-rows", config={"lr": 1})
        run.finish()
        train(6, id="no-rows", resume="must", rows=1)
        """
    ).told


def test_the_modes_of_resume(resumed, server):
    assert "does not exist" in resumed[0]
    assert resumed[1] == ["first-never", False, 0, {"lr": 1}, ["x"], "hello"]
    assert resumed[2] == ["first-allow", False, 0, {"lr": 1}, ["x"], "hello"]
    assert resumed[3] == ["first-allow", True, 3, {"lr": 1, "more": "must"}, ["x"], "hello"]
    assert resumed[4] == ["first-allow", True, 6, {"lr": 1, "more": "allow"}, ["x"], "hello"]
    assert "already exists" in resumed[5]
    assert rows(server, "first-allow") == [(0, 0), (1, 0), (2, 0), *[(step, 1) for step in range(3, 9)]]
    run = server.run("resume", "first-allow")
    assert (run["state"], run["config"], run["tags"]) == ("finished", {"lr": 1, "more": "allow"}, ["x"])
    (segment,) = segments(server, "first-allow")
    assert len(segment["sessions"]) == 3


def test_auto_resumes_nothing_that_ended_well(resumed, server):
    assert [told[1:3] for told in resumed if told[0] == "auto"] == [[False, 0], [True, 3]]
    assert rows(server, "auto") == [(0, 2), (1, 2), (2, 2), (3, 3), (4, 3), (5, 3)]


def test_the_same_id_without_resume_loses_and_doubles_nothing(resumed, server):
    assert rows(server, "twice") == [(0, 5), (1, 5)]
    first, second = segments(server, "twice")
    assert (first["archived"], second["archived"]) == (True, False)
    assert rows(server, "twice", f"?segment={first['id']}") == [(0, 4), (1, 4), (2, 4)]


def test_a_run_without_rows_is_resumed(resumed, server):
    assert resumed[-1][:3] == ["no-rows", True, 0]
    assert rows(server, "no-rows") == [(0, 6)]


@pytest.fixture(scope="module")
def branched(machine_for_all):
    return machine_for_all.train(
        """
        import wandb

        def train(value, rows, **given):
            run = wandb.init(project="resume", **given)
            tell([run.id, run.starting_step, dict(run.config)])
            for _ in range(rows):
                print(f"{run.id} logs {value}", flush=True)
                run.log({"a": value})
            run.finish()

        train(0, 8, id="base", config={"lr": 1})
        train(1, 4, resume_from="base?_step=5", config={"more": 1})
        train(2, 3, resume_from="base?_step=6")
        train(3, 2, resume_from="base?_step=2")
        train(4, 2, id="child", fork_from="base?_step=3", config={"own": True})
        train(5, 2, id="grandchild", fork_from="child?_step=4")
        train(6, 1, id="grandchild", resume="must")
        train(7, 1, id="grandchild", resume_from="grandchild?_step=1")
        for given in ({"resume_from": "base?_step=100"}, {"id": "late", "fork_from": "base?_step=100"},
                      {"id": "orphan", "fork_from": "no-such-run?_step=1"}, {"resume_from": "no-such-run?_step=1"}):
            try:
                wandb.init(project="resume", **given)
            except wandb.errors.CommError as error:
                tell(str(error))
            except wandb.errors.Error as error:
                tell(str(error))
        """
    ).told


def test_a_run_is_rewound_again_and_again(branched, server):
    assert [told[:2] for told in branched[:4]] == [["base", 0], ["base", 6], ["base", 7], ["base", 3]]
    assert branched[1][2] == {"lr": 1, "more": 1}
    assert branched[3][2] == {"lr": 1}
    assert rows(server, "base") == [(0, 0), (1, 0), (2, 0), (3, 3), (4, 3)]
    assert server.run("resume", "base")["summary"]["a"] == 3


def test_what_was_before_a_rewind_stays(branched, server):
    found = segments(server, "base")
    assert len(found) == 4
    assert [one["archived"] for one in found] == [True, True, True, False]
    assert rows(server, "base", f"?segment={found[0]['id']}") == [(step, 0) for step in range(8)]
    third = rows(server, "base", f"?segment={found[2]['id']}")
    assert third == [*[(step, 0) for step in range(6)], (6, 1), (7, 2), (8, 2), (9, 2)]
    assert console(server, "base", found[0]["id"]).count("base logs 0") == 8
    assert console(server, "base").count("base logs 3") == 2
    system = server.get(f"/runs/{server.me}/resume/base/keys?source=system&segment={found[0]['id']}")
    assert any(one["key"].startswith("system.") or "cpu" in one["key"] or "memory" in one["key"] for one in system)


def test_a_fork_and_the_fork_of_a_fork(branched, server):
    assert rows(server, "child") == [(0, 0), (1, 0), (2, 0), (3, 3), (4, 4), (5, 4)]
    assert server.run("resume", "child")["config"] == {"lr": 1, "own": True}
    assert branched[6] == ["grandchild", 7, {"lr": 1, "own": True}]
    assert branched[7][:2] == ["grandchild", 2]
    assert rows(server, "grandchild") == [(0, 0), (1, 0), (2, 7)]
    assert rows(server, "base") == [(0, 0), (1, 0), (2, 0), (3, 3), (4, 3)]


def test_where_nothing_can_be_gone_on_with(branched):
    past, late, orphan, missing = branched[-4:]
    assert "ends at step" in past
    assert "ends at step" in late
    assert "no-such-run" in orphan
    assert "no-such-run" in missing


@pytest.fixture(scope="module")
def both(machine_for_all):
    told = machine_for_all.train(
        """
        import pathlib
        import playhead

        with playhead.init(project="resume", id="ours-first", config={"lr": 1}, tags=["x"]) as run:
            for _ in range(3):
                run.log({"a": 0})
            pathlib.Path("model.pt").write_text("ours")
            run.save("model.pt")
        """
    ).told
    told += machine_for_all.train(
        """
        import pathlib
        import wandb

        run = wandb.init(project="resume", id="ours-first", resume="must")
        tell([run.starting_step, dict(run.config), list(run.tags)])
        run.log({"a": 1})
        run.finish()
        run = wandb.init(project="resume", id="theirs-first", config={"lr": 2})
        for _ in range(3):
            run.log({"a": 2})
        pathlib.Path("theirs.pt").write_text("theirs")
        run.save("theirs.pt")
        run.finish()
        """
    ).told
    told += machine_for_all.train(
        """
        import playhead

        for name, file in (("theirs-first", "theirs.pt"), ("ours-first", "model.pt")):
            with playhead.init(project="resume", id=name, resume="must") as run:
                tell([run.step, dict(run.config), run.restore(file, replace=True).read()])
                run.log({"a": 3})
        """
    ).told
    return told


def test_each_client_goes_on_with_the_others_runs(both, server):
    assert both[0] == [3, {"lr": 1}, ["x"]]
    assert both[1] == [3, {"lr": 2}, "theirs"]
    assert both[2] == [4, {"lr": 1}, "ours"]
    assert rows(server, "ours-first") == [(0, 0), (1, 0), (2, 0), (3, 1), (4, 3)]
    assert rows(server, "theirs-first") == [(0, 2), (1, 2), (2, 2), (3, 3)]
    for name in ("ours-first", "theirs-first"):
        (segment,) = segments(server, name)
        assert server.run("resume", name)["state"] == "finished"
        assert len(segment["sessions"]) > 1


IDS = ("a.b", "a b", "ä", "~*(x)|<y>[z]{}^`")


def test_ids_with_signs_are_the_same_run_for_both(machine, server):
    script = """
        import {client} as client
        for name in {ids}:
            with client.init(project="signs", id=name, resume={resume!r}) as run:
                tell([run.id, run.starting_step])
                run.log({{"a": {number}}})
                with open("note.txt", "w") as file:
                    file.write(name)
                run.save("note.txt")
        for name in {few}:
            with client.init(project="signs", resume_from=name + "?_step={number}") as run:
                tell([run.id, run.starting_step])
    """
    turns = (("playhead", "never"), ("wandb", "must"), ("playhead", "must"))
    for number, (client, resume) in enumerate(turns):
        said = {"client": client, "resume": resume, "number": number}
        told = machine.train(script.format(**said, ids=IDS, few=IDS[:3])).told
        assert told == [*([name, number] for name in IDS), *([name, number + 1] for name in IDS[:3])]
    for name in IDS:
        place = f"/runs/{server.me}/signs/{quote(name, safe='')}"
        assert rows(server, quote(name, safe=""), project="signs") == [(number, number) for number in range(3)]
        assert server.request("GET", f"/api/v1{place}/file?path=note.txt&step=1").data.decode() == name
        address = server.get(place)["url"]
        assert address.endswith(f"/signs/runs/{quote(name, safe='')}")
        assert server.request("GET", address.removeprefix(server.url)).status == 200
    read = machine.train(
        """
        import wandb
        runs = wandb.Api().runs("signs", order="+created_at")
        tell([[run.id, run.file("note.txt").download(root="got", replace=True).read()] for run in runs])
        """
    ).told[0]
    assert read == [[name, name] for name in IDS]


def test_names_that_need_escaping(machine, server):
    name = "größe @=&+$.1!"
    done = machine.train(
        f"""
        import wandb
        for value in range(2):
            run = wandb.init(project="a project & more", id={name!r}, name="50 % / #1?", resume="allow", tags=["a b", "ü"])
            tell([run.id, run.project, run.name, run.starting_step])
            run.log({{"a": value, "a b/ü": value}})
            run.finish()
        """
    )
    told = [name, "a project & more", "50 % / #1?"]
    assert done.told == [[*told, 0], [*told, 1]]
    found = server.get(f"/runs/{server.me}/{quote('a project & more')}/{quote(name, safe='')}")
    assert (found["id"], found["name"], found["tags"], found["state"]) == (name, "50 % / #1?", ["a b", "ü"], "finished")
    assert rows(server, quote(name, safe=""), project=quote("a project & more")) == [(0, 0), (1, 1)]
    assert found["summary"]["a b/ü"] == 1
