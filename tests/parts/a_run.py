"""Runs that journals tell of, as a training would write them; and what they save and log."""

import base64
import hashlib
import itertools
import os
import time

from a_server import ME
from playhead.domain import manifest
from playhead.domain.artifact import Entry, digest_of
from playhead.domain.ids import RunPath, generate_id
from playhead.journal import format as f
from playhead.journal.writer import Writer

_numbers = itertools.count()


def digest(data):
    return hashlib.sha256(data).hexdigest()


def md5(data):
    """In base64."""
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


class Media:
    """Something to log that the SDK turns into this."""

    def __init__(self, **data):
        self.data = data


class Journal:
    """A stream of a run of its own, unless the header says otherwise."""

    def __init__(self, folder, **header):
        number = f"{os.getpid()}-{next(_numbers)}"
        fields = {
            "stream": f"s-{number}", "run_id": f"r-{number}", "segment": f"g-{number}", "role": "main", "project": "demo",
            "entity": None, "created_at": time.time_ns() // 1000,
        }  # fmt: skip
        self.header = f.Header(**{**fields, **header})
        self.stream = self.header.stream
        self.path = folder / f"{number}.journal"
        self.writer = Writer(self.path, self.header, convert=lambda _, value: getattr(value, "data", value))

    @property
    def data(self):
        return self.path.read_bytes()

    @property
    def run(self):
        return RunPath(self.header.entity or ME, self.header.project, self.header.run_id)

    def start(self, **data):
        return self.record(f.START, **{"name": "calm-river-1", "config": {}, **data})

    def rows(self, count, first=0, key="loss"):
        for step in range(first, first + count):
            self.writer.row(step, {key: 1.0 / (step + 1)})
        return self

    def record(self, kind, step=0, **data):
        self.writer.record(kind, step, data)
        return self

    def send(self, client):
        """All that the server does not have yet."""
        at = client.stream_offset(self.stream)
        client.append(self.stream, at, self.data[at:])
        return self


class Run:
    """A run that a server has, as far as its journal is flushed."""

    def __init__(self, client, journal, **start):
        self.client = client
        self.journal = journal.start(**start)
        self.run = journal.run
        self.flush()

    def flush(self):
        self.journal.send(self.client)
        return self

    def rows(self, first, last):
        self.journal.rows(last - first + 1, first)
        return self.flush()

    def save(self, step, path, content=b"", *, send=True, **more):
        """A version of a file."""
        data = content if isinstance(content, bytes) else content.encode()
        if send:
            self.client.put_blobs(self.run, {digest(data): data})
        self.journal.record(f.FILE, step, path=path, sha256=digest(data), size=len(data), **more)
        return self

    def log(self, name, files=None, step=0, *, send=True, kind="data", **more):
        """An artifact; its id. `files`: path to content, or the fields of a reference."""
        files = {"a.txt": name} if files is None else files
        inside = entries(files)
        text = manifest.to_json(inside)
        told = {
            "id": generate_id(20), "name": name, "type": kind, "digest": digest_of(inside), "manifest": digest(text),
            "size": sum(one.size for one in inside), "count": len(inside), **more,
        }  # fmt: skip
        texts = [one.encode() for one in files.values() if isinstance(one, str)]
        self.contents = {digest(data): data for data in (text, *texts)}
        if send:
            self.client.put_blobs(self.run, self.contents)
        self.journal.record(f.ARTIFACT, step, **told)
        self.flush()
        return told["id"]

    def end(self):
        self.journal.record(f.EXIT, code=0)
        self.flush()
        self.journal.writer.close()
        return self


def entries(files):
    """Those of an artifact with these files."""
    found = []
    for path, told in files.items():
        if isinstance(told, str):
            data = told.encode()
            found.append(Entry(path, md5(data), len(data), digest(data)))
        else:
            found.append(Entry(path, **told))
    return found
