"""Resume, rewind and fork, asked as W&B's client asks, of runs that our own client recorded: what they make, and what is asked twice."""

import json

import pytest


@pytest.fixture(scope="module")
def asking(asking_in, machine_for_all):
    """Runs of ten rows, with a config that grew at step 5."""
    machine_for_all.train(
        """
        import playhead
        for name in ("resumed", "rewound", "forked", "anew"):
            run = playhead.init(project="timeline", id=name, name="ours", config={"lr": 0.1}, tags=["x"], notes="hello")
            for step in range(10):
                if step == 5:
                    run.config["late"] = True
                run.log({"loss": 1 / (step + 1)})
            run.finish()
        """
    )
    return asking_in("timeline")


def steps(asking, name, segment=None):
    place = f"?segment={segment}" if segment else ""
    rows = asking.server.get(f"/runs/{asking.server.me}/timeline/{name}/rows{place}")
    return [row["_step"] for row in rows["items"]]


def test_a_run_of_ours_is_resumed(asking):
    known = asking.resume("resumed")["bucket"]
    assert json.loads(json.loads(known["historyTail"])[-1])["_step"] == 9
    assert "t" in json.loads(known["wandbConfig"])
    assert json.loads(known["config"])["lr"] == {"value": 0.1}
    assert json.loads(known["summaryMetrics"])["loss"] == 0.1
    for _ in range(2):
        answer = asking.upsert("resumed", {"lr": 0.1, "more": 1}, id=known["id"])
        assert not answer["inserted"]
    run = asking.run("resumed")
    assert (run["state"], run["name"], run["tags"], run["notes"]) == ("running", "ours", ["x"], "hello")
    assert run["config"] == {"lr": 0.1, "late": True, "more": 1}
    (segment,) = asking.segments("resumed")
    assert len(segment["sessions"]) == 2
    assert segment["sessions"][1]["step"] == 10


def test_a_run_is_rewound_again_and_again(asking):
    config = json.loads(asking.rewind("rewound", 7)["config"])
    assert config["late"] == {"value": True}
    for step in (4, 2, 2):
        rewound = asking.rewind("rewound", step)
        assert "late" not in json.loads(rewound["config"])
        assert rewound["historyLineCount"] == 0
    assert "ends at step" in asking.rewind("rewound", 100, status=400)
    for _ in range(2):
        asking.upsert("rewound", {"lr": 0.2}, {"branch_point": {"run_id": "rewound", "step": 2}}, id=rewound["id"])
    run = asking.run("rewound")
    assert (run["config"], run["step"], run["state"]) == ({"lr": 0.2}, 3, "running")
    assert steps(asking, "rewound") == [0, 1, 2]
    first = asking.segments("rewound")[0]
    assert first["archived"]
    assert steps(asking, "rewound", first["id"]) == list(range(10))
    assert "being written" in asking.rewind("rewound", 1, status=429)


def fork(asking, name, of, step, config=None, **more):
    return asking.upsert(name, config, {"branch_point": {"run_id": of, "step": step}}, **more)


def test_a_run_is_forked_and_the_fork_is_forked(asking):
    answer = fork(asking, "child", "forked", 4, {"own": 1})
    assert answer["inserted"]
    assert json.loads(answer["bucket"]["config"])["lr"] == {"value": 0.1}
    assert asking.run("child")["config"] == {"lr": 0.1, "own": 1}
    assert steps(asking, "child") == [0, 1, 2, 3, 4]
    asking.upsert("child", {"own": 2}, {"branch_point": {"run_id": "forked", "step": 4}}, host=None, program=None)
    assert asking.run("child")["config"] == {"lr": 0.1, "own": 2}
    fork(asking, "grandchild", "child", 2)
    assert steps(asking, "grandchild") == [0, 1, 2]
    known = asking.resume("grandchild")["bucket"]
    noted = json.loads(known["config"])["_wandb"]["value"]
    assert noted["branch_point"] == {"run_id": "child", "step": 2}


def test_what_cannot_be_forked(asking):
    assert "no run" in fork(asking, "orphan", "never-there", 2, status=404).lower()
    assert "ends at step 9" in fork(asking, "late", "forked", 10, status=400)
    assert fork(asking, "late", "forked", float("nan"), status=400)
    assert "id of its own" in fork(asking, "anew", "forked", 2, status=422)
    for name in ("orphan", "late"):
        assert asking.server.request("GET", f"/api/v1/runs/{asking.server.me}/timeline/{name}").status == 404


def test_an_id_that_is_there_begins_anew(asking):
    answer = asking.upsert("anew", {"lr": 0.3})
    assert answer["bucket"]["displayName"] == "ours"
    assert asking.run("anew")["config"] == {"lr": 0.3}
    assert steps(asking, "anew") == []
    first, second = asking.segments("anew")
    assert (first["archived"], second["parent"]) == (True, None)
    assert steps(asking, "anew", first["id"]) == list(range(10))
