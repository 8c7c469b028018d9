"""Media whoever wrote them: as W&B's client does, in old forms, and spoiled."""

import json

import pytest

from a_run import digest
from a_server import ME
from playhead.client.api import Api
from playhead.domain.errors import LimitError, NotFoundError, UsageError
from playhead.domain.limits import MAX_TABLE_PAGE
from playhead.journal import format as f
from playhead.services.tables import MAX_TABLE_JSON


class Written:
    """A run whose journal says what it is told to."""

    def __init__(self, server, journal, media):
        self.client, self.media = server.client(), media
        self.journal = journal().start()
        self.step = 0

    def log(self, **values):
        """A row of media."""
        self.journal.writer.row(self.step, {key: self.media(**value) for key, value in values.items()})
        self.step += 1

    def file(self, path, content, kind=f.FILE):
        """Content, as a file of the run."""
        self.journal.send(self.client)
        sha256 = digest(content)
        self.client.put_blob(self.journal.run, sha256, content)
        self.journal.record(kind, self.step + 5, path=path, sha256=sha256, size=len(content), media=True)
        return sha256

    @property
    def run(self):
        self.journal.send(self.client)
        return Api(server=self.client).run("/".join(self.journal.run))


@pytest.fixture
def written(server, journal, media):
    return Written(server, journal, media)


def test_lists_as_wandb_writes_them(written):
    written.log(
        images={"_type": "images/separated", "count": 2, "width": 3, "height": 2, "format": "png", "filenames": ["media/a.png", "media/b.png"],
                "captions": ["a", None], "all_masks": [{"m": {"_type": "mask", "path": "media/m.png"}}, None]},
        sounds={"_type": "audio", "count": 1, "audio": [{"_type": "audio-file", "path": "media/a.wav", "caption": "s"}], "sampleRates": [8]},
        old={"_type": "images", "items": [{"_type": "image-file", "path": "media/b.png", "sha256": "0" * 64}]},
    )  # fmt: skip
    digest = written.file("media/a.png", b"a")
    written.file("media/m.png", b"m")
    run = written.run
    [one] = run.media("images")
    assert (one.type, [item.caption for item in one.items]) == ("images/separated", ["a", None])
    assert [item.state for item in one.items] == ["there", "waiting"]
    assert one.items[0]["sha256"] == digest  # though it came at a later step
    assert one.items[0].masks["m"].read() == b"m"
    assert next(run.media("sounds")).items[0].caption == "s"
    assert [item["path"] for item in next(run.media("old")).items] == ["media/b.png"]
    with pytest.raises(NotFoundError, match="not been sent yet"):
        one.items[1].read()


def test_spoiled_values_are_no_media(written):
    spoiled = [
        {"_type": "image-file", "path": 5}, {"_type": "images/separated", "filenames": "x", "sizes": 3, "all_masks": {}},
        {"_type": "images/separated", "filenames": ["media/x.png", 7], "sizes": [[1]], "captions": 5}, {"_type": "images", "items": [1, None]},
        {"_type": ["x"]}, {"_type": "unknown"}, {"_type": "custom-chart", "table": 5}, {"_type": "histogram", "values": [1], "bins": ["a", 2]},
        {"_type": "histogram", "values": [1, 2], "packedBins": {"min": 0, "size": 0.5, "count": 2}}, {"_type": "image-file", "path": "../../etc"},
    ]  # fmt: skip
    for value in spoiled:
        written.log(it=value)
    run = written.run
    assert [(one.step, len(one.items)) for one in run.media("it")] == [
        (0, 1), (1, 0), (2, 1), (3, 0), (6, 1), (7, 1), (8, 1), (9, 1),
    ]  # fmt: skip
    view = run.histograms("it", bins=2)
    assert (view.steps, view.edges, view.counts) == ([8], [0.0, 0.5, 1.0], [[1.0, 2.0]])
    with pytest.raises(NotFoundError):
        run.table("it")


def test_tables_as_wandb_writes_them(written):
    content = json.dumps(
        {"columns": ["a", "b"], "data": [[1, float("nan")], [2, "Image"], 5, ["\ud800", None]]}
    ).encode()
    written.log(table={"_type": "table-file", "path": "media/table/t.table.json", "ncols": 2, "nrows": 4})
    with pytest.raises(NotFoundError, match=r"no file|arrived"):
        written.run.table("table")
    written.file("media/table/t.table.json", content)
    table = written.run.table("table")
    assert (table.columns, len(table)) == (["a", "b"], 3)
    assert str(list(table)) == "[[1, nan], [2, 'Image'], ['\ufffd', None]]"
    assert list(table.rows(1, 2)) == [[2, "Image"]]


def test_increments_as_wandb_writes_them(written):
    for number in range(4):
        path = f"media/table/i{number}.table.json"
        before = [f"wandb-client-artifact://x/{n}" for n in range(number % 3)]
        written.log(
            t={
                "_type": "incremental-table-file",
                "path": path,
                "increment_num": number % 3,
                "previous_increments_paths": before,
            }
        )
        written.file(path, json.dumps({"columns": ["n"], "data": [[number]]}).encode(), f.MEDIA)
    run = written.run
    assert [list(run.at(step).table("t")) for step in range(4)] == [[[0]], [[0], [1]], [[0], [1], [2]], [[3]]]


@pytest.mark.parametrize(
    "content", [b"", b"no JSON", b"[]", b'{"columns": 5, "data": []}', b'{"columns"}', b'{"x":1,"data":[\n[1]\n]}\n']
)
def test_a_file_that_is_no_table(written, content):
    written.log(t={"_type": "table-file", "path": "media/table/t.table.json"})
    written.file("media/table/t.table.json", content)
    with pytest.raises(UsageError, match="no table"):
        written.run.table("t")


def test_a_table_that_cannot_be_paged_has_a_limit(written):
    written.log(t={"_type": "table-file", "path": "media/table/t.table.json"})
    written.file("media/table/t.table.json", b'{"columns": ["a"], "data": [' + b" " * MAX_TABLE_JSON + b"]}")
    with pytest.raises(LimitError, match="MAX_TABLE_JSON"):
        written.run.table("t")


def test_who_may_not_see_the_run_sees_no_media(server, written, bob):
    written.log(image={"_type": "image-file", "path": "media/images/a.png"})
    written.file("media/images/a.png", b"a")
    assert written.run.media_keys()
    base = f"/api/v1/runs/{ME}/demo/{written.journal.run.run_id}/media"
    for path in ("/keys", "?key=image", "/histograms?key=image", "/table?key=image", "/html?path=media/html/a.html"):
        assert server.request("GET", base + path, bob).status == 404
    for path in ("", "?key=", "/histograms?key=image&bins=0", "/table?key=image&limit=0", "/html?path=x"):
        assert server.request("GET", base + path).status in {400, 422}


def test_a_table_of_long_rows_comes_in_pages_of_bounded_size(written):
    rows = [[number, "x" * 2_000] for number in range(12_500)]
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    written.log(t={"_type": "table-file", "path": "media/table/t.table.json"})
    written.file("media/table/t.table.json", f'{{"columns":["n","text"],"data":[\n{lines}\n]}}\n'.encode())
    table = written.run.table("t")
    page = written.client.table(written.journal.run, "t", offset=500, limit=MAX_TABLE_PAGE)
    assert (len(page.rows), page.next, page.total) == (3_500, 4_000, 12_500)
    assert list(table) == rows
    assert list(table.rows(3_999, 8_001)) == rows[3_999:8_001]
    assert list(table.rows(12_499)) == rows[12_499:]
