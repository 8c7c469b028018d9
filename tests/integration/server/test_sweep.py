"""What runs that were deleted for ever leave behind is swept: by a server that runs, and in the data folder of one that does not."""

import json
import sqlite3
import time

from a_run import digest
from playhead.journal import format as f

LONG_AGO = time.time_ns() // 1000 - 2 * 24 * 3600 * 1_000_000


def saved(server, journal, *contents):
    """A run with these files."""
    client, made = server.client(), journal().start()
    client.append(made.stream, 0, made.data)
    client.put_blobs(made.run, {digest(data): data for data in contents})
    size = len(made.data)
    for number, data in enumerate(contents):
        made.record(f.FILE, path=str(number), sha256=digest(data), size=len(data))
    client.append(made.stream, size, made.data[size:])
    return made.run


def age(server):
    """Let everything be touched long ago."""
    with sqlite3.connect(server.data / "playhead.db", timeout=60) as database:
        database.execute("UPDATE contents SET touched_at = ?", [LONG_AGO])
    database.close()


def swept(server, *options):
    done = server.cli("server", "--data-dir", str(server.data), "sweep", "--min-age", "1d", "--json", *options)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return told["contents"], told["bytes"]


def stored(server):
    return {path.parent.name + path.name for path in (server.data / "blobs").glob("??/*")}


def test_content_goes_with_its_last_run(own_server, journal):
    server = own_server.start()
    one, other = saved(server, journal, b"common", b"own"), saved(server, journal, b"common")
    client = server.client()
    age(server)
    assert swept(server) == (0, 0)
    client.delete(one)
    assert swept(server) == (0, 0)  # it is in the trash
    client.delete(one, forever=True)
    assert swept(server, "--dry-run") == (1, 3)
    assert stored(server) == {digest(b"common"), digest(b"own")}
    assert swept(server) == (1, 3)
    assert stored(server) == {digest(b"common")}
    client.delete(other, forever=True)
    server.stop()
    assert swept(server, "--dry-run") == (1, 6)
    assert swept(server) == (1, 6)
    assert stored(server) == set()
    saved(server.start(), journal, b"common")
    assert stored(server) == {digest(b"common")}
    done = server.cli("server", "--data-dir", str(server.data), "sweep")
    assert "Thrown away: 0 contents, 0 bytes." in done.stdout


def test_what_is_not_swept(own_server, journal):
    server = own_server.start()
    saved(server, journal, b"x")
    alice = server.add_user("alice")
    answer = server.request("POST", "/api/v1/sweep", alice, {"min_age": 3600})
    assert (answer.status, json.loads(answer.data)["error"]["code"]) == (403, "permission")
    done = server.cli("server", "--data-dir", str(server.data), "sweep", "--min-age", "5m")
    assert (done.returncode, "may be on its way" in done.stderr) == (1, True)
    assert stored(server) == {digest(b"x")}


def test_files_of_another_catalog_stay(own_server, journal):
    server = own_server.start()
    saved(server, journal, b"x")
    assert swept(server) == (0, 0)
    server.stop()
    for path in server.data.glob("playhead.db*"):
        path.rename(server.data / f"lost-{path.name}")
    done = server.cli("server", "--data-dir", str(server.data), "sweep", "--unknown", "--min-age", "1h")
    assert (done.returncode, "belong to another catalog" in done.stderr) == (1, True)
    assert stored(server) == {digest(b"x")}
