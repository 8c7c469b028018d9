"""What was sent comes back: values, summary, config, states, charts, console, and who may see it."""

import json
import math
import struct
import time

import pytest

from a_run import digest
from a_server import ME
from playhead.client.api import Api
from playhead.domain.errors import LimitError, NotFoundError, PermissionDeniedError, UsageError
from playhead.domain.limits import MAX_CHART_RUNS
from playhead.journal import format as f
from playhead.wire.views import ChartQuery, RunPatch
from waiting import until


def sent_to(server, journal):
    return journal.send(server.client())


def column(columns, name):
    kind, data = columns[name]
    return list(struct.unpack(f"<{len(data) // struct.calcsize(_CODES[kind])}{_CODES[kind]}", data))


_CODES = {"f8": "d", "i8": "q", "i4": "i"}


def test_values_come_back_as_what_they_were(server, journal):
    values = {
        "float": 0.1, "int": 7, "bool": True, "nan": math.nan, "inf": -math.inf, "exact": 1 << 53, "big": (1 << 60) + 1,
        "negative": -(1 << 62), "bigger": 10**30, "text": "é", "none": None, "list": [1, [2.5, None]],
    }  # fmt: skip
    one = journal().start()
    one.writer.row(0, values)
    sent_to(server, one)
    [row] = server.client().rows(one.run).items
    assert math.isnan(row.pop("nan"))
    assert {key: row[key] for key in values if key != "nan"} == {key: values[key] for key in values if key != "nan"}
    assert type(row["bool"]) is bool
    assert type(row["big"]) is int
    kinds = {series.key: series.kind for series in server.client().keys(one.run)}
    assert kinds["float"] == "float"
    assert kinds["exact"] == "int"
    assert kinds["big"] == kinds["bigger"] == "big_int"
    assert kinds["text"] == kinds["none"] == kinds["list"] == "object"


def test_json_has_words_for_what_is_not_finite(server, journal):
    one = journal().start(config={"lr": math.nan})
    one.writer.row(0, {"nan": math.nan, "inf": math.inf, "minus": -math.inf, "deep": [{"x": math.nan}], "big": 10**30})
    sent_to(server, one)
    path = f"/api/v1/runs/{ME}/demo/{one.run.run_id}"
    [row] = json.loads(server.request("GET", path + "/rows").data)["items"]
    assert row["nan"] == "NaN"
    assert (row["inf"], row["minus"]) == ("Infinity", "-Infinity")
    assert row["deep"] == [{"x": "NaN"}]
    assert row["big"] == 10**30
    run = json.loads(server.request("GET", path).data)
    assert run["config"] == {"lr": "NaN"}
    assert run["summary"]["nan"] == "NaN"


def test_rows_know_their_place_and_come_in_pages(server, journal):
    one = sent_to(server, journal().start().rows(25))
    first = server.client().rows(one.run, limit=10)
    assert [row["_step"] for row in first.items] == list(range(10))
    assert first.next == 10
    rest = server.client().rows(one.run, min_step=first.next)
    assert [row["_step"] for row in rest.items] == list(range(10, 25))
    assert rest.next is None
    assert [row["_step"] for row in server.client().rows(one.run, min_step=3, max_step=5).items] == [3, 4, 5]
    row = first.items[0]
    begun = server.client().run(one.run).started_at / 1e6
    assert row["_timestamp"] == pytest.approx(begun + row["_runtime"])
    sampled = [row["_step"] for row in server.client().rows(one.run, samples=5).items]
    assert (len(sampled), sampled[0], sampled[-1]) == (5, 0, 24)


def test_rows_of_some_keys(server, journal):
    one = journal().start()
    one.writer.row(0, {"a": 1.0, "b": 2.0})
    one.writer.row(1, {"a": 3.0})
    sent_to(server, one)
    rows = server.client().rows(one.run, keys=["a", "b"]).items
    assert [(row["a"], row["b"], row["_step"]) for row in rows] == [(1.0, 2.0, 0)]
    assert [row["a"] for row in server.client().rows(one.run, keys=["a"]).items] == [1.0, 3.0]


