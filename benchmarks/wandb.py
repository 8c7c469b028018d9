"""W&B's own client against our server: its file stream at full speed, 50 clients at once, and how long its init() takes.

Targets: 200,000 points a second through the file stream of one server process; 50 clients with 10 rows of 20 metrics a second each for
2 minutes under one core, no error, no row lost or doubled; init() to the first log() at most 300 ms slower than offline.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import urllib3

from benchmarks.harness import child, environment, in_turns, local_server, scratch, table

ROWS = 50_000
METRICS = 20
LINES = 5_000
"""Of one request: some 3 MB."""
CLIENTS = 50
SECONDS = 120
RATE = 10
ROUNDS = 5

TRAINING = """
import sys, time
import wandb

number, seconds, rate, metrics = map(int, sys.argv[1:])
run = wandb.init(project="crowd", id=f"r{number}")
begun = time.time()
for step in range(seconds * rate):
    run.log({f"metric/{i}": step + i / 7 for i in range(metrics)})
    time.sleep(max(0, begun + (step + 1) / rate - time.time()))
run.finish()
"""

INIT = """
import json, sys, time
import wandb

begun = time.perf_counter()
run = wandb.init(project="init", mode=sys.argv[1])
run.log({"loss": 0.5})
took = time.perf_counter() - begun
run.finish()
print(json.dumps(took * 1000))
"""


class Server:
    """What is asked of the server beside what clients ask."""

    def __init__(self, folder: Path, url: str) -> None:
        command = [sys.executable, "-m", "playhead.cli", "server", "status", "--json"]
        status = subprocess.run(command, env=environment(folder), capture_output=True, text=True, check=False)
        told = json.loads(status.stdout)
        self.url, self.process = url, psutil.Process(told["pid"])
        self.key = (Path(told["data_dir"]) / "local.key").read_text().strip()
        self._pool = urllib3.PoolManager()
        self._headers = {**urllib3.make_headers(basic_auth=f"api:{self.key}"), "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        answer = self._pool.request(method, self.url + path, body=body, headers=self._headers, timeout=600)
        if answer.status != 200:
            raise RuntimeError(answer.data.decode())
        return json.loads(answer.data)

    @property
    def cpu(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def client(self) -> dict[str, str]:
        """The environment of a client."""
        return {"WANDB_BASE_URL": self.url, "WANDB_API_KEY": self.key, "WANDB_MODE": "online"}


def bodies() -> list[bytes]:
    """Requests as the client makes them: keys in any order, each row a text in JSON."""
    made = []
    for first in range(0, ROWS, LINES):
        lines = []
        for step in range(first, first + LINES):
            row = {f"metric/{i}": random.random() * step for i in range(METRICS)}
            row |= {"_step": step, "_timestamp": 1.78e9 + step * 0.01, "_runtime": step * 0.01}
            keys = [*row]
            random.shuffle(keys)
            lines.append(json.dumps({key: row[key] for key in keys}))
        made.append(json.dumps({"files": {"wandb-history.jsonl": {"offset": first, "content": lines}}}).encode())
    return made


def parsing(made: list[bytes]) -> float:
    """Points a second that json.loads alone reads of the same bytes."""
    begun = time.perf_counter()
    for body in made:
        for line in json.loads(body)["files"]["wandb-history.jsonl"]["content"]:
            json.loads(line)
    return ROWS * METRICS / (time.perf_counter() - begun)


def stream(server: Server) -> None:
    begin = 'mutation { upsertBucket(input: {name: "r", modelName: "stream", host: "h"}) { bucket { project { entity { name } } } } }'
    told = server.ask("POST", "/graphql", json.dumps({"query": begin}).encode())
    entity = told["data"]["upsertBucket"]["bucket"]["project"]["entity"]["name"]
    made = bodies()
    cpu, begun = server.cpu, time.perf_counter()
    for body in made:
        server.ask("POST", f"/files/{entity}/stream/r/file_stream", body)
    took, used = time.perf_counter() - begun, server.cpu - cpu
    points, limit = ROWS * METRICS, parsing(made)
    table(
        (f"file stream, {METRICS} metrics a row", "points/s", "ratio"),
        [
            ("server, from request to disk", points / took, points / took / limit),
            ("a second of its processor", points / used, points / used / limit),
            ("json.loads of the same", limit, 1.0),
        ],
    )


def crowd(server: Server, folder: Path) -> None:
    env = environment(folder, **server.client())
    cpu, begun = server.cpu, time.perf_counter()
    command = [sys.executable, "-c", TRAINING]
    numbers = [str(SECONDS), str(RATE), str(METRICS)]
    clients = [
        subprocess.Popen(
            [*command, str(n), *numbers],
            cwd=folder,
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(CLIENTS)
    ]
    errors = [process.communicate()[1] for process in clients]
    took, used = time.perf_counter() - begun, server.cpu - cpu
    failed = sum(process.returncode != 0 or "rror" in told for process, told in zip(clients, errors, strict=True))
    runs = server.ask("GET", "/api/v1/viewer")["entity"]
    good = sum(_whole(server, f"/api/v1/runs/{runs}/crowd/r{n}") for n in range(CLIENTS))
    table(
        (f"{CLIENTS} clients, {RATE} rows a second of {METRICS} metrics, {SECONDS} s", "value"),
        [
            ("clients that failed or told of an error", failed),
            ("runs with every row once", good),
            ("cores that the server uses", used / took),
        ],
    )


def _whole(server: Server, path: str) -> bool:
    """Whether the run has every row once, as it was logged."""
    steps: list[int] = []
    at: int | None = 0
    while at is not None:
        page = server.ask("GET", f"{path}/rows?min_step={at}&limit=1000")
        steps += [row["_step"] for row in page["items"] if row["metric/1"] == row["_step"] + 1 / 7]
        at = page["next"]
    return steps == list(range(SECONDS * RATE)) and server.ask("GET", path)["damaged"] == 0


def init(server: Server, folder: Path) -> None:
    found = in_turns(
        ROUNDS,
        {
            "online": lambda: child(INIT, folder, "online", **server.client()),
            "offline": lambda: child(INIT, folder, "offline"),
        },
    )
    rows = [(name, value, value - found.get("offline", 0.0)) for name, value in found.items()]
    table(("wandb: init() to the end of the first log()", "ms", "over offline"), rows)


def main() -> None:
    with scratch() as folder, local_server(folder) as url:
        server = Server(folder, url)
        stream(server)
        init(server, folder)
        crowd(server, folder)


if __name__ == "__main__":
    main()
