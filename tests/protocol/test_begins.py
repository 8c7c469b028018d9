"""What the first requests of a process mean: asked as W&B's client asks, without the client, so that each can be asked twice."""

import json
import signal
import time
import urllib.parse

import pytest


@pytest.fixture
def asking(asking_in):
    return asking_in("begins")


def test_a_run_is_made(asking, server, entity):
    answer = asking.upsert(
        "made", {"lr": 0.1}, displayName="my run", notes="hello", tags=["x"], groupName="g", jobType="t"
    )
    bucket = answer["bucket"]
    assert answer["inserted"]
    assert (bucket["name"], bucket["displayName"], bucket["historyLineCount"]) == ("made", "my run", 0)
    assert bucket["project"]["entity"]["name"] == entity
    assert json.loads(bucket["config"])["lr"] == {"value": 0.1}
    run = asking.run("made")
    assert (run["state"], run["notes"], run["tags"], run["group"], run["job_type"]) == (
        "running",
        "hello",
        ["x"],
        "g",
        "t",
    )
    assert run["meta"]["program"] == "train.py"
    named = asking.upsert(None)["bucket"]
    assert len(named["name"]) == 8
    assert named["displayName"].count("-") == 2


def test_what_comes_later_changes_what_it_says(asking):
    begun = asking.upsert("later", {"lr": 0.1}, notes="first", tags=["x"])["bucket"]
    only_config = asking.upsert("later", {"lr": 0.1, "more": 2}, host=None, program=None, entity=asking.server.me)
    assert not only_config["inserted"]
    asking.upsert("later", {"lr": 0.2}, id=begun["id"], notes="second", displayName="renamed", tags=["x", "y"])
    run = asking.run("later")
    assert run["config"] == {"lr": 0.2, "more": 2}
    assert (run["notes"], run["name"], run["tags"]) == ("second", "renamed", ["x", "y"])
    assert len(asking.segments("later")) == 1


def test_a_run_that_is_not_there_cannot_be_resumed(asking, server):
    assert asking.resume("missing")["bucket"] is None
    assert asking.ask("resume", name="x", project="no-such-project")["data"]["model"] is None
    asking.ask("upsert", name="only-made", project="begins", state="running")
    assert asking.resume("only-made")["bucket"] is None
    again = asking.ask("upsert", name="only-made", project="begins", state="running")["data"]["upsertBucket"]
    assert not again["inserted"]


def test_a_resumed_run_goes_on_whatever_is_asked_twice(asking):
    asking.upsert("resumed", {"lr": 0.1}, notes="hello", tags=["x"], displayName="n")
    known = asking.resume("resumed")["bucket"]
    assert (known["notes"], known["tags"], known["displayName"]) == ("hello", ["x"], "n")
    assert json.loads(known["wandbConfig"]) == {"t": {"5": "0.31.0"}}
    assert json.loads(known["config"])["lr"] == {"value": 0.1}
    assert (known["historyTail"], known["historyLineCount"]) == ("[]", 0)
    held = asking.upsert("resumed", {"lr": 0.1}, id=known["id"], status=429)
    assert "is being written by another process on vm" in held
    assert "is being written by another process on vm" in asking.rewind("resumed", -1, status=429)


def test_people_change_runs(asking, server):
    begun = asking.upsert("edited", {"lr": 0.1, "gone": 1}, notes="first")["bucket"]
    assert begun["id"]
    node = asking.ask("upsert", name="edited", project="begins", state="running")["data"]["upsertBucket"]["bucket"][
        "id"
    ]
    change = {"lr": {"value": 0.5, "desc": None}, "_wandb": {"value": {}}}
    asking.ask("upsert", id=node, notes="second", config=json.dumps(change), tags=["t"], displayName="n")
    asking.ask("upsert", id=node, summary=json.dumps({"best": 3, "_wandb": {"runtime": 1}}))
    run = asking.run("edited")
    assert (run["config"], run["notes"], run["tags"], run["name"]) == ({"lr": 0.5}, "second", ["t"], "n")
    assert run["summary"]["best"] == 3


def test_wrong_asks(asking, server, bob):
    assert "no JSON" in asking.ask("upsert", status=400, name="x", project="begins", config="{")["errors"][0]["message"]
    assert "id" in asking.upsert("x", id="nonsense", status=404)
    assert "cannot be a run id" in asking.upsert("x" * 65, status=400)
    assert "cannot be the name" in asking.upsert("x", project="a:b", status=400)
    assert "no run" in asking.rewind("never-there", 3, status=404)
    for project in ("begins", "new"):
        denied = asking.upsert("stolen", project=project, entity=server.me, key=bob, status=403)
        assert all(word in denied for word in ("wandb login", "misspelt", "open"))
    assert asking.resume("stolen")["bucket"] is None