def test_the_later_row_wins_at_one_step_whatever_its_keys(server, journal):
    one = journal().start()
    one.writer.row(0, {"a": 1.0, "b": 1.0})
    one.writer.row(0, {"a": 2.0})
    one.writer.row(0, {"b": "text"})
    one.writer.row(1, {"a": 5.0, "b": 1 << 60})
    one.writer.row(1, {"b": 7})
    for value in (1.0, 2.0, 3.0):  # of two schemas in turn
        one.writer.row(2, {"a": value, "b": value} if value != 2.0 else {"a": value})
    sent_to(server, one)
    first, second, third = server.client().rows(one.run).items
    assert (third["a"], third["b"]) == (3.0, 3.0)
    assert (first["a"], first["b"]) == (2.0, "text")
    assert (second["a"], second["b"]) == (5.0, 7)


def test_the_summary_is_the_last_value_by_step(server, journal):
    one = journal().start()
    one.writer.row(0, {"a": 1.0, "b": 10.0})
    one.writer.row(5, {"a": 2.0})
    sent_to(server, one)
    one.writer.row(3, {"a": 99.0, "b": 30.0})
    sent_to(server, one)
    summary = server.client().run(one.run).summary
    assert (summary["a"], summary["b"], summary["_step"]) == (2.0, 30.0, 5)
    assert summary["_runtime"] >= 0
    assert summary["_timestamp"] == pytest.approx(time.time(), abs=60)
    assert set(summary) == {"a", "b", "_step", "_runtime", "_timestamp"}
    assert server.client().run(one.run).step == 6


def test_what_is_set_by_hand_holds_until_it_is_logged_again(server, journal):
    one = journal().start().rows(3)
    one.record(f.SUMMARY, 3, set={"loss": 100, "best": 1}, delete=[])
    sent_to(server, one)
    assert server.client().run(one.run).summary["loss"] == 100
    one.record(f.SUMMARY, 3, delete=["best"])
    one.rows(1, first=3)
    sent_to(server, one)
    summary = server.client().run(one.run).summary
    assert summary["loss"] == 0.25
    assert "best" not in summary


def test_config_is_merged_and_described(server, journal):
    one = journal().start(config={"lr": 0.1, "old": 1}, tags=["a"], group="g", job_type="train", notes="n")
    one.record(f.CONFIG, set={"lr": 0.2, "new": {"x": [1]}}, delete=["old"])
    one.record(f.META, name="other", tags=["b", "b", ""], dropped=3, info={"host": "h", "git": {"commit": "c"}})
    sent_to(server, one)
    run = server.client().run(one.run)
    assert run.config == {"lr": 0.2, "new": {"x": [1]}}
    assert (run.name, run.tags, run.group, run.job_type, run.notes, run.dropped) == (
        "other",
        ["b"],
        "g",
        "train",
        "n",
        3,
    )
    assert run.meta["git"] == {"commit": "c"}


@pytest.mark.parametrize(("code", "state"), [(0, "finished"), (1, "failed"), (255, "failed")])
def test_the_end_of_a_run(server, journal, code, state):
    one = journal().start().rows(1)
    sent_to(server, one)
    assert server.client().run(one.run).state == "running"
    one.record(f.EXIT, 1, code=code)
    sent_to(server, one)
    run = server.client().run(one.run)
    assert (run.state, run.exit_code) == (state, code)
    assert run.finished_at is not None
    assert run.runtime == pytest.approx((run.finished_at - run.started_at) / 1e6)


def test_a_crash_is_told_by_the_system_stream_and_taken_back_by_a_row(server, journal):
    one = journal().start().rows(1)
    sent_to(server, one)
    system = journal(run_id=one.header.run_id, segment=one.header.segment, role="system")
    system.writer.row(0, {"cpu": 12.5, "gpu.0.util": 80})
    system.record(f.STATE, state="crashed")
    sent_to(server, system)
    assert server.client().run(one.run).state == "crashed"
    one.rows(1, first=1)
    sent_to(server, one)
    assert server.client().run(one.run).state == "running"
    one.record(f.EXIT, 2, code=0)
    sent_to(server, one)
    system.record(f.STATE, state="crashed")
    sent_to(server, system)
    run = server.client().run(one.run)
    assert run.state == "finished"
    assert "cpu" not in run.summary
    assert [series.key for series in server.client().keys(one.run, "system")] == ["cpu", "gpu.0.util"]
    assert server.client().rows(one.run, source="system").items[0]["cpu"] == 12.5


