"""Tables: what goes in, what comes out, and what is kept of them each time."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from playhead.domain.errors import UsageError
from playhead.sdk.data_types import Image, Table
from playhead.sdk.media import table as module


class Frame:
    """As pandas' DataFrame, as far as it is looked at."""

    def __init__(self, **columns):
        self.columns = list(columns)
        self._columns = [values if isinstance(values, Series) else np.asarray(values) for values in columns.values()]

    def itertuples(self):
        raise AssertionError

    @property
    def iloc(self):
        return self

    def __getitem__(self, place):
        return self._columns[place[1]]


class Series:
    """As pandas' of an object column, as far as it is looked at."""

    dtype = np.dtype(object)

    def __init__(self, *values):
        self._values = values

    def tolist(self):
        return list(self._values)

    def isna(self):
        return np.array([value != value or value is None for value in self._values])


class Polar:
    """As polars' DataFrame."""

    columns = ("a", "b")

    def iter_rows(self):
        yield from ((1, "x"), (2, None))


@pytest.fixture
def kept(run, make_media):
    """Log a value; answers the row's value, and the table that was kept."""

    def log(value, **row):
        run.log({"table": value, **row})
        told = run.journal().rows[-1][1]["table"]
        return told, json.loads(make_media()[told["path"]])

    return log


def test_rows_and_columns(kept):
    table = Table(columns=["n", "text", "yes"], data=[[1, "x", True], [2.5, None, False]])
    table.add_data(np.float32(0.5), "z", None)
    table.add_column("more", np.array([1, 2, 3]))
    table.add_computed_columns(lambda at, row: {"twice": 2 * row["n"], "at": at})
    assert table.get_column("twice") == [2, 5.0, 1.0]
    assert table.get_column("n", convert_to="numpy").dtype == float
    assert [number for number, _ in table.iterrows()] == [0, 1, 2]
    told, content = kept(table)
    assert content == {
        "columns": ["n", "text", "yes", "more", "twice", "at"],
        "types": ["number", "string", "boolean", "number", "number", "number"],
        "data": [[1, "x", True, 1, 2, 0], [2.5, None, False, 2, 5.0, 1], [0.5, "z", None, 3, 1.0, 2]],
    }
    assert {name: told[name] for name in ("_type", "ncols", "nrows", "log_mode")} == {
        "_type": "table-file", "ncols": 6, "nrows": 3, "log_mode": "IMMUTABLE",
    }  # fmt: skip
    assert set(told) == {"_type", "path", "sha256", "size", "ncols", "nrows", "log_mode"}


@pytest.mark.parametrize(
    ("given", "columns", "data"),
    [
        ({"dataframe": Frame(a=[1, 2], b=["x", "y"])}, ["a", "b"], [[1, "x"], [2, "y"]]),
        ({"data": Frame(a=[1.5], b=[True])}, ["a", "b"], [[1.5, True]]),
        (
            {"data": Frame(a=Series("x", float("nan"), None), b=[1.5, 2, 3])},
            ["a", "b"],
            [["x", 1.5], [None, 2.0], [None, 3.0]],
        ),
        ({"data": Polar()}, ["a", "b"], [[1, "x"], [2, None]]),
        ({"columns": ["c", "d"], "data": np.eye(2)}, ["c", "d"], [[1.0, 0.0], [0.0, 1.0]]),
        ({"columns": [1, 2], "rows": [(1, 2)]}, ["1", "2"], [[1, 2]]),
        ({}, ["Input", "Output", "Expected"], []),
        ({"columns": []}, [], []),
    ],
)
def test_what_it_is_made_of(kept, given, columns, data):
    assert {**kept(Table(**given))[1], "types": 0} == {"columns": columns, "types": 0, "data": data}


def test_a_data_frame_as_it_is(kept):
    assert kept(Frame(a=[1, 2]))[1]["data"] == [[1], [2]]
    assert kept(Polar())[1]["columns"] == ["a", "b"]


def test_cells(kept, run, make_media):
    table = Table(columns=["cell"], allow_mixed_types=True)
    for value in (
        np.int64(1),
        np.zeros(2),
        [1, 2],
        {"a": 1},
        datetime(2026, 1, 1, tzinfo=UTC),
        float("nan"),
        "é",
        10**30,
    ):
        table.add_data(value)
    assert str(kept(table)[1]["data"]) == (
        "[[1], [[0.0, 0.0]], [[1, 2]], [{'a': 1}], ['2026-01-01T00:00:00+00:00'], [nan], ['é'], [1000000000000000000000000000000]]"
    )
    table = Table(columns=["image"], data=[[Image(np.zeros((2, 2)))], [None]])
    run.log({"table": table})
    files = make_media()
    content = json.loads(files[run.journal().rows[-1][1]["table"]["path"]])
    [[cell], [none]] = content["data"]
    assert (cell["_type"], cell["path"] in files, none, content["types"]) == ("image-file", True, None, ["Image"])
    with pytest.raises(TypeError, match="'cell'"):
        Table(columns=["cell"], data=[[object()]])
    with pytest.raises(UsageError, match="cannot stand in a cell"):
        Table(columns=["cell"], data=[[table]])