def test_a_deleted_run_is_gone(asking, server):
    begun = asking.upsert("deleted")["bucket"]
    server.request("DELETE", f"/api/v1/runs/{server.me}/begins/deleted")
    for more in ({}, {"id": begun["id"]}, {"host": None, "program": None}):
        told = asking.upsert("deleted", status=410, **more)
        assert "playhead runs restore" in told
    asking.ask("resume", status=410, name="deleted", project="begins")


@pytest.mark.parametrize("name", ["a run@=&+$.x!", "größe-漢字", "v1.2", "it~s 100"])
def test_ids_that_need_escaping(asking, name):
    begun = asking.upsert(name, {"lr": 0.1})["bucket"]
    assert begun["name"] == name
    asking.upsert(name, {"lr": 0.2}, id=begun["id"])
    assert asking.server.run(asking.project, urllib.parse.quote(name, safe=""))["config"] == {"lr": 0.2}
    assert asking.resume(name)["bucket"]["name"] == name


@pytest.mark.parametrize("name", ["a/b", "..", "a:b", " a", "a#b", "a?b", "100%", "a\nb", "it's"])
def test_what_cannot_be_an_id(asking, name):
    assert "cannot be a run id" in asking.upsert(name, status=400)


def test_a_first_request_whose_answer_was_lost(own_server, asking_of):
    own_server.start()
    asking = asking_of(own_server, "begins")
    begun = asking.upsert("lost", {"lr": 0.1})["bucket"]
    fork = {"branch_point": {"run_id": "lost", "step": -1}}
    forked = asking.upsert("forked", {}, fork)["bucket"]
    asking.upsert("lost", {"lr": 0.1}, status=429)
    own_server.stop(signal.SIGKILL)
    own_server.start()
    assert asking.upsert("lost", {"lr": 0.1})["bucket"]["id"] == begun["id"]
    assert asking.upsert("forked", {}, fork)["bucket"]["id"] == forked["id"]
    assert len(asking.segments("lost")) == 1
    rewound = asking.rewind("lost", -1, status=429)
    own_server.stop(signal.SIGKILL)
    own_server.start()
    assert "another process" in rewound
    rewound = asking.rewind("lost", -1)
    asking.upsert("lost", {"lr": 0.2}, id=rewound["id"])
    assert asking.run("lost")["config"] == {"lr": 0.2}


def test_what_a_file_of_a_resumed_training_goes_on_with(asking):
    now, sync = time.time(), {"program": "-m wandb sync"}

    def send(steps, exitcode, later=0):
        rows = [json.dumps({"_step": step, "_timestamp": now + later + step, "a": step}) for step in steps]
        body = {"files": {"wandb-history.jsonl": {"offset": 0, "content": rows}}}
        path = f"/files/{asking.server.me}/begins/again/file_stream"
        answer = asking.server.request("POST", path, body={**body, "complete": True, "exitcode": exitcode})
        assert answer.status == 200, answer.data

    def resume():
        known = asking.resume("again")["bucket"]
        config = {
            "lr": 0.1,
            "seen": len(asking.segments("again")[0]["sessions"]),
        }  # it repeats what the run has by then
        asking.upsert("again", config, id=known["id"], tags=[], **sync)

    def seen():
        found = asking.server.get(f"/runs/{asking.server.me}/begins/again/rows")["items"]
        return [row["a"] for row in found], [len(segment["sessions"]) for segment in asking.segments("again")]

    asking.upsert("again", {"lr": 0.1}, tags=[])
    send([0, 1], exitcode=0)
    resume()  # of another training that resumed it, and was never heard of
    send([2, 3], exitcode=1)
    assert seen() == ([0, 1, 2, 3], [2])
    resume()  # the same once more
    send([2, 3, 4], exitcode=1)
    assert seen() == ([0, 1, 2, 3, 4], [2])
    resume()  # and the next one
    send([5, 6], exitcode=1)
    assert seen() == ([0, 1, 2, 3, 4, 5, 6], [3])
    resume()  # that of before is none of the last one's
    send([2, 3, 4], exitcode=1)
    assert seen() == ([0, 1, 2, 3, 4, 5, 6], [4])
    asking.upsert("again", {"lr": 0.1}, tags=[], **sync)  # one that begins it anew
    send([0], exitcode=0, later=1_000)
    assert seen() == ([0], [4, 1])
