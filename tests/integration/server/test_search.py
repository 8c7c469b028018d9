"""Finding runs over HTTP: filters in both languages, orders, pages, columns and groups."""

import json
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner

from a_server import ME
from playhead.cli import main
from playhead.journal import format as f

PROJECT = "found"
PATH = f"/api/v1/runs/{ME}/{PROJECT}"


@pytest.fixture(scope="module")
def filled(server, journals):
    """Nine runs, three of each learning rate, every other one finished."""
    for number in range(9):
        one = journals(project=PROJECT, run_id=f"run-{number}")
        one.start(
            name=f"name-{number}", config={"lr": 0.1 ** (number % 3), "opt": {"name": "adam"}}, tags=[f"t{number % 2}"]
        )
        for step in range(3):
            one.writer.row(step, {"acc": number + step / 10, "val/loss": float("nan")})
        if number % 2 == 0:
            one.record(f.EXIT, 3, code=0)
        server.client().append(one.stream, 0, one.data)
    return server


def ids(server, **query):
    told = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in query.items()}
    answer = server.request("GET", f"{PATH}?{urlencode(told)}")
    assert answer.status == 200, answer.data
    return [run["id"].removeprefix("run-") for run in json.loads(answer.data)["items"]]


def test_filters_and_orders(filled):
    assert ids(filled, order="created_at") == list("012345678")
    assert sorted(ids(filled, filter="config.lr < 0.05 and state = finished")) == ["2", "8"]
    assert sorted(ids(filled, filter={"config.lr": {"$lt": 0.05}, "state": "finished"})) == ["2", "8"]
    assert ids(filled, filter="tags = t1", order="-summary.acc") == ["7", "5", "3", "1"]
    assert ids(filled, filter="summary.acc >= 7", order="summary.acc") == ["7", "8"]
    assert ids(filled, filter='summary."val/loss" = nan and id in [run-3]') == ["3"]
    assert ids(filled, order="-name", limit=2) == ["8", "7"]
    assert ids(filled, filter="name ~ 'e-[12]$'", order="+name") == ["1", "2"]