def test_starting_again_makes_a_new_segment(server, journal):
    first = sent_to(server, journal().start(config={"a": 1}).rows(10))
    again = journal(run_id=first.header.run_id).start(config={"b": 2}, name="again").rows(2, key="acc")
    sent_to(server, again)
    run = server.client().run(first.run)
    assert (run.head, run.name, run.config, run.step) == (again.header.segment, "again", {"b": 2}, 2)
    assert set(run.summary) == {"acc", "_step", "_runtime", "_timestamp"}
    assert [(one.id, one.archived) for one in server.client().segments(first.run)] == [
        (first.header.segment, True),
        (again.header.segment, False),
    ]
    assert [one.key for one in server.client().keys(first.run)] == ["acc"]
    first.rows(5, first=10)
    sent_to(server, first)
    assert server.client().run(first.run).step == 2
    old = f"/api/v1/runs/{ME}/demo/{first.run.run_id}/rows?segment={first.header.segment}"
    assert len(json.loads(server.request("GET", old).data)["items"]) == 15


def test_a_chart_of_several_runs(server, journal):
    one = sent_to(server, journal().start().rows(100))
    two = sent_to(server, journal().start().rows(10))
    query = ChartQuery(runs=[one.run.run_id, "gone", two.run.run_id], key="loss", buckets=10)
    columns, meta = server.client().chart(ME, "demo", query)
    assert meta == {"lo": 0, "width": 10}
    runs, counts = column(columns, "run"), column(columns, "count")
    assert runs == [0] * 10 + [2]
    assert counts == [10] * 11
    assert column(columns, "max")[0] == 1.0
    assert column(columns, "min")[0] == column(columns, "last")[0] == 0.1
    zoomed, meta = server.client().chart(ME, "demo", ChartQuery(runs=[one.run.run_id], key="loss", lo=10.5, hi=19.9))
    assert sum(column(zoomed, "count")) == 9
    assert meta["width"] == 1
    empty, _ = server.client().chart(ME, "demo", ChartQuery(runs=[one.run.run_id], key="nothing", axis="runtime"))
    assert column(empty, "count") == []


def test_charts_have_limits(server):
    client = server.client()
    with pytest.raises(LimitError):
        client.chart(ME, "demo", ChartQuery(runs=["x"] * (MAX_CHART_RUNS + 1), key="loss"))
    for wrong in (ChartQuery(runs=[], key="k", buckets=0), ChartQuery(runs=[], key="k", axis="moon")):
        with pytest.raises(UsageError):
            client.chart(ME, "demo", wrong)


def test_console_lines(server, journal):
    one = journal().start()
    for number in range(30):
        one.record(f.CONSOLE, number, n=number, c="stderr" if number == 3 else "stdout", t=f"line {number}")
    one.record(f.CONSOLE, 30, n=29, c="stdout", t="\x1b[31mred\x1b[0m\x1b[2K\x07 again")
    sent_to(server, one)
    page = server.client().console(one.run, limit=10)
    assert (page.total, page.next, len(page.items)) == (30, 9, 10)
    assert page.items[3].stream == "stderr"
    rest = server.client().console(one.run, after=page.next)
    assert rest.items[-1].text == "\x1b[31mred\x1b[0m again"
    assert rest.next is None
    path = f"/api/v1/runs/{ME}/demo/{one.run.run_id}/console?tail=1&limit=2"
    tail = json.loads(server.request("GET", path).data)
    assert [line["number"] for line in tail["items"]] == [28, 29]


def test_lists_of_runs_and_keys(server, journal):
    made = [sent_to(server, journal(project="many").start(name=f"run-{i}").rows(1, key=f"k{i % 2}")) for i in range(5)]
    page = server.client().runs(ME, "many", limit=3)
    assert [run.id for run in page.items] == [one.run.run_id for one in reversed(made)][:3]
    rest = server.client().runs(ME, "many", page.next, limit=3)
    assert [run.id for run in rest.items] == [one.run.run_id for one in reversed(made)][3:]
    assert [run.name for run in server.client().runs(ME, "many", search="RUN-3").items] == ["run-3"]
    assert server.client().project_keys(ME, "many").history == {"k0": 3, "k1": 2}
    project = server.client().project(ME, "many")
    assert (project.runs, project.running, project.visibility) == (5, 5, "private")
    assert "many" in [one.name for one in server.client().projects()]
    for query in ({"order": "config"}, {"state": "asleep"}):
        with pytest.raises(UsageError):
            server.client().runs(ME, "many", **query)


