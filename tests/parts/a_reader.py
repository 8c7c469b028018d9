"""What a journal on the disk holds, read back."""

from dataclasses import dataclass, field

from playhead.journal import format as f
from playhead.journal import reader
from playhead.journal.columns import decode


@dataclass
class Recorded:
    header: f.Header
    rows: list = field(default_factory=list)
    """(step, {key: value}), in the order of the file."""
    records: list = field(default_factory=list)
    """(kind's name, data)."""
    times: list = field(default_factory=list)
    """Of the rows."""
    damaged: int = 0

    def of(self, kind):
        return [data for name, data in self.records if name == kind]

    @property
    def exit_code(self):
        """None: the run never said goodbye."""
        codes = [data["code"] for data in self.of("exit")]
        assert len(codes) <= 1
        return codes[0] if codes else None

    @property
    def console(self):
        lines = {data["n"]: data["t"] for data in self.of("console")}
        return [lines[number] for number in sorted(lines)]

    @property
    def config(self):
        config = {}
        for change in self.of("config"):
            config |= change.get("set", {})
        return config

    @property
    def start(self):
        return self.of("start")[0]


def read_journal(path):
    data = path.read_bytes()
    header, start = reader.read_header(data)
    stretch = decode(data[start:], start, header.seed, {}, final=True)
    rows = []
    for table in stretch.rows:
        for i, offset in enumerate(table.offset):
            values = {
                key: bool(column[i]) if column.dtype == "u1" else column[i].item()
                for key, column in zip(table.keys, table.columns, strict=True)
            }
            if table.objects:
                values |= dict(zip(table.object_keys, table.objects[i], strict=True))
            rows.append((int(offset), int(table.step[i]), int(table.time[i]), values))
    rows.sort(key=lambda row: row[0])
    return Recorded(
        header, [(step, values) for _, step, _, values in rows],
        [(f.KIND_NAMES[record.kind], record.data) for record in stretch.records], [time for _, _, time, _ in rows],
        stretch.damaged,
    )  # fmt: skip
