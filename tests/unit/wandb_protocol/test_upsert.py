import json

import pytest

from playhead.domain.errors import UsageError
from playhead.wandb_protocol.machine import info_of, notes_of
from playhead.wandb_protocol.upsert import BranchPoint, Config, config_of, config_text


def test_a_config_is_values_and_notes():
    told = {
        "lr": {"value": 0.1}, "edited": {"value": 2, "desc": None}, "bare": 3, "nest": {"value": {"value": 1, "more": 2}},
        "_wandb": {"value": {"t": {"4": "3.12"}, "branch_point": {"run_id": "r", "step": 5.0}}},
    }  # fmt: skip
    config = config_of(json.dumps(told))
    assert config.values == {"lr": 0.1, "edited": 2, "bare": 3, "nest": {"value": 1, "more": 2}}
    assert config.branch == BranchPoint("r", 5)
    again = config_of(config_text(config.values, config.own))
    assert (again.values, again.own) == (config.values, config.own)
    assert config_of(None) is None


def test_non_finite_numbers_go_both_ways():
    config = config_of('{"a": {"value": NaN}, "b": {"value": [Infinity, -Infinity]}}')
    assert config.values["a"] != config.values["a"]
    assert config.values["b"] == [float("inf"), float("-inf")]
    assert config_of(config_text(config.values, {})).values["b"] == config.values["b"]


@pytest.mark.parametrize("text", ["", "{", "[]", "1", "[" * 100_000])
def test_what_is_no_config(text):
    with pytest.raises(UsageError):
        config_of(text)


@pytest.mark.parametrize(
    "point",
    [
        {},
        {"run_id": 1, "step": 2},
        {"run_id": "r", "step": "2"},
        {"run_id": "r", "step": float("nan")},
        {"run_id": "r", "step": float("inf")},
    ],
)
def test_what_is_no_branch_point(point):
    with pytest.raises(UsageError):
        _ = Config({}, {"branch_point": point}).branch


def test_definitions():
    told = [
        {"1": "loss", "5": 2, "6": [1, 3], "7": [1, 2]}, {"1": "epoch", "6": [], "7": []}, {"2": "val/*", "5": 2, "6": [2], "8": 2},
        {"1": "a\\.b", "4": "step"}, {"7": [1]}, {"1": "odd", "5": 99, "7": [0, 9, "x"], "8": 7}, "nonsense",
    ]  # fmt: skip
    assert list(Config({}, {"m": told}).definitions()) == [
        {"name": "loss", "step_metric": "epoch", "step_sync": True, "summary": ["min", "max"]},
        {"name": "epoch"},
        {"name": "val/*", "step_metric": "epoch", "hidden": True, "goal": "maximize"},
        {"name": "a.b", "step_metric": "step"},
        {"name": "odd"},
    ]
    assert not list(Config({}, {"m": "nonsense"}).definitions())


def test_the_machine_in_our_words():
    writer = {
        "startedAt": "2026-11-21T13:12:45Z", "os": "Linux", "python": "CPython 3.11.7", "cpu_count": 2, "cpu_count_logical": 4,
        "cpu": {"model": "EPYC"}, "memory": {"total": "25276510208"}, "args": ["--lr", "1"], "gpu": "H200", "gpu_count": 2,
        "git": {"remote": "https://me:secret@example.org/x.git", "commit": "abc"},
    }  # fmt: skip
    own = {
        "e": {"old": {"startedAt": "2025", "os": "Plan 9"}, "new": writer},
        "cli_version": "0.31.0",
        "t": {"4": "x"},
        "m": [],
    }
    info = info_of(own, {"host": "vm", "jobProgram": "train.py"}, {})
    assert info == {
        "host": "vm", "program": "train.py", "os": "Linux", "python": "3.11.7", "cpu_count": 4, "cpu": "EPYC", "args": ["--lr", "1"],
        "memory": 25276510208, "gpus": ["H200", "H200"], "git": {"commit": "abc", "remote": "https://example.org/x.git"},
        "wandb": "0.31.0", "_wandb": {"cli_version": "0.31.0", "t": {"4": "x"}},
    }  # fmt: skip
    assert info_of(own, {}, info) == {}
    assert notes_of(info) == {"cli_version": "0.31.0", "t": {"4": "x"}}
    assert info_of({"visualize": 1}, {}, info) == {"_wandb": {"cli_version": "0.31.0", "t": {"4": "x"}, "visualize": 1}}


@pytest.mark.parametrize(
    "own", [{"e": 1}, {"e": {"a": 1}}, {"e": {"a": {"memory": 1, "cpu": "x", "git": [], "gpu_nvidia": [1]}}}]
)
def test_odd_descriptions_of_machines(own):
    assert isinstance(info_of(own, {}, {"git": "odd"}), dict)
