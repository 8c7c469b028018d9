"""What a run is called, what it counts, and its console."""

import io
import sys
import threading

import pytest

from playhead.domain import limits
from playhead.domain.errors import UsageError
from playhead.domain.ids import generate_id, generate_name, sanitize_id
from playhead.journal import writer
from playhead.sdk import talk, values
from playhead.sdk.about import Place, run_url
from playhead.sdk.finishing import code_of
from playhead.sdk.run import Run


def test_ids_and_names():
    ids = {generate_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(each) == 8 and each.isalnum() and each.islower() | each.isdigit() for each in ids)
    assert sanitize_id(" a b/c:d" + "x" * 100) == ("a-b-c-d" + "x" * 100)[:64]
    adjective, noun, number = generate_name(7).split("-")
    assert (adjective.isalpha(), noun.isalpha(), number) == (True, True, "7")


def test_names_notes_tags(run):
    run.name = run.id
    run.save()
    run.name = "lr=0.1: 50%/é\n"
    run.notes = "**n**"
    run.tags += ("a", "b", "a")
    assert (run.name, run.notes, run.tags) == ("lr=0.1: 50%/é", "**n**", ("a", "b"))
    run.notes = None
    assert run.journal().of("meta") == [
        {"name": "r"}, {"name": "lr=0.1: 50%/é"}, {"notes": "**n**"}, {"tags": ["a", "b"]}, {"notes": None}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("name", "\n"), ("name", "x" * 129), ("tags", ["x" * 65]), ("tags", [1])]
)
def test_wrong_names(run, field, value):
    with pytest.raises(UsageError):
        setattr(run, field, value)
    assert run.journal().of("meta") == []


def test_save_without_arguments(run):
    assert run.save() is True
    assert run.journal().of("save") == []


def test_what_is_to_be_saved_stands_in_the_journal_at_the_last_row(run, tmp_path):
    (tmp_path / "model.pt").write_text("model")
    run.log({"a": 1})
    assert run.save(tmp_path / "model.pt", base_path=tmp_path, policy="now") == [f"{run.dir}/model.pt"]
    [told] = run.journal().of("save")
    assert list(told.pop("pins")) == ["model.pt"]
    assert told == {"id": 1, "policy": "now", "files": [["model.pt", str(tmp_path / "model.pt")]]}


def test_addresses(make_run):
    run = make_run()
    run._place = Place(run._place.folder, "me", "my project & more", "r", "s", "http://h:1")
    run._entity = "me"
    assert (
        run.url
        == "http://h:1/me/my%20project%20%26%20more/runs/r"
        == run_url("http://h:1", "me", "my project & more", "r")
    )
    assert run.path == "me/my project & more/r"
    assert repr(run) == "<playhead run me/my project & more/r (calm-river-1)>"
    assert not run.offline


def test_limits_are_told_once_and_counted(make_run, monkeypatch, capsys):
    monkeypatch.setattr(writer, "MAX_TEXT", 10)
    monkeypatch.setattr(writer, "MAX_ROW", 1000)
    monkeypatch.setattr(writer, "MAX_KEYS_PER_ROW", 20)
    run = make_run()
    for _ in range(3):
        run.log({"text": "x" * 11})
        run.log({"k" * 513: 1})
        run.log({f"k{i}": i for i in range(21)})
        run.log({"list": [10**300] * 10})
    run.log({"good": 1})
    err = capsys.readouterr().err
    assert err.count("MAX_TEXT") == 1
    assert run._guard.dropped == 12
    run.finish()
    assert run.journal().rows == [
        (0, {"text": "x" * 10}),
        (4, {"text": "x" * 10}),
        (8, {"text": "x" * 10}),
        (12, {"good": 1}),
    ]
    assert run.journal().of("meta")[-1] == {"dropped": 12}
    assert run.journal().of("exit") == [{"code": 0}]


def test_ten_thousand_metrics_and_ten_megabytes(run, capsys):
    run.log({f"m{i}": float(i) for i in range(10_000)})
    run.log({"text": "x" * (10 << 20)})
    (_, wide), (_, long) = run.journal().rows
    assert len(wide) == 10_000
    assert len(long["text"]) == limits.MAX_TEXT
    assert "MAX_TEXT" in capsys.readouterr().err


def test_what_the_sidecar_says(run, capsys):
    run._companion.says = [{"op": "registered", "entity": "me"}, {"op": "trouble", "message": "the server sleeps"}]
    run.log({"a": 1})
    assert run.entity == "me"
    for _ in range(3):
        run._check_at = 0
        run._companion.says = [{"op": "trouble", "message": "the server sleeps"}]
        run.log({"a": 1})
    assert capsys.readouterr().err.count("the server sleeps") == 1