def test_what_there_is_to_draw_in_a_project(server, journal, media):
    image = media(_type="image-file", sha256="0" * 64)
    for number in range(3):
        one = journal(project="drawn").start().rows(2)
        one.writer.row(2, {"text": "x", "note": media(_type="note"), "late": image if number else 1.5})
        one.writer.row(3, {"photo": image, "photos": media(_type="images", items=[image.data]), "loss": "gone"})
        sent_to(server, one)
    keys = server.client().project_keys(ME, "drawn")
    assert (keys.history, keys.system) == ({"late": 1}, {})
    assert keys.media == {"photo": 3, "photos": 3, "late": 2}
    system = journal(run_id=one.header.run_id, segment=one.header.segment, role="system", project="drawn")
    system.writer.row(0, {"cpu": 12.5})
    sent_to(server, system)
    # Live runs are looked up anew every three seconds.
    assert until(lambda: server.client().project_keys(ME, "drawn").system) == {"cpu": 1}


def test_a_person_changes_and_deletes_a_run(server, journal):
    one = sent_to(server, journal(project="patched").start().rows(3))
    changed = server.client().patch(one.run, RunPatch(name="better", tags=["x"], group="g", job_type="eval"))
    assert (changed.name, changed.tags, changed.step) == ("better", ["x"], 3)
    assert (changed.group, changed.job_type) == ("g", "eval")
    with pytest.raises(UsageError):
        server.client().patch(one.run, RunPatch(tags=["x" * 65]))
    one.rows(2, first=3)
    sent_to(server, one)
    assert server.client().run(one.run).name == "better"
    server.client().delete(one.run)
    with pytest.raises(NotFoundError):
        server.client().run(one.run)
    with pytest.raises(NotFoundError, match="deleted"):
        server.client().append(one.stream, len(one.data), b"")
    assert server.client().stream_offset(one.stream) == 0


def test_blobs_are_verified_and_read_through_the_run(server, journal, bob):
    content = b"\x89PNG" + bytes(1000)
    sha256 = digest(content)
    one = sent_to(server, journal().start())
    client = server.client()
    client.put_blob(one.run, sha256, content)
    with pytest.raises(NotFoundError):
        client.blob(one.run, sha256)
    one.record(f.FILE, path="media/images/a_0.png", sha256=sha256, size=len(content), media=True)
    sent_to(server, one)
    path = f"/api/v1/runs/{ME}/demo/{one.run.run_id}/blobs/{sha256}"
    answer = server.request("GET", path)
    assert answer.data == content
    assert answer.headers["content-type"] == "image/png"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    other = sent_to(server, journal().start())
    with pytest.raises(NotFoundError):
        client.blob(other.run, sha256)
    wrong = server.request("PUT", path[:-1] + "0", body=b"something else")
    assert wrong.status == 409
    assert server.request("PUT", path[:-64] + "A" * 64, body=b"x").status == 400
    assert server.request("GET", path, bob).status == 404
    assert server.request("PUT", path, bob, content).status == 404


def test_html_among_the_files_is_for_download_only(server, journal):
    content = b"<script>alert(1)</script>"
    sha256 = digest(content)
    one = sent_to(server, journal().start().record(f.FILE, path="a.html", sha256=sha256, size=1, media=True))
    server.client().put_blob(one.run, sha256, content)
    answer = server.request("GET", f"/api/v1/runs/{ME}/demo/{one.run.run_id}/blobs/{sha256}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")


