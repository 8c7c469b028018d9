"""What the first requests of a process mean: asked as W&B's client asks, without the client, so that each can be asked twice."""

import json

import pytest

BUCKET = "id name displayName config historyLineCount project { id name entity { id name } }"
UPSERT = f"""
mutation U($id: String, $name: String, $project: String, $entity: String, $groupName: String, $displayName: String, $notes: String,
    $config: JSONString, $host: String, $program: String, $jobType: String, $tags: [String!], $state: String, $summary: JSONString) {{
  upsertBucket(input: {{id: $id, name: $name, modelName: $project, entityName: $entity, groupName: $groupName, displayName: $displayName,
      notes: $notes, config: $config, host: $host, jobProgram: $program, jobType: $jobType, tags: $tags, state: $state,
      summaryMetrics: $summary}}) {{ bucket {{ {BUCKET} }} inserted }}
}}"""
RESUME = """
query R($project: String, $entity: String, $name: String!) {
  model(name: $project, entityName: $entity) { id name entity { id name } bucket(name: $name, missingOk: true) {
      id name summaryMetrics displayName logLineCount historyLineCount eventsLineCount historyTail eventsTail config tags notes
      wandbConfig(keys: ["t"])
  } }
}"""
REWIND = f"""
mutation W($runName: String!, $project: String, $metricName: String!, $metricValue: Float!) {{
  rewindRun(input: {{runName: $runName, projectName: $project, metricName: $metricName, metricValue: $metricValue}}) {{
    rewoundRun {{ {BUCKET} }}
  }}
}}"""


class Asking:
    """Asks as a process does."""

    def __init__(self, server, project="begins"):
        self.server = server
        self.project = project

    def upsert(self, name=None, config=None, own=None, status=200, key="local", **more):
        told = {key: {"value": value} for key, value in (config or {}).items()}
        told["_wandb"] = {"value": {"cli_version": "0.31.0", "t": {"5": "0.31.0"}, "m": [], **(own or {})}}
        given = {"host": "vm", "program": "train.py", "config": json.dumps(told), "project": self.project, **more}
        given = {name: value for name, value in given.items() if value is not None}
        answer = self.server.ask(UPSERT, key, status, name=name, **given)
        return answer["data"]["upsertBucket"] if status == 200 else answer["errors"][0]["message"]

    def resume(self, name):
        return self.server.ask(RESUME, name=name, project=self.project)["data"]["model"]

    def rewind(self, name, step, status=200):
        answer = self.server.ask(
            REWIND, status=status, runName=name, project=self.project, metricName="_step", metricValue=step
        )
        return answer["data"]["rewindRun"]["rewoundRun"] if status == 200 else answer["errors"][0]["message"]

    def run(self, name):
        return self.server.run(self.project, name)

    def segments(self, name):
        return self.server.get(f"/runs/{self.server.me}/{self.project}/{name}/segments")


@pytest.fixture
def asking(server):
    return Asking(server)


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
    assert server.ask(RESUME, name="x", project="no-such-project")["data"]["model"] is None
    server.ask(UPSERT, name="only-made", project="begins", state="running")
    assert asking.resume("only-made")["bucket"] is None
    again = server.ask(UPSERT, name="only-made", project="begins", state="running")["data"]["upsertBucket"]
    assert not again["inserted"]


def test_a_resumed_run_goes_on_whatever_is_asked_twice(asking):
    asking.upsert("resumed", {"lr": 0.1}, notes="hello", tags=["x"], displayName="n")
    known = asking.resume("resumed")["bucket"]
    assert (known["notes"], known["tags"], known["displayName"]) == ("hello", ["x"], "n")
    assert json.loads(known["wandbConfig"]) == {"t": {"5": "0.31.0"}}
    assert json.loads(known["config"])["lr"] == {"value": 0.1}
    assert (known["historyTail"], known["historyLineCount"]) == ("[]", 0)
    held = asking.upsert("resumed", {"lr": 0.1}, id=known["id"], status=429)
    assert "is being written by a process on vm" in held


def test_people_change_runs(asking, server):
    begun = asking.upsert("edited", {"lr": 0.1, "gone": 1}, notes="first")["bucket"]
    assert begun["id"]
    node = server.ask(UPSERT, name="edited", project="begins", state="running")["data"]["upsertBucket"]["bucket"]["id"]
    change = {"lr": {"value": 0.5, "desc": None}, "_wandb": {"value": {}}}
    server.ask(UPSERT, id=node, notes="second", config=json.dumps(change), tags=["t"], displayName="n")
    server.ask(UPSERT, id=node, summary=json.dumps({"best": 3, "_wandb": {"runtime": 1}}))
    run = asking.run("edited")
    assert (run["config"], run["notes"], run["tags"], run["name"]) == ({"lr": 0.5}, "second", ["t"], "n")
    assert run["summary"]["best"] == 3


def test_wrong_asks(asking, server, bob):
    assert "no JSON" in server.ask(UPSERT, status=400, name="x", project="begins", config="{")["errors"][0]["message"]
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
    server.ask(RESUME, status=410, name="deleted", project="begins")
