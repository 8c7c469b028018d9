"""What a writer refuses, what it does when the disk does, and what is left when it is killed."""

import gc
import os
import random
import resource
import signal
import subprocess
import sys
import time
import tracemalloc
from contextlib import contextmanager
from itertools import combinations, islice

import pytest

from playhead.domain import limits
from playhead.domain.errors import LimitError
from playhead.journal import format as f
from playhead.journal import reader, writer
from playhead.journal.columns import decode


@contextmanager
def disk_of(size):
    """No file may grow beyond `size` bytes: the system writes what still fits, and refuses the rest."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def content(kit, journal):
    return kit.decode(journal.path.read_bytes())


def test_a_full_disk_at_every_byte(kit):
    """Whatever does not fit is taken back whole; what comes when there is space again is kept."""
    whole = len(kit.written([(0, {"a": 1.0}), (1, {"a": 2.0, "t": "text"}), (f.EXIT, 1, {"code": 0})]))
    start = len(f.header_bytes(kit.header))
    for size in range(start, whole):
        journal, written = kit.writer(), []
        for entry in [(0, {"a": 1.0}), (1, {"a": 2.0, "t": "text"}), (f.EXIT, 1, {"code": 0})]:
            with disk_of(size):
                try:
                    (journal.row if len(entry) == 2 else journal.record)(*entry)
                    written.append(entry)
                except OSError:
                    assert kit.decode(journal.path.read_bytes())[1] == 0
        assert len(written) < 3
        journal.row(2, {"a": 3.0})
        expected = [kit.row(*entry) if len(entry) == 2 else kit.record(*entry) for entry in [*written, (2, {"a": 3.0})]]
        assert content(kit, journal)[:2] == (expected, 0)
        journal.close()


def test_a_disk_without_room_for_the_header(kit, new_path):
    path = new_path()
    with disk_of(50), pytest.raises(OSError, match="large"):
        writer.Writer(path, kit.header)
    assert not path.exists()
    writer.Writer(path, kit.header).close()


def test_an_interrupt_amid_a_short_write(kit, monkeypatch):
    journal, write = kit.writer(), os.write

    def interrupted(fd, data):
        monkeypatch.setattr(os, "write", again)
        return write(fd, data[:20])

    def again(fd, data):
        monkeypatch.undo()
        raise KeyboardInterrupt

    journal.row(0, {"a": 1})
    monkeypatch.setattr(os, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        journal.row(1, {"a": 2})
    journal.row(2, {"a": 3})
    assert content(kit, journal)[:2] == ([kit.row(0, {"a": 1}), kit.row(2, {"a": 3})], 0)


def test_a_handle_is_closed_even_when_the_disk_fails(kit, monkeypatch):
    journal = kit.writer()

    def fails(fd):
        raise OSError("no")

    monkeypatch.setattr(writer, "to_disk", fails)
    with pytest.raises(OSError, match="no"):
        journal.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        journal.row(0, {"a": 1})


def test_an_existing_file_is_not_touched(kit):
    journal = kit.writer()
    with pytest.raises(FileExistsError):
        writer.Writer(journal.path, kit.header)
    assert reader.open_header(journal.path) == (kit.header, journal.path.stat().st_size)


def circle():
    inner = {}
    inner["a"] = inner
    return {"circle": inner}


LOOP = []
LOOP.append(LOOP)
DEEP = []
for _ in range(f.MAX_NESTING):
    DEEP = [DEEP]

REFUSED = [
    ({"bad": object()}, TypeError, "'bad' is a object"),
    ({"good": 1.0, "a": {"b": b"bytes"}}, TypeError, "'a.b' is a bytes"),
    ({1: 1.0}, TypeError, "not int: 1"),
    ({"x": [object()], "y": [1]}, TypeError, "'x' cannot be logged"),
    ({"y": [1], "x": {"z": [{(1, 2): 3}]}}, TypeError, "'x.z' cannot be logged"),
    ({"x": LOOP}, TypeError, "'x' cannot be logged"),
    ({"x": DEEP}, TypeError, "'x' cannot be logged.*MAX_NESTING"),
    ({"ok": 1, "x": 10**5000}, TypeError, "'x' cannot be logged"),
    ({"k" * (limits.MAX_KEY + 1): 1}, LimitError, "MAX_KEY"),
    ({"a": {"k" * limits.MAX_KEY: 1}}, LimitError, "MAX_KEY"),
    (circle(), LimitError, "MAX_KEY"),
    ({str(i): i for i in range(limits.MAX_KEYS_PER_ROW + 1)}, LimitError, "MAX_KEYS_PER_ROW"),
    ({str(i): "x" * limits.MAX_TEXT for i in range(8)}, LimitError, "MAX_ROW"),
]


@pytest.mark.parametrize(("data", "error", "match"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_logged(kit, data, error, match):
    def convert(key, value):
        return value if isinstance(value, list) else writer._refuse(key, value)

    journal = kit.writer(convert=convert)
    with pytest.raises(error, match=match):
        journal.row(0, data)
    journal.row(1, {"a": 1})
    assert content(kit, journal)[:2] == ([kit.row(1, {"a": 1})], 0)


@pytest.mark.parametrize(
    ("step", "error"), [(1 << 63, LimitError), (-(1 << 63) - 1, LimitError), (1.5, TypeError), ("1", TypeError)]
)
def test_steps_are_64_bit_integers(kit, step, error):
    journal = kit.writer()
    for data in ({"a": 1.0}, {"a": "text"}):
        with pytest.raises(error):
            journal.row(step, data)
    with pytest.raises(error):
        journal.record(f.META, step, {})
    assert content(kit, journal)[:2] == ([], 0)


def test_a_record_has_a_limit_too(kit):
    journal = kit.writer()
    with pytest.raises(LimitError, match="MAX_FRAME"):
        journal.record(f.META, 0, {"notes": "x" * limits.MAX_FRAME})
    for data in ({"config": DEEP}, {"x": object()}, {"x": LOOP}):
        with pytest.raises(TypeError):
            journal.record(f.CONFIG, 0, data)
    largest = {"notes": "x" * (limits.MAX_FRAME - f.PLACE.size - 12)}
    journal.record(f.META, 0, largest)
    assert content(kit, journal)[:2] == ([kit.record(f.META, 0, largest)], 0)


def test_a_header_has_a_limit_too(kit, new_path):
    path = new_path()
    with pytest.raises(LimitError, match="MAX_HEADER"):
        writer.Writer(path, kit.header._replace(label="x" * f.MAX_HEADER))
    assert not path.exists()


def test_long_text_is_cut_and_told(kit):
    said = []
    journal = kit.writer(told=said.append)
    journal.row(0, {"note": "é" * (limits.MAX_TEXT + 3), "fits": "é" * limits.MAX_TEXT})
    assert content(kit, journal)[0] == [kit.row(0, {"note": "é" * limits.MAX_TEXT, "fits": "é" * limits.MAX_TEXT})]
    assert len(said) == 1
    assert "'note'" in said[0]
    assert "MAX_TEXT" in said[0]


def test_ten_thousand_keys_in_a_row(kit):
    data = {f"layer.{i}.norm": i / 3 for i in range(10_000)}
    found, damaged, _ = kit.decode(kit.written([(0, data), (1, data), (2, {**data, "text": "t"})]))
    assert (found, damaged) == ([kit.row(0, data), kit.row(1, data), kit.row(2, {**data, "text": "t"})], 0)


def test_keys_that_change_all_the_time_take_bounded_memory(kit, monkeypatch):
    monkeypatch.setattr(writer, "MAX_SCHEMAS", 50)
    monkeypatch.setattr(writer, "MAX_HELD_KEYS", 120)
    rows = [
        (step, {f"at.{step % 300}": step, "b": 1.0, **({"t": "x"} if step % 7 == 0 else {})}) for step in range(3000)
    ]
    journal = kit.writer()
    for step, data in rows:
        journal.row(step, data)
        assert len(journal._schemas) <= 50
        assert len(journal._encoders) <= 50
        assert sum(map(len, journal._schemas)) <= 120
        assert len(journal._settled) <= 120
    assert content(kit, journal)[:2] == ([kit.row(*entry) for entry in rows], 0)


def test_thousands_of_schemas_take_no_more_memory_than_the_first_thousand(kit):
    journal, used = kit.writer(), []

    def measured():
        gc.collect()  # garbage of the tests before would count as more or less of it
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    for step, keys in enumerate(islice(combinations("abcdefghijklmnopqrst", 5), 4 * limits.MAX_SCHEMAS)):
        if step % limits.MAX_SCHEMAS == 0:
            used.append(measured())
        journal.row(step, dict.fromkeys(keys, 0.5))
    used.append(measured())
    tracemalloc.stop()
    first, *later = (after - used[0] for after in used[1:])
    assert max(later) < 1.2 * first


def test_the_clock_may_be_set_back(kit, monkeypatch):
    journal = kit.writer()
    first = journal.now()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    times = [journal.row(step, {"a": 1.0} if step % 2 else {"a": "x"}) for step in range(50)]
    times += [journal.record(f.META, 0, {}), journal.now()]
    assert times == sorted(times)
    assert times[0] >= first > 1_600_000_000_000_000
    out = decode(journal.path.read_bytes(), 0, kit.header.seed, {})
    assert sorted(time for rows in out.rows for time in rows.time.tolist()) == times[:50]


def test_convert_may_write_records_of_its_own(kit):
    journal = kit.writer(convert=lambda key, _: {"kept": journal.record(f.FILE, 0, {"path": key})})
    time = journal.row(0, {"image": object()})
    found = content(kit, journal)[0]
    assert [item[0] for item in found] == ["file", "row"]
    assert found[1][2]["image"][1]["kept"][1] <= time


def test_last_values_are_those_of_the_highest_step(kit, monkeypatch):
    monkeypatch.setattr(writer, "MAX_SCHEMAS", 4)
    journal = kit.writer()
    chance, expected = random.Random(1), {}
    for _ in range(400):
        step, key = chance.randrange(100), f"k{chance.randrange(6)}"
        data = {key: chance.choice([step / 7, step, f"text {step}"])}
        time = journal.row(step, data)
        if key not in expected or expected[key][0] <= step:
            expected[key] = (step, (time, data[key]))
        assert journal.last_values() == {key: last for key, (_, last) in expected.items()}


WRITES = """
import sys
from pathlib import Path
from playhead.journal import format as f
from playhead.journal.writer import Writer
journal = Writer(Path(sys.argv[1]), f.Header("stream-1", "run-1", "segment-1", "main", "project", None, 1))
step = 0
while True:
    journal.row(step, {"loss": 0.5, "n": step} if step % 5 else {"loss": 0.5, "n": step, "text": "x" * step})
    step += 1
    sys.stdout.write(f"{step}\\n")
    sys.stdout.flush()
"""


@pytest.mark.parametrize("moment", [0.0, 0.003, 0.017, 0.05, 0.11])
def test_a_killed_process_loses_nothing_that_was_recorded(kit, new_path, moment):
    path = new_path()
    process = subprocess.Popen([sys.executable, "-c", WRITES, str(path)], stdout=subprocess.PIPE)
    first = process.stdout.readline()
    time.sleep(moment)
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    reported = int((first + rest).decode().rpartition("\n")[0].rpartition("\n")[2])
    found, damaged, _ = kit.decode(path.read_bytes(), final=False)
    assert len(found) >= reported
    assert (damaged, [item[1] for item in found]) == (0, list(range(len(found))))
    assert found[reported - 1][2]["n"] == kit.exact(reported - 1)
