"""The inputs of a run."""

import argparse
import copy
import enum
import pickle
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from playhead.domain.errors import UsageError
from playhead.sdk.config import Config, as_mapping, from_file


class Flags:
    """As absl's FLAGS."""

    def flag_values_dict(self):
        return {"lr": 0.1}


@dataclass(slots=True)
class Hyper:
    lr: float = 0.1


class Plain:
    def __init__(self):
        self.lr = 0.1


@pytest.mark.parametrize(
    "given",
    [{"lr": 0.1}, OrderedDict(lr=0.1), argparse.Namespace(lr=0.1), Flags(), Hyper(), Plain()],
    ids=lambda given: type(given).__name__,
)
def test_what_can_be_a_config(given):
    assert as_mapping(given) == {"lr": 0.1}


def test_none_is_empty():
    assert as_mapping(None) == {}


@pytest.mark.parametrize("given", [3, [1], object()])
def test_what_cannot(given):
    with pytest.raises(UsageError, match=f"not a {type(given).__name__}"):
        as_mapping(given)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("c.yaml", "lr: 0.1\nlayers: [1, 2]\n", {"lr": 0.1, "layers": [1, 2]}),
        ("c.yml", "1: one\n", {"1": "one"}),
        ("c.json", '{"lr": 0.1}', {"lr": 0.1}),
        ("c.yaml", "", {}),
        ("c.yaml", "lr:\n  value: 0.1\n  desc: rate\nwandb_version: 1\n_wandb:\n  value: {}\n", {"lr": 0.1}),
        ("c.yaml", "lr:\n  value: 0.1\n  desc: null\nn:\n  value: null\n", {"lr": 0.1, "n": None}),
        ("c.yaml", "lr:\n  value: 0.1\nother: 3\n", {"lr": {"value": 0.1}, "other": 3}),
        ("c.yaml", "größe: 日本\n", {"größe": "日本"}),
    ],
)
def test_files(tmp_path, name, text, found):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert from_file(path) == as_mapping(path) == as_mapping(str(path)) == found


@pytest.mark.parametrize(
    ("name", "content"), [("c.yaml", b"- 1\n"), ("c.yaml", b"a: [\n"), ("c.json", b"{"), ("c.yaml", b"\xff\xfe\0")]
)
def test_files_that_are_no_config(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UsageError, match=name):
        from_file(path)


def test_no_file(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        from_file(tmp_path / "c.yaml")


@pytest.fixture
def written():
    return []


@pytest.fixture
def config(written):
    return Config(written.append)


def test_each_change_is_written_once(config, written):
    config.lr = 0.1
    config["n"] = 3
    config.update({"lr": 0.1}, name="x")
    assert written == [{"set": {"lr": 0.1}}, {"set": {"n": 3}}, {"set": {"name": "x"}}]
    assert dict(config) == config.as_dict() == {"lr": 0.1, "n": 3, "name": "x"}
    assert (config.lr, config["n"], config.get("name"), config.get("none", 1)) == (0.1, 3, "x", 1)


def test_a_change_is_refused_whole(config, written):
    config.update({"a": 1})
    with pytest.raises(UsageError, match=r"config\.a is 1 and was to become 2.*allow_val_change=True"):
        config.update({"b": 1, "a": 2})
    assert config.as_dict() == {"a": 1}
    with pytest.raises(UsageError):
        config.a = 2
    assert written == [{"set": {"a": 1}}]


def test_a_change_is_allowed(config, written):
    config.a = 1
    config.update({"a": 2}, allow_val_change=True)
    assert config.a == 2
    free = Config(written.append, allow_val_change=True)
    free.a = 1
    free.a = 2
    assert free.a == 2


@pytest.mark.parametrize("value", [float("nan"), {"a": [float("nan")]}, {"b": 1, "a": 2}])
def test_the_same_value_again_is_no_change(config, written, value):
    config.x = value
    config.x = copy.deepcopy(value)
    assert len(written) == 1


def test_the_order_of_keys_is_no_change(config):
    config.x = {"a": 1, "b": 2}
    config.x = {"b": 2, "a": 1}
    assert config.x == {"a": 1, "b": 2}


def test_setdefaults(config):
    config.a = 1
    config.setdefaults({"a": 2, "b": 3})
    assert config.as_dict() == {"a": 1, "b": 3}


def test_deletion(config, written):
    config.update({"a": 1, "b": 2, "c": 3})
    del config.a
    del config["b"]
    assert config.pop("c") == 3
    assert config.as_dict() == {}
    assert written[1:] == [{"delete": ["a"]}, {"delete": ["b"]}, {"delete": ["c"]}]
    with pytest.raises(KeyError):
        del config["a"]
    with pytest.raises(AttributeError, match="no 'a'"):
        del config.a
    assert len(written) == 4


def test_what_is_not_there(config):
    config.lr = 1
    with pytest.raises(AttributeError, match=r"no 'rate'. It has: lr"):
        _ = config.rate
    with pytest.raises(KeyError):
        config["rate"]
    assert "rate" not in config
    assert not hasattr(config, "rate")


class Colour(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    LOW = 1


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ((1, 2), [1, 2]),
        (range(3), [0, 1, 2]),
        (np.float32(0.5), 0.5),
        (np.arange(3), [0, 1, 2]),
        (Path("/a/b"), "/a/b"),
        (Level.LOW, 1),
        (Colour.RED, "Colour.RED"),
        ({"opt": {"fn": Colour.RED, "lr": 0.1}}, {"opt": {"fn": "Colour.RED", "lr": 0.1}}),
        ([1, Colour.RED], [1, "Colour.RED"]),
        (b"abc", "abc"),
        (2**80, 2**80),
        (int, "<class 'int'>"),
    ],
)
def test_values_are_kept_readable(config, written, value, kept):
    config.x = value
    assert config.x == kept
    assert type(config.x) is type(kept)
    assert written == [{"set": {"x": kept}}]


def test_a_circle_ends(config):
    circle = {}
    circle["self"] = circle
    config.x = circle
    assert config.x


def test_copies_are_plain(config):
    config.x = {"a": [1]}
    for other in (copy.copy(config), copy.deepcopy(config), pickle.loads(pickle.dumps(config))):
        assert type(other) is dict
        assert other == {"x": {"a": [1]}}