def test_a_sidecar_that_fails_costs_nothing(run, capsys):
    def fail(folder):
        raise RuntimeError("a bug")

    run._companion.take = fail
    run.log({"a": 1})
    assert run._guard.dropped == 0
    assert "a bug" in capsys.readouterr().err


def test_threads(make_run):
    run = make_run(console="wrap")

    def work(name):
        for i in range(200):
            run.log({name: i})
            sys.stdout.write(f"{name} {i}\n")

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.finish()
    rows = run.journal().rows
    assert sorted(step for step, _ in rows) == list(range(800))
    for n in range(4):
        assert [row[f"t{n}"] for _, row in rows if f"t{n}" in row] == list(range(200))
    lines = {record["n"]: record["t"] for record in run.journal().of("console")}
    assert sorted(lines.values()) == sorted(f"t{n} {i}" for n in range(4) for i in range(200))


# -- the console -------------------------------------------------------------------------------------------------------


say = print
"""What it writes is heard in these tests."""


def console_of(run):
    return {record["n"]: (record["c"], record["t"]) for record in run.journal().of("console")}


def test_both_channels_are_captured_and_passed_on(make_run, capsys):
    run = make_run(console="wrap")
    say("to out")
    say("to err", file=sys.stderr)
    sys.stdout.writelines(["by ", "pieces"])
    run.finish()
    say("after")
    assert list(console_of(run).values()) == [("stdout", "to out"), ("stderr", "to err"), ("stdout", "by pieces")]
    captured = capsys.readouterr()
    assert captured.out == "to out\nby piecesafter\n"
    assert captured.err.startswith("to err\n")
    assert "recorded" not in str(console_of(run))


def test_off(make_run):
    run = make_run(console="off")
    say("not recorded")
    run.finish()
    assert console_of(run) == {}
    assert talk.originals == {}


def test_several_runs_hear_it_and_the_streams_come_back(make_run):
    before = sys.stdout.write
    first, second = make_run(console="wrap"), make_run(console="wrap")
    say("both")
    first.finish()
    say("second")
    second.finish()
    assert [text for _, text in console_of(first).values()] == ["both"]
    assert [text for _, text in console_of(second).values()] == ["both", "second"]
    assert sys.stdout.write == before
    assert talk.originals == {}


def test_one_stream_for_both_is_heard_once(make_run, monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    run = make_run(console="wrap")
    say("once")
    run.finish()
    assert console_of(run) == {0: ("stdout", "once")}


class Sealed:
    """A stream whose `write` cannot be replaced."""

    __slots__ = ()

    def write(self, text):
        return len(text)


@pytest.mark.parametrize("stream", [None, Sealed()], ids=["none", "sealed"])
def test_streams_that_cannot_be_captured(make_run, monkeypatch, stream):
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", None)
    run = make_run(console="wrap")
    say("not heard")
    run.finish()
    assert console_of(run) == {}


def test_a_failing_console_does_not_stop_a_print(make_run, monkeypatch, capsys):
    run = make_run(console="wrap")
    monkeypatch.setattr(run._console._terminals["stdout"], "feed", lambda text: 1 / 0)
    say("goes on")
    captured = capsys.readouterr()
    assert captured.out == "goes on\n"
    assert captured.err.count("division by zero") == 1


def test_a_progress_bar_is_recorded_now_and_then(make_run):
    run = make_run(console="wrap")
    for i in range(1000):
        sys.stderr.write(f"\r{i}")
    run.finish()
    records = run.journal().of("console")
    assert records[-1]["t"] == "999"
    assert len(records) < 100


def test_the_rest_of_a_progress_bar_comes_with_the_next_row(make_run):
    run = make_run(console="wrap")
    sys.stdout.write("50%")
    sys.stdout.write("\r60%")
    run.log({"a": 1})
    assert run.journal().of("console")[-1]["t"] == "60%"


def test_a_long_line_is_cut_told_and_counted(make_run, capsys):
    run = make_run(console="wrap")
    for _ in range(3):
        say("x" * 20_000)
    assert run._guard.dropped == 3
    assert [len(text) for _, text in console_of(run).values()] == [limits.MAX_CONSOLE_LINE] * 3
    assert capsys.readouterr().err.count("MAX_CONSOLE_LINE") == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (None, 0),
        (SystemExit(), 0),
        (SystemExit(3), 3),
        (SystemExit("message"), 1),
        (KeyboardInterrupt(), 255),
        (ValueError(), 1),
    ],
)
def test_exit_codes(make_run, error, code):
    run = make_run(console="wrap")
    assert code_of(error) == code
    if error is None:
        with run:
            pass
    else:
        with pytest.raises(type(error)), run:
            raise error
    assert run.journal().of("exit") == [{"code": code}]
    assert ("Traceback" in str(console_of(run))) is (code in {1, 255} and not isinstance(error, SystemExit))


def test_limits_have_names():
    assert values.MAX_ITEMS == 10_000
    assert isinstance(Run.__doc__, str)