def test_pages_and_totals(filled):
    found, query = [], {"filter": "config.opt.name = adam", "order": "config.lr", "limit": 4, "count": 1}
    while True:
        page = json.loads(filled.request("GET", f"{PATH}?{urlencode(query)}").data)
        assert page["total"] == 9
        found += [run["config"]["lr"] for run in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert len(found) == 9
    assert found == sorted(found)
    assert json.loads(filled.request("GET", PATH).data)["total"] is None


def test_a_body_asks_the_same(filled):
    ask = {"filter": {"summary_metrics.acc": {"$gt": 6}}, "order": "-summary_metrics.acc", "count": True}
    page = json.loads(filled.request("POST", PATH, body=ask).data)
    assert ([run["id"] for run in page["items"]], page["total"]) == (["run-8", "run-7", "run-6"], 3)


@pytest.mark.parametrize(
    ("query", "code", "position"),
    [
        ({"filter": "config.lr < and state = finished"}, "filter", 12),
        ({"filter": '{"config.lr": {"$foo": 1}}'}, "filter", None),
        ({"filter": "{"}, "filter", None),
        ({"filter": "{" * 100}, "filter", None),
        ({"filter": "name ~ '(a'"}, "filter", 8),
        ({"order": "-nonsense"}, "usage", None),
        ({"order": "tags"}, "usage", None),
        ({"order": "summary.acc", "cursor": "WzFd"}, "usage", None),
        ({"state": "odd"}, "usage", None),
    ],
)
def test_what_is_wrong_is_told(filled, query, code, position):
    answer = filled.request("GET", f"{PATH}?{urlencode(query)}")
    problem = json.loads(answer.data)["error"]
    assert (answer.status, problem["code"], problem["position"]) == (400, code, position)


def test_a_regular_expression_that_others_never_end(filled):
    regex = "^(n|na|am|(n+)+)+x$"
    assert ids(filled, filter=f"name ~ '{regex}'") == []
    assert ids(filled, filter={"display_name": {"$regex": regex}}) == []


def test_the_command_line_tells_what_is_wrong_with_a_filter(filled, monkeypatch):
    monkeypatch.setenv("PLAYHEAD_BASE_URL", filled.url)
    monkeypatch.setenv("PLAYHEAD_API_KEY", filled.key)

    def listed(text, code):
        done = CliRunner().invoke(main, ["runs", "list", PROJECT, text])
        assert done.exit_code == code, done.output
        return done.output

    assert "name-1" not in listed("name ~ '^(n|na|am|(n+)+)+x$'", 0)
    assert "name-1" in listed("config.lr = 0.1", 0)
    assert "finished\n" + " " * 14 + "^" in listed("config.lr < and state = finished", 1)
    assert "nothing to repeat" in listed("name ~ '*'", 1)


def test_a_brief_list_has_only_the_values_that_are_asked_for(filled):
    values = ["config.opt.name", "summary.acc", "summary.val/loss", "config.no..such", "config.no.such"]
    query = urlencode([("brief", 1), ("order", "created_at"), ("limit", 2), *(("values", one) for one in values)])
    items = json.loads(filled.request("GET", f"{PATH}?{query}").data)["items"]
    assert [(run["id"], run["config"], run["summary"], run["meta"]) for run in items] == [
        (f"run-{number}", {"opt.name": "adam"}, {"acc": number + 0.2, "val/loss": "NaN"}, {}) for number in range(2)
    ]
    page = json.loads(filled.request("POST", PATH, body={"brief": True, "filter": "id in [run-3]"}).data)
    [one] = page["items"]
    assert (one["name"], one["tags"], one["config"], one["summary"]) == ("name-3", ["t1"], {}, {})
    for wrong in ("state", "config.", "odd.x"):
        assert filled.request("GET", f"{PATH}?{urlencode({'brief': 1, 'values': wrong})}").status == 400


def test_columns(filled):
    path = f"/api/v1/projects/{ME}/{PROJECT}/columns"
    found = json.loads(filled.request("GET", path).data)
    kinds = {column["name"]: column["kinds"] for column in found["items"]}
    assert kinds["config.lr"] == ["number"]
    assert kinds["config.opt"] == ["object"]
    assert kinds["config.opt.name"] == ["string"]
    assert kinds["summary.val/loss"] == ["nan"]
    assert list(kinds)[-1].startswith("summary._")
    assert found["total"] == len(kinds)
    only = json.loads(filled.request("GET", path + "?prefix=config.&limit=1").data)
    assert ([column["name"] for column in only["items"]], only["total"]) == (["config.lr"], 3)


def test_groups(filled):
    path = f"/api/v1/projects/{ME}/{PROJECT}/groups"
    ask = {"by": ["config.lr"], "of": ["summary.acc", "summary.val/loss"], "filter": "state = finished"}
    groups = json.loads(filled.request("POST", path, body=ask).data)["items"]
    assert sorted((round(group["values"][0], 3), group["count"]) for group in groups) == [(0.01, 2), (0.1, 1), (1, 2)]
    [one] = [group for group in groups if group["values"] == [1]]
    acc, nan = one["numbers"]
    assert (acc["count"], round(acc["mean"], 6), acc["min"], acc["max"]) == (2, 3.2, 0.2, 6.2)
    assert nan == {"count": 0, "mean": None, "min": None, "max": None}
    by_tag = json.loads(filled.request("POST", path, body={"by": ["tags", "state"], "limit": 1}).data)
    assert by_tag["more"] is True
    assert len(by_tag["items"]) == 1
    assert filled.request("POST", path, body={"by": []}).status == 400
    assert filled.request("POST", path, body={"by": ["odd"]}).status == 400


def test_a_project_tells_what_its_metrics_are_defined_as(server, journals):
    for number in range(2):
        one = journals(project="defined-keys", run_id=f"run-{number}")
        one.start(name="n")
        one.record(f.METRIC, 0, name="val/*", step_metric=f"epoch-{number}")
        one.record(f.METRIC, 0, name=f"only-{number}", hidden=True)
        one.writer.row(0, {"val/acc": 1.0})
        server.client().append(one.stream, 0, one.data)
    found = json.loads(server.request("GET", f"/api/v1/projects/{ME}/defined-keys/keys").data)
    told = {one["name"]: (one["step_metric"], one["hidden"]) for one in found["metrics"]}
    assert (told["val/*"], told["only-0"], told["only-1"]) == (("epoch-1", False), (None, True), (None, True))


def test_others_see_nothing(filled, bob):
    for method, path, body in (
        ("GET", PATH + "?filter=tags%3Dt1", None),
        ("POST", PATH, {}),
        ("GET", f"/api/v1/projects/{ME}/{PROJECT}/columns", None),
        ("POST", f"/api/v1/projects/{ME}/{PROJECT}/groups", {"by": ["state"]}),
    ):
        assert filled.request(method, path, bob, body=body).status == 404
