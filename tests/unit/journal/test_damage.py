"""What is cut off, flipped, lost, inserted or repeated costs the frames that it hits, is counted, and makes no row."""

import random
import struct
import time
from itertools import pairwise

import pytest

from playhead.domain.errors import JournalError
from playhead.domain.limits import MAX_BATCH, MAX_FRAME
from playhead.journal import columns, reader
from playhead.journal import format as f

HEADER_END = len(f.PREAMBLE)


def kept(kit, sample, lost):
    """What must still be there without the frames that `lost(begin, end)` names. A schema has two copies: none is missed."""
    spans = [(begin, end, kind) for begin, end, kind in kit.spans(sample.data) if kind != f.SCHEMA]
    assert len(spans) == len(sample.expected)
    return [item for item, (begin, end, _) in zip(sample.expected, spans, strict=True) if not lost(begin, end)]


def is_subsequence(part, whole):
    rest = iter(whole)
    return all(item in rest for item in part)


def test_truncated_at_every_byte(kit, sample):
    _, start = reader.read_header(sample.data)
    ends = {start, *(end for _, end, _ in kit.spans(sample.data))}
    for cut in range(start, len(sample.data)):
        whole = kept(kit, sample, lambda begin, end, cut=cut: end > cut)
        before = max(end for end in ends if end <= cut)
        assert kit.decode(sample.data[:cut], final=False) == (whole, 0, before)
        assert kit.decode(sample.data[:cut]) == (whole, int(cut not in ends), cut)


def test_truncated_in_the_header(sample):
    _, start = reader.read_header(sample.data)
    one = HEADER_END + (start - HEADER_END) // 2
    for cut in range(start):
        if cut < one:
            with pytest.raises(JournalError):
                reader.read_header(sample.data[:cut])
        else:
            assert reader.read_header(sample.data[:cut]) == (reader.read_header(sample.data)[0], one)