def test_a_column_is_of_one_kind():
    table = Table(columns=["a"], data=[[None], [1]])
    with pytest.raises(TypeError, match=r"'a' is of number, and 'x' is of string.*allow_mixed_types"):
        table.add_data("x")
    with pytest.raises(TypeError, match="boolean"):
        table.add_data(True)
    table.add_data(2.5)
    assert table.get_column("a") == [None, 1, 2.5]
    with pytest.raises(TypeError, match="'b'"):
        table.add_column("b", [1, "x", 2])
    assert table.columns == ["a"]
    mixed = Table(columns=["a"], data=[[1], ["x"], [None]], allow_mixed_types=True)
    assert mixed.get_column("a") == [1, "x", None]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda table: table.add_data(1),
        lambda table: table.add_data(1, 2, 3),
        lambda table: table.add_column("c", [1]),
        lambda table: table.add_column("a", [1, 2]),
        lambda table: table.get_column("c"),
        lambda _: Table(columns=["a"], data=[[1], [1, 2]]),
        lambda _: Table(columns="ab", data=[]),
        lambda _: Table(columns=["a"], data="text"),
        lambda _: Table(columns=["a"], data={"a": 1}),
        lambda _: Table(columns=["a"], data=5),
        lambda _: Table(columns=["a"], log_mode="SOMETIMES"),
        lambda _: Table(columns=["a"]).add_column("b", [1]),
    ],
    ids=range(12),
)
def test_what_is_wrong(wrong):
    with pytest.raises(UsageError):
        wrong(Table(columns=["a", "b"], data=[[1, 2], [3, 4]]))


def test_no_more_rows_than_the_limit(monkeypatch):
    monkeypatch.setattr(module, "MAX_TABLE_ROWS", 2)
    with pytest.raises(UsageError, match="MAX_TABLE_ROWS"):
        Table(columns=["a"], data=[[1], [2], [3]])


def test_an_immutable_table_stays_what_it_was(kept, capsys):
    table = Table(columns=["a"], data=[[1]])
    first, _ = kept(table)
    table.add_data(2)
    table.add_column("b", [1, 2])
    for _ in range(2):
        told, content = kept(table)
        assert (content["columns"], content["data"], told["sha256"]) == (["a"], [[1]], first["sha256"])
    assert capsys.readouterr().err.count("MUTABLE") == 1


def test_a_mutable_one_is_kept_anew(kept):
    table = Table(columns=["a"], data=[[1]], log_mode="MUTABLE")
    assert kept(table)[1]["data"] == [[1]]
    table.add_data(2)
    assert kept(table)[1]["data"] == [[1], [2]]


def test_of_an_incremental_one_what_was_added(kept, monkeypatch):
    monkeypatch.setattr(module, "_INCREMENTS", 3)
    table = Table(columns=["a"], log_mode="INCREMENTAL")
    seen, paths = [], []
    for number in range(6):
        table.add_data(number)
        told, content = kept(table)
        before = told["previous_increments_paths"]
        seen.append(
            (told["increment_num"], told["first_row"], told["nrows"], len(before), [row[0] for row in content["data"]])
        )
        assert before == paths[len(paths) - len(before) :]
        paths.append(told["path"])
    assert told["_type"] == "incremental-table-file"
    assert seen == [
        (0, 0, 1, 0, [0]), (1, 1, 2, 1, [1]), (2, 2, 3, 2, [2]), (3, 0, 4, 0, [0, 1, 2, 3]), (4, 4, 5, 1, [4]), (5, 5, 6, 2, [5]),
    ]  # fmt: skip
    table.add_column("b", range(6))
    told, content = kept(table)
    assert (told["previous_increments_paths"], content["columns"], len(content["data"])) == ([], ["a", "b"], 6)


def test_same_content_is_stored_once(run, make_media):
    table = Table(columns=["a"], data=[[n] for n in range(1000)], log_mode="MUTABLE")
    for _ in range(3):
        run.log({"table": table})
    make_media()
    files = list((run._place.folder / "files").rglob("*.json"))
    assert len(files) == 3
    assert len({path.stat().st_ino for path in files}) == 1


def test_without_pandas(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(UsageError, match="pip install pandas"):
        Table(columns=["a"]).get_dataframe()
