"""The filter language: what is understood, and where an error points."""

import json

import pytest

from playhead.domain import filter_mongo, filter_text
from playhead.domain.errors import FilterError
from playhead.domain.filter import Place, Space, holds, told
from playhead.domain.ids import RunPath
from playhead.domain.run import Run, RunState

NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z
RUN = Run(
    path=RunPath("ada", "p", "r1"),
    name="calm-river-7",
    state=RunState.FINISHED,
    head="h",
    created_at=int((NOW - 3600) * 1e6),
    updated_at=2,
    heartbeat_at=3,
    started_at=4,
    exit_code=0,
    tags=("best", "x y"),
    job_type="train",
    user="ada",
    config={
        "lr": 0.005,
        "opt": {"name": "adam", "betas": [0.9, 0.999]},
        "a.b": 3,
        "odd key": True,
        "none": None,
        "seed": 2**63 + 1,
        "nan": float("nan"),
        "wb": {"value": 7},
        "long": "x" * 300 + "end",
        "empty": {},
        "text": 'a "b" \\ c',
    },
    summary={"acc": 0.9, "val/acc": 0.8, "_runtime": 7200.0, "_playhead": {"at": 3}},
)
TOLD = told(RUN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        'config.lr < 0.01 and state = "finished"',
        "config.lr<0.01 AND state==finished",
        "not config.lr >= 0.01",
        "(config.lr = 1 or config.lr = .005) and not (state = running)",
        "config.opt.name = 'adam'",
        'config."opt".name in ["sgd", "adam"]',
        "config.opt.name not in ('sgd',)",
        "config.opt.betas = 0.9",
        "config.opt.betas contains 0.999",
        "config.opt exists and config.opt.betas exists and config.empty exists",
        "config.a.b = 3",
        'config."a.b" = 3.0',
        'config."odd key" = true',
        "config.none = null and config.none exists",
        "config.gone = null and config.gone not exists and not config.gone exists",
        "config.seed = 9223372036854775809",
        "config.seed > 9223372036854775808",
        "config.nan = nan",
        "config.nan != 3",
        "config.wb = 7 and config.wb.value = 7",
        "config.long ~ 'x{200}x*end$' and config.long contains xxend",
        r'config.text = "a \"b\" \\ c"',
        "summary.val/acc > .7 and summary_metrics.acc >= 0.9",
        "tags = best and tags contains 'x y' and tags in [no, best]",
        "tags not contains no",
        "name ~ '^CALM' or name ~ '(?i)^CALM'",
        "id = r1 and user = ada and username = ada and job_type = train and group = null",
        "created_at > 2h ago and created_at < 30m ago",
        "created_at >= 2027-01-15 and created_at < '2027-01-15T07:30' and created_at < 2027-01-15T09:30+02:00",
        "runtime > 1h59m and runtime = 2h and runtime <= 7200s",
        "exit_code = 0 and exit_code != 1 and finished_at not exists",
        "name !~ 'x'",
        "config.lr < inf and config.lr > -inf",
        "state in [finished, failed,]",
    ],
)
def test_it_holds(text):
    assert holds(filter_text.parse(text, now=NOW), TOLD)


@pytest.mark.parametrize(
    "text",
    [
        "config.lr < '0.01'",
        "config.lr = true",
        'config."odd key" = 1',
        "config.gone != 3 and config.gone < 3",
        "config.gone ~ '.'",
        "config.nan < 3 or config.nan > 3 or config.nan < nan_",
        "config.seed = 9223372036854775808",
        "config.seed < 9223372036854775809",
        "config.opt.betas = 0.5",
        "summary._playhead exists",
        "config.opt = adam",
        "state in []",
        "tags = be",
        "group = 'x'",
        "created_at < 1d ago",
    ],
)
def test_it_does_not_hold(text):
    assert not holds(filter_text.parse(text, now=NOW), TOLD)


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("config.lr <", 11, "value"),
        ("config.lr < and state = finished", 12, "value"),
        ("lr < 3", 0, "config.KEY"),
        ("sate = 'x'", 0, "state"),
        ("config = 3", 0, "config.KEY"),
        ("config. = 3", 7, "key"),
        ("(state = finished", 0, '")"'),
        ("state = finished)", 16, '"("'),
        ("state = finished config.lr = 3", 17, '"and"'),
        ("state finished", 6, "operator"),
        ("state not finished", 10, '"in"'),
        ("state = 'finished", 8, "quote"),
        ("state = 3", 8, "text"),
        ("step = 'x'", 7, "number"),
        ("created_at > yesterday", 13, "time"),
        ("created_at > 2027-13-01", 13, "number, date"),
        ("step > 3d ago", 7, "no time"),
        ("config.lr = 1.2.3", 12, "number"),
        ("config.lr < null", 12, "larger"),
        ("config.lr in 3", 13, "brackets"),
        ("config.lr in [1 2]", 16, '","'),
        ("config.lr in [1, 2", 13, '"]"'),
        ("name ~ '(a'", 8, '")"'.replace('"', "")),
        ("name ~ 'ab**'", 11, "parentheses"),
        ("name ~ 'a(?=b)'", 10, "(?:"),
        (r"name ~ '(a)\1'", 11, "known"),
        ("name ~ '(a{100}){100}'", 16, "parts"),
        ("name ~ 3", 7, "quotes"),
        ("and", 0, "name"),
        ("not", 3, "condition"),
        ("()", 1, "name"),
        ("tags contains null", 14, "element"),
        ("config.lr = 1 or", 16, "condition"),
        ("not " * 60 + "tags = a", None, "inside"),
        ("tags = a or " * 201 + "tags = a", None, "200"),
        ("x" * 20_001, None, "characters"),
        ("tags in [" + "a," * 1_001 + "]", 8, "1,000"),
    ],
)
def test_an_error_points_at_the_character(text, position, message):
    with pytest.raises(FilterError) as caught:
        filter_text.parse(text, now=NOW)
    assert message in caught.value.message
    if position is not None:
        assert caught.value.position == position
        shown = caught.value.message.splitlines()
        assert len(text) > 60 or shown[-1].index("^") == shown[-2].index(text) + position


