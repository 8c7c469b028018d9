"""Journals written on the day the format was made are read, and written, as on that day. The document's dump is one of them."""

import json
import re
import runpy
from pathlib import Path

import pytest

from playhead.journal import format as f
from playhead.journal import reader

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests/data/journal-v1"
DOCUMENT = (ROOT / "docs/explanation/journal-format.md").read_text(encoding="utf-8")
NAMES = sorted(path.stem for path in GOLDEN.glob("*.journal"))


@pytest.mark.parametrize("name", NAMES)
def test_old_journals_are_read(kit, name):
    data = (GOLDEN / f"{name}.journal").read_bytes()
    expected = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    header = reader.read_header(data)[0]
    assert header == f.Header(**expected["header"])  # what was added since has its default
    items = [
        kit.row(step, content) if kind == "row" else (kind, step, kit.exact(content))
        for kind, step, content in expected["items"]
    ]
    assert kit.decode(data) == (items, 0, len(data))


def test_the_same_bytes_are_written(tmp_path):
    runpy.run_path(str(GOLDEN / "write.py"))["write"](tmp_path)
    assert NAMES == ["records", "rows", "tiny"]
    for name in NAMES:
        assert (tmp_path / f"{name}.journal").read_bytes() == (GOLDEN / f"{name}.journal").read_bytes()


def test_the_dump_in_the_document(kit):
    data = (GOLDEN / "tiny.journal").read_bytes()
    shown = set()
    for at, digits, text in re.findall(r"^([0-9a-f]{4})  ((?:[0-9a-f]{2} )+) *\|(.*)\|$", DOCUMENT, re.MULTILINE):
        begin, piece = int(at, 16), bytes.fromhex(digits)
        assert piece == data[begin : begin + len(piece)]
        assert text == "".join(chr(byte) if 32 <= byte < 127 else "." for byte in piece)
        shown.update(range(begin, begin + len(piece)))
    start = len(f.PREAMBLE)
    copy = (reader.read_header(data)[1] - start) // 2
    frames = [(begin, end) for begin, end, _ in kit.spans(data)]
    second = [range(start + copy, start + 2 * copy), range(*frames[1])]
    assert sorted(shown) == [at for at in range(len(data)) if not any(at in left_out for left_out in second)]


def test_the_document_names_every_kind_and_limit():
    for code, name in f.KIND_NAMES.items():
        assert re.search(rf"^\| {code} \| `{name}` \|", DOCUMENT, re.MULTILINE)
    for number in (f"0x{f.HEADER_SEED:08X}", "0x007F7F7F", "0x80000000", f"| format version | {f.VERSION} |"):
        assert number in DOCUMENT
