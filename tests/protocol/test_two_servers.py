"""Two servers on the same stores, and one that fails between the stores: each line counts once all the same."""

import json
import random
import threading
import time
from dataclasses import replace

import pytest

from playhead import composition
from playhead.adapters.duckdb.metrics import DuckMetrics
from playhead.adapters.memory.blobs import MemoryBlobs
from playhead.client.memory import MemoryTransport
from playhead.client.transport import Request
from playhead.domain.errors import StorageError
from playhead.server.settings import ServerSettings

KEY = "local-" + "k" * 40
HISTORY, EVENTS, CONSOLE = "wandb-history.jsonl", "wandb-events.jsonl", "output.log"


class Failing:
    """A catalog that fails now and then, when the points have been stored already."""

    def __init__(self, runs):
        self._runs = runs
        self.failures = 0

    def __getattr__(self, name):
        return getattr(self._runs, name)

    def commit(self, commits):
        if self.failures and any(commit.lines for commit in commits):
            self.failures -= 1
            raise StorageError("the catalog is gone for a moment")
        self._runs.commit(commits)


class Client:
    """Asks one of the servers."""

    def __init__(self, transport):
        self._transport = transport

    def post(self, path, told):
        """The status."""
        return self._transport.send(Request("POST", path, body=json.dumps(told).encode())).status

    def get(self, path, **query):
        return json.loads(self._transport.send(Request("GET", path, query=query)).body)


@pytest.fixture
def stores(tmp_path, monkeypatch):
    """Makes servers that share their stores."""
    settings = ServerSettings(
        data_dir=tmp_path, database=f"sqlite:///{tmp_path / 'catalog.db'}", session_secret="s" * 40, url="http://memory"
    )
    catalog = composition.open_catalog(settings, composition.SystemClock())
    failing = Failing(catalog.runs)
    close, catalog = catalog.close, replace(catalog, runs=failing, close=lambda: None)
    metrics = DuckMetrics(str(tmp_path / "metrics.duckdb"))
    blobs = MemoryBlobs()
    monkeypatch.setattr(composition, "_stores", lambda *_: (catalog, (metrics, lambda: None), blobs))
    made = []

    def server():
        application = composition.compose(settings, user="ada", key=KEY)
        made.append((MemoryTransport(application.app, KEY), application))
        client = Client(made[-1][0])
        # A router builds its routes when it is first asked, and pydantic cannot do so twice at once: no router knows this path.
        assert client.post("/api/v1/nowhere", {}) == 404
        return client

    yield server, failing
    for transport, application in made:
        transport.close()
        application.close()
    metrics.close()
    close()


def begin(client, run_id):
    ask = {"project": "p", "run_id": run_id, "stream": f"wandb-{run_id}", "segment": f"s-{run_id}", "created_at": 1}
    assert client.post("/api/v1/begin", ask) == 200


def body(start, stop):
    rows = [json.dumps({"_step": n, "_timestamp": 1e9 + n, "loss": n * 0.5}) for n in range(start, stop)]
    samples = [json.dumps({"_timestamp": 1e9 + n, "system.cpu": n}) for n in range(start, stop)]
    lines = [json.dumps({"ts": "2026-05-28T20:26:40", "content": f"line {n}"}) for n in range(start, stop)]
    told = {HISTORY: rows, EVENTS: samples, CONSOLE: lines}
    return {"files": {name: {"offset": start, "content": content} for name, content in told.items()}}


def check(client, run_id, count):
    path = f"/api/v1/runs/ada/p/{run_id}"
    rows = client.get(f"{path}/rows", limit="1000")["items"]
    assert [(row["_step"], row["loss"]) for row in rows] == [(n, n * 0.5) for n in range(count)]
    samples = client.get(f"{path}/rows", limit="1000", source="system")["items"]
    assert [sample["cpu"] for sample in samples] == list(range(count))
    lines = client.get(f"{path}/console", limit="1000")["items"]
    assert [line["text"] for line in lines] == [f"line {n}" for n in range(count)]
    run = client.get(path)
    assert (run["step"], run["damaged"], run["summary"]["loss"]) == (count, 0, (count - 1) * 0.5)


def test_first_lines_that_come_late_are_no_other_training(stores):
    client = stores[0]()
    begin(client, "r")
    for start, stop in ((10, 20), (0, 10), (0, 20)):
        assert client.post("/files/ada/p/r/file_stream", body(start, stop)) == 200
    check(client, "r", 20)


def test_two_servers_at_once(stores):
    server, _ = stores
    clients = [server(), server()]
    begin(clients[0], "r")
    spans = [(start, min(start + size, 120)) for start in range(0, 120, 7) for size in (3, 7, 11)]
    statuses = []

    def send(client, seed):
        order = random.Random(seed).sample(spans, len(spans))
        for span in order:
            while (status := client.post("/files/ada/p/r/file_stream", body(*span))) == 503:
                time.sleep(0.05)  # the other server was faster again and again: the client sends it again
            statuses.append(status)

    threads = [threading.Thread(target=send, args=(clients[seed % 2], seed)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert set(statuses) == {200}
    for client in clients:
        check(client, "r", 120)


def test_a_crash_between_the_stores(stores):
    server, failing = stores
    client = server()
    begin(client, "r")
    failing.failures = 7
    told = []
    for start in range(0, 60, 10):
        for _ in range(9):
            told.append(client.post("/files/ada/p/r/file_stream", body(start, start + 10)))
            if told[-1] == 200:
                break
    assert failing.failures == 0
    assert 500 in told
    check(client, "r", 60)