def test_the_line_at_fault_is_shown():
    with pytest.raises(FilterError) as caught:
        filter_text.parse("state = finished\n  and config.lr < or tags = a", now=NOW)
    assert caught.value.message.splitlines()[1:] == ["    and config.lr < or tags = a", "                    ^"]


@pytest.mark.parametrize(
    ("filters", "text"),
    [
        ({}, ""),
        ({"state": "finished"}, "state = finished"),
        ({"config.lr": {"$lt": 0.01, "$gte": 0}}, "config.lr < 0.01 and config.lr >= 0"),
        ({"config.lr.value": 0.1}, "config.lr = 0.1"),
        ({"config.opt.value.lr": 0.1}, "config.opt.lr = 0.1"),
        ({"summary_metrics.acc": {"$gt": 0.9}}, "summary.acc > 0.9"),
        ({"$or": [{"tags": "a"}, {"tags": {"$in": ["b", "c"]}}]}, "tags = a or tags in [b, c]"),
        ({"$nor": [{"tags": "a"}]}, "not (tags = a)"),
        ({"$not": {"tags": "a"}}, "not tags = a"),
        ({"config.lr": {"$not": {"$lte": 1}}}, "not config.lr <= 1"),
        ({"config.lr": {"$ne": 1}}, "config.lr != 1"),
        ({"config.lr": {"$nin": [1, 2]}}, "config.lr not in [1, 2]"),
        ({"config.lr": {"$exists": False}}, "config.lr not exists"),
        ({"config.lr": {"$eq": None}}, "config.lr = null"),
        ({"display_name": {"$regex": "^a"}}, "name ~ '^a'"),
        ({"display_name": {"$regex": "^a", "$options": "i"}}, "name ~ '(?i)^a'"),
        ({"name": "r1"}, "id = r1"),
        ({"username": "ada", "jobType": "train"}, "user = ada and job_type = train"),
        ({"createdAt": {"$gt": "2026-01-01T00:00:00Z"}}, "created_at > 2026-01-01"),
        ({"tags": {"$contains": "a"}}, "tags contains a"),
    ],
)
def test_both_languages_say_the_same(filters, text):
    said, wanted = filter_mongo.parse(filters, now=NOW), filter_text.parse(text, now=NOW)
    assert said == wanted
    assert filter_mongo.parse(json.loads(json.dumps(filters)), now=NOW) == said


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"$xor": []}, "$xor"),
        ({"lr": 3}, "config.KEY"),
        ({"config.lr": {"$foo": 3}}, "config.lr.$foo"),
        ({"config.lr": {"nested": 3}}, "dots"),
        ({"config.lr": {}}, "operators"),
        ({"config.lr": [1, 2]}, "$in"),
        ({"$and": {"a": 1}}, "list"),
        ({"$or": [{"state": "finished"}, 3]}, "$or[1]"),
        ({"config.lr": {"$in": 3}}, "list"),
        ({"config.lr": {"$exists": "yes"}}, "true or false"),
        ({"state": {"$regex": "("}}, "Regular"),
        ({"state": {"$regex": "a", "$options": "m"}}, "$options"),
        ({"state": {"$options": "i"}}, "$regex"),
        ({"state": 3}, "text"),
        ({"created_at": {"$gt": "soon"}}, "time"),
        ({"config.lr": {"$in": [0] * 1_001}}, "1,000"),
    ],
)
def test_a_wrong_object_is_told(filters, message):
    with pytest.raises(FilterError) as caught:
        filter_mongo.parse(filters, now=NOW)
    assert message in caught.value.message


def test_deep_and_long_objects_are_refused():
    deep = {"state": "finished"}
    for _ in range(80):
        deep = {"$and": [deep]}
    for wrong in (deep, {"$or": [{"state": "finished"}] * 300}):
        with pytest.raises(FilterError):
            filter_mongo.parse(wrong, now=NOW)


def test_what_wandb_has_and_we_do_not_is_missing():
    assert not holds(filter_mongo.parse({"sweep": "abc"}, now=NOW), TOLD)
    assert holds(filter_mongo.parse({"sweep": None}, now=NOW), TOLD)


def test_places_print_as_they_are_written():
    assert [str(Place(space, "a.b")) for space in Space] == ["a.b", "config.a.b", "summary.a.b"]
