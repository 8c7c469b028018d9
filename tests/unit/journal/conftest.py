"""What the tests of the journal share: writing one, and reading it back as a plain list."""

import struct
from types import SimpleNamespace

import pytest

from playhead.journal import columns, reader
from playhead.journal import format as f
from playhead.journal.writer import Writer

HEADER = f.Header("stream-1", "run-1", "segment-1", "main", "project", None, 1_700_000_000_000_000, "label")


def exact(value):
    """`value` in a form whose equality is: the same type, the same bits."""
    if isinstance(value, float):
        return ("float", struct.pack("<d", value))
    if isinstance(value, list):
        return ("list", [exact(item) for item in value])
    if isinstance(value, dict):
        return ("dict", {key: exact(item) for key, item in value.items()})
    return (type(value).__name__, value)


def row(step, data):
    return ("row", step, {key: exact(value) for key, value in data.items()})


def record(kind, step, data):
    return (f.KIND_NAMES[kind], step, exact(data))


def _values(rows, i):
    for key, column in zip(rows.keys, rows.columns, strict=True):
        yield key, bool(column[i]) if column.dtype == "u1" else column[i].item()
    if rows.object_keys:
        yield from zip(rows.object_keys, rows.objects[i], strict=True)


def items(*stretches):
    """(offset, what stands there), in the order of the file."""
    found = []
    for stretch in stretches:
        for rows in stretch.rows:
            assert len(rows.offset) == len(rows.step) == len(rows.time)
            found += [
                (int(rows.offset[i]), row(int(rows.step[i]), dict(_values(rows, i)))) for i in range(len(rows.step))
            ]
        found += [(each.offset, record(each.kind, each.step, each.data)) for each in stretch.records]
    return sorted(found, key=lambda item: item[0])


def decode(data, *, final=True):
    """The whole journal at once: (what stands in it, places that are damaged, where reading stopped)."""
    header, start = reader.read_header(data)
    out = columns.decode(memoryview(data)[start:], start, header.seed, {}, final=final)
    return [item for _, item in items(out)], out.damaged, out.end


def decode_pieces(data, cuts):
    """The same in pieces that end at `cuts`, each read on from where the one before stopped."""
    header, at = reader.read_header(data)
    found, schemas, damaged = [], {}, 0
    for cut in [*cuts, len(data)]:
        out = columns.decode(data[at:cut], at, header.seed, schemas, final=cut == len(data))
        assert at <= out.end <= max(at, cut)
        at, schemas, damaged = out.end, schemas | out.schemas, damaged + out.damaged
        found += items(out)
    return [item for _, item in found], damaged, at


def spans(data):
    """(begin, end, kind) of every frame behind the header of a sound journal."""
    header, start = reader.read_header(data)
    return [(item.offset, item.end, item.kind) for item in reader.frames(data[start:], start, header.seed, final=True)]


@pytest.fixture(scope="session")
def new_path(tmp_path_factory):
    """Makes a fresh path at each call."""
    folder = tmp_path_factory.mktemp("journals")
    names = iter(range(10**9))
    return lambda: folder / f"{next(names)}.journal"


@pytest.fixture(scope="session")
def kit(new_path):
    def writer(**options):
        return Writer(new_path(), options.pop("header", HEADER), **options)

    def written(entries, **options):
        """The bytes of a journal of `entries`: (step, data) for a row, (kind, step, data) for another frame."""
        made = writer(**options)
        for entry in entries:
            (made.row if len(entry) == 2 else made.record)(*entry)
        made.abandon()
        data = made.path.read_bytes()
        made.path.unlink()
        return data

    return SimpleNamespace(
        header=HEADER,
        exact=exact,
        row=row,
        record=record,
        decode=decode,
        decode_pieces=decode_pieces,
        items=items,
        spans=spans,
        writer=writer,
        written=written,
    )


SAMPLE = [
    (f.START, 0, {"name": "calm-river-7", "config": {"lr": 0.1, "big": 1 << 70}}),
    *[(step, {"loss": 1 / (step + 1), "acc": step / 9}) for step in range(6)],
    (6, {"loss": 0.5, "text": "déjà \ud800\0", "n": 3, "ok": True}),
    (f.CONSOLE, 6, {"n": 1, "c": "out", "t": "epoch 1\n"}),
    (3, {"late": -0.0}),
    *[(step, {"a": True, "b": False, "c": step % 2 == 0}) for step in range(7, 11)],  # frames of 36 bytes
    (11, {"loss": 0.25, "acc": float("nan")}),
    (11, {}),
    (f.EXIT, 11, {"code": 0}),
]


@pytest.fixture(scope="session")
def sample(kit):
    """A small journal with rows of five schemas and other frames: its bytes, and what stands in it."""
    expected = [kit.row(*entry) if len(entry) == 2 else kit.record(*entry) for entry in SAMPLE]
    return SimpleNamespace(data=kit.written(SAMPLE), expected=expected, entries=SAMPLE)