def test_what_a_user_may_not_see_is_not_there(server, journal, bob):
    one = sent_to(server, journal(project="secret").start().rows(3))
    path = f"/api/v1/runs/{ME}/secret/{one.run.run_id}"
    places = [
        path,
        path + "/keys",
        path + "/rows",
        path + "/console",
        path + "/segments",
        f"/api/v1/projects/{ME}/secret",
    ]
    places += [
        f"/api/v1/projects/{ME}/secret/keys",
        f"/api/v1/runs/{ME}/secret",
        f"/api/v1/projects/{ME}/secret/events",
    ]
    for place in places:
        assert server.request("GET", place, bob).status == 404, place
        assert server.request("GET", place, None).status == 401, place
    assert server.request("PATCH", path, bob, {"name": "mine"}).status == 404
    assert server.request("DELETE", path, bob).status == 404
    assert server.request("POST", f"/api/v1/projects/{ME}/secret/chart", bob, {"runs": [], "key": "loss"}).status == 404
    mine = json.loads(server.request("GET", "/api/v1/projects", bob).data)
    assert "secret" not in [project["name"] for project in mine["items"]]
    theirs = json.loads(server.request("GET", f"/api/v1/projects?entity={ME}", bob).data)
    assert "secret" not in [project["name"] for project in theirs["items"]]


def test_a_project_is_opened_and_closed(server, journal, bob):
    one = sent_to(server, journal(project="shown").start().rows(3))
    project, theirs = f"/api/v1/projects/{ME}/shown", journal(entity=ME, project="shown").start().rows(1)

    def answers():
        read = server.request("GET", f"/api/v1/runs/{ME}/shown/{one.run.run_id}", bob).status
        offset = server.client(bob).stream_offset(theirs.stream)
        return read, server.send(theirs.stream, offset, theirs.data[offset:], bob).status

    assert server.request("PATCH", project, bob, {"visibility": "open"}).status == 404
    seen = {}
    for visibility in ("team", "public", "open"):
        changed = server.request("PATCH", project, body={"visibility": visibility})
        assert json.loads(changed.data)["visibility"] == visibility
        seen[visibility] = answers()
    assert seen == {"team": (404, 403), "public": (200, 403), "open": (200, 200)}
    assert server.request("GET", project, None).status == 200
    assert server.client(bob).run(theirs.run).user == "bob"
    refused = server.request("PATCH", project, bob, {"visibility": "private"})
    assert (refused.status, json.loads(refused.data)["error"]["code"]) == (403, "permission")
    assert server.request("PATCH", project, None, {"visibility": "private"}).status == 401
    assert server.request("PATCH", project, body={"visibility": "secret"}).status == 400
    assert json.loads(server.request("PATCH", project, body={}).data)["visibility"] == "open"
    server.request("PATCH", project, body={"visibility": "private"})
    assert answers()[0] == 404


def test_only_administrators_add_users(server, bob):
    assert server.request("POST", "/api/v1/users", bob, {"name": "carol"}).status == 403
    answer = server.request("POST", "/api/v1/users", body={"name": "carol"})
    assert answer.status == 201
    key = json.loads(answer.data)["api_key"]
    assert server.client(key).viewer().username == "carol"
    assert server.request("POST", "/api/v1/users", body={"name": "carol"}).status == 409
    assert server.request("POST", "/api/v1/users", body={"name": "a/b"}).status == 400
    with pytest.raises(PermissionDeniedError):
        server.client(key).append("s-x", 0, _header_of(ME))


def _header_of(entity):
    return f.header_bytes(f.Header("s-x", "r", "g", "main", "p", entity, 1))


def test_config_and_summary_come_back_as_what_they_were(server, journal):
    values = {
        "nan": math.nan, "inf": math.inf, "minus": -math.inf, "big": 2**70, "less": -(2**70), "exact": 2**63, "yes": True,
        "none": None, "text": "NaN", "deep": {"list": [math.nan, [2**70, -math.inf], {"x": math.inf, "y": 1.0}]},
    }  # fmt: skip
    one = journal(project="exact").start(config=values)
    logged = {"loss": math.nan, "count": 2**70, "box": [math.inf, {"a": 2**70}]}
    one.writer.row(0, logged)
    one.record(f.SUMMARY, 0, set={"best": values})
    sent_to(server, one)
    api = Api(server.url, server.key)
    for run in (api.run(str(one.run)), api.runs(f"{ME}/exact")[0]):
        assert repr(run.config) == repr(values)
        assert repr(run.summary["best"]) == repr(values)
        assert repr({key: run.summary[key] for key in logged}) == repr(logged)
    path = f"/api/v1/runs/{ME}/exact/{one.run.run_id}"
    changed = server.request("PATCH", path, body={"notes": "n"}, Accept="application/msgpack")
    assert changed.headers["content-type"] == "application/msgpack"
    api.close()