@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_costs_its_frame(kit, sample, bit):
    _, start = reader.read_header(sample.data)
    for at in range(len(sample.data)):
        data = bytearray(sample.data)
        data[at] ^= 1 << bit
        found, damaged, end = kit.decode(bytes(data))
        assert found == kept(kit, sample, lambda begin, end, at=at: begin <= at < end)
        assert (damaged, end) == (int(at >= HEADER_END + (start - HEADER_END) // 2), len(data))


def test_a_flipped_bit_in_a_live_tail_waits_only_in_the_last_frame(kit, sample):
    last = kit.spans(sample.data)[-1][0]
    _, start = reader.read_header(sample.data)
    for at in range(start, len(sample.data)):
        data = bytearray(sample.data)
        data[at] ^= 0x10
        found, _, end = kit.decode(bytes(data), final=False)
        assert found == kept(kit, sample, lambda begin, end, at=at: begin <= at < end)
        assert end == (last if at >= last else len(data))


def test_damage_in_pieces_loses_no_more(kit, sample):
    chance = random.Random(7)
    for _ in range(150):
        data = bytearray(sample.data)
        data[chance.randrange(HEADER_END, len(data))] ^= 1 << chance.randrange(8)
        cuts = sorted(chance.choices(range(len(data)), k=4))
        whole, pieces = kit.decode(bytes(data)), kit.decode_pieces(bytes(data), cuts)
        assert (pieces[0], pieces[2], pieces[1] > 0) == (whole[0], whole[2], whole[1] > 0)


def test_bytes_that_went_missing_or_came_in(kit, sample):
    chance = random.Random(5)
    _, start = reader.read_header(sample.data)
    spans = kit.spans(sample.data)
    schemas = [(begin, end) for begin, end, kind in spans if kind == f.SCHEMA]
    between_copies = {end for (_, end), (begin, _) in pairwise(schemas) if end == begin}
    for at in range(start, len(sample.data) - 1):
        gone = chance.randrange(1, 60)
        if not between_copies.isdisjoint(range(at, at + gone + 1)):
            gone = 1  # who loses both copies of a schema loses its rows
        hit = next(end for begin, end, _ in spans if begin <= at < end)
        if any(begin == hit + gone for begin, _, _ in spans):
            gone -= 1  # a frame that lost as many bytes as the next ones have contains them, by its length
        found, damaged, _ = kit.decode(sample.data[:at] + sample.data[at + gone :])
        assert is_subsequence(kept(kit, sample, lambda b, e, at=at, gone=gone: b < at + gone and at < e), found)
        assert is_subsequence(found, sample.expected)
        inside = any(begin < at < end or begin < at + gone < end for begin, end, _ in spans)
        assert damaged >= inside
        garbage = chance.randbytes(chance.randrange(1, 60))
        found, damaged, _ = kit.decode(sample.data[:at] + garbage + sample.data[at:])
        assert found == kept(kit, sample, lambda b, e, at=at: b < at < e)
        assert damaged >= 1


def test_zeros(kit, sample):
    _, start = reader.read_header(sample.data)
    for begin in range(start, len(sample.data), 3):
        data = sample.data[:begin] + bytes(len(sample.data) - begin)
        found, damaged, _ = kit.decode(data)
        assert found == kept(kit, sample, lambda b, e, data=data: data[b:e] != sample.data[b:e])
        assert damaged == (data != sample.data)
    found, damaged, end = kit.decode(sample.data + bytes(100_000), final=False)
    assert (found, damaged, end) == (sample.expected, 0, len(sample.data))
    assert kit.decode(sample.data + bytes(100_000))[:2] == (sample.expected, 1)


def test_a_repeated_stretch_makes_nothing_new(kit, sample):
    chance = random.Random(3)
    for _ in range(300):
        begin, end = sorted(chance.choices(range(HEADER_END, len(sample.data)), k=2))
        at = chance.randrange(HEADER_END, len(sample.data))
        found, _, _ = kit.decode(sample.data[:at] + sample.data[begin:end] + sample.data[at:])
        assert is_subsequence(kept(kit, sample, lambda b, e, at=at: b < at < e), found)
        assert all(item in sample.expected for item in found)


def test_preamble_and_header(kit, sample):
    _, start = reader.read_header(sample.data)
    whole = (sample.expected, 0, len(sample.data))
    assert kit.decode(bytes(HEADER_END) + sample.data[HEADER_END:]) == whole
    header, _ = reader.read_header(sample.data[5:])  # bytes in front went missing
    assert header == kit.header
    one = (start - HEADER_END) // 2
    first_gone = sample.data[:HEADER_END] + b"\xff" * one + sample.data[HEADER_END + one :]
    assert kit.decode(first_gone) == whole
    second_short = sample.data[: HEADER_END + one] + sample.data[HEADER_END + one + 5 :]
    assert kit.decode(second_short)[:2] == (sample.expected, 1)
    for data in (b"", sample.data[:20], bytes(start), sample.data[:HEADER_END] + b"\xff" * 2 * one):
        with pytest.raises(JournalError, match="not a journal"):
            reader.read_header(data)


def test_a_journal_of_the_future(sample):
    payload = f.record_payload(f.HEADER, 0, 0, {"format": 2})
    with pytest.raises(JournalError, match="version 2"):
        reader.read_header(f.MAGIC + struct.pack("<I", 2) + f.frame(payload, f.HEADER_SEED) * 2)
    with pytest.raises(JournalError, match="version 2"):
        reader.read_header(f.MAGIC + struct.pack("<I", 2) + bytes(100))


@pytest.mark.parametrize(
    "text", ["[" * 50_000, "{}", "[]", "1", '"format"', '{"format":1}', '{"format":1,"stream":5}', "", "\0"]
)
def test_a_header_that_makes_no_sense(text):
    payload = f.PLACE.pack(f.HEADER, 0, 0) + text.encode()
    with pytest.raises(JournalError):
        reader.read_header(f.PREAMBLE + f.frame(payload, f.HEADER_SEED) * 2)


def test_a_length_that_points_far_away(kit, sample):
    begin = kit.spans(sample.data)[4][0]
    for length in (0, 1, 200, 1 << 20, MAX_FRAME, MAX_FRAME + 1, 0xFFFFFFFF):
        data = sample.data[:begin] + struct.pack("<I", length) + sample.data[begin + 4 :]
        for final in (False, True):
            found, damaged, end = kit.decode(data, final=final)
            assert found == kept(kit, sample, lambda b, _: b == begin)
            assert (damaged, end) == (1, len(data))


def test_a_frame_that_is_still_being_written_is_waited_for(kit, sample):
    """Its columns may hold any bytes, even those of frames of this very journal: they are no frames."""
    quoted = f.frame(f.record_payload(f.CONSOLE, 0, 0, {"n": 0, "c": "out", "t": "never said"}), kit.header.seed)
    quoted += bytes(-len(quoted) % 8)
    numbers = {f"k{i}": n for i, n in enumerate(struct.unpack(f"<{len(quoted) // 8}q", quoted))}
    data = kit.written([(0, numbers), (1, {"x": 1.0})])
    (begin, end, _) = kit.spans(data)[2]
    assert quoted in data[begin:end]
    expected = [kit.row(0, numbers), kit.row(1, {"x": 1.0})]
    for cut in range(begin + 12, end):
        assert kit.decode_pieces(data, [cut]) == (expected, 0, len(data))
    for tail in (b"", data[end:]):  # nor are they when that frame is damaged
        damaged = data[: end - 1] + bytes([data[end - 1] ^ 1]) + tail
        assert kit.decode(damaged)[:2] == (expected[1:] if tail else [], 1)


def test_another_journal_quoted_is_text(kit, sample):
    other = kit.written([(0, {"x": 1})], header=kit.header._replace(stream="other"))
    data = kit.written(
        [(f.CONSOLE, 0, {"t": other.decode("latin-1")}), (0, {"t": sample.data.decode("latin-1")}), (1, {})]
    )
    assert len(kit.decode(data)[0]) == 3
    begin, end, _ = kit.spans(data)[0]
    for at in range(begin, end, 7):
        broken = bytearray(data)
        broken[at] ^= 4
        assert len(kit.decode(bytes(broken))[0]) == 2
    between = data[:begin] + other + data[begin:]
    assert kit.decode(between)[0] == kit.decode(data)[0]


@pytest.mark.parametrize(
    "text",
    [
        *[
            '{"id":0}',
            '{"columns":[]}',
            '{"id":true,"columns":[]}',
            '{"id":Infinity,"columns":[]}',
            "[]",
            "",
            "[" * 9999,
        ],
        *['{"id":-1,"columns":[]}', '{"id":4294967296,"columns":[]}', '{"id":7,"columns":["ab"]}'],
        *['{"id":7,"columns":[["a","x"]]}', '{"id":7,"columns":[["a","v"],["b","d"]]}', '{"id":7,"columns":[[1,"d"]]}'],
        *['{"id":7,"columns":[["a","d"],["a","q"]]}', '{"id":7,"columns":[["a"]]}', '{"id":7,"columns":{"a":"d"}}'],
    ],
)
def test_a_schema_that_makes_no_sense(kit, text):
    seed = kit.header.seed
    data = f.frame(f.PLACE.pack(f.SCHEMA, 0, 0) + text.encode(), seed)
    out = columns.decode(data + f.frame(f.ROW_HEAD.pack(f.ROW, 7, 0, 0), seed), 0, seed, {}, final=True)
    assert (out.damaged, out.rows, out.schemas) == (2, [], {})


def test_rows_that_do_not_fit_their_schema(kit):
    seed, known = kit.header.seed, {1: (("a", "d"),), 2: (("a", "q"), ("t", "v"))}
    head = f.ROW_HEAD.pack
    bad = [
        head(f.ROW, 1, 0, 0),
        head(f.ROW, 1, 0, 0) + bytes(9),
        *[head(f.ROW, 2, 0, 0) + bytes(8) + tail for tail in (b"", b"[]", b"[1,2]", b"{}", b"[", b"[1]x", b"\xff")],
        *[bytes([f.CONSOLE]) + bytes(16) + tail for tail in (b"", b"[]", b"{", b"[" * 5000)],
    ]
    good = head(f.ROW, 2, 9, 0) + bytes(8) + b"[1]"
    data = b"".join(f.frame(payload, seed) for payload in [*bad, good])
    out = columns.decode(data, 0, seed, known, final=True)
    assert (out.damaged, [rows.step.tolist() for rows in out.rows]) == (len(bad), [[9]])


def test_kinds_of_the_future_are_passed_over(kit):
    seed = kit.header.seed
    data = f.frame(bytes([99]) + b"x" * 40, seed) + f.frame(f.record_payload(f.EXIT, 1, 2, {"code": 0}), seed)
    out = columns.decode(data, 0, seed, {}, final=True)
    assert ([each.kind for each in out.records], out.damaged) == ([f.EXIT], 0)


def test_much_garbage_does_not_stop_a_live_journal(kit, sample):
    garbage = random.Random(2).randbytes(MAX_FRAME + 100)
    assert kit.decode(sample.data + garbage[:1000], final=False)[1:] == (0, len(sample.data))
    _, damaged, end = kit.decode(sample.data + garbage, final=False)
    assert (damaged, end) == (1, len(sample.data) + len(garbage) - 7)
    found, _, _ = kit.decode(sample.data + garbage + sample.data, final=False)
    assert found == sample.expected * 2


def heads(length, seed):
    return struct.pack("<Q", f.lead(length, seed))


@pytest.mark.parametrize("final", [False, True])
def test_hostile_bytes_take_linear_time(kit, final):
    seed = kit.header.seed
    patterns = [b"\0", b"\1", b"\0\1\0\0\0", *(heads(n, seed) for n in (17, 40, 5000, 12 << 20, MAX_FRAME))]
    patterns += [
        heads(17, seed) + bytes(22),
        heads(17, seed) + bytes(21),
        struct.pack("<II", 257, 257 ^ f.key_of(seed)),
    ]
    for pattern in patterns:
        data = pattern * (MAX_BATCH // len(pattern))
        begin = time.process_time()
        out = columns.decode(data, 0, seed, {}, final=final)
        assert time.process_time() - begin < 10
        assert (out.rows, out.records) == ([], [])
        assert out.end > len(data) - MAX_FRAME - 100
