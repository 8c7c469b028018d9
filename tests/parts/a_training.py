"""A training for tests, as a process: writes a journal, starts the sidecar, tells what the sidecar says on its output.

python a_training.py FOLDER '{"url", "key"} or null' '{"rows": N, "pause": seconds, "then": "finish" | "wait" | "exit", ...}'
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

from playhead.domain.ids import generate_id
from playhead.journal import format as f
from playhead.journal.writer import Writer
from waiting import until


def new_run(folder, run_id="abc", pid=None, **header):
    """A run's folder with an open journal."""
    folder = Path(folder)
    (folder / "files").mkdir(parents=True, exist_ok=True)
    (folder / "logs").mkdir(exist_ok=True)
    told = {"run_id": run_id, "segment": generate_id(), "project": "demo", "entity": None, **header}
    writer = Writer(
        folder / "main.journal",
        f.Header(stream=generate_id(16), role="main", created_at=time.time_ns() // 1000, **told),
        convert=lambda _, value: value,
    )
    start = {"name": "calm-river-1", "group": None, "job_type": None, "tags": [], "notes": None, "config": {}}
    writer.record(f.START, 0, {**start, "pid": pid or os.getpid(), "mode": "online"})
    return writer


class Parent:
    """The training's end of the pipe."""

    def __init__(self, echo=False):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "playhead.sidecar"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self.heard = []
        self.echo = echo
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.heard.append(json.loads(line))
            if self.echo:
                sys.stdout.write(line.decode())
                sys.stdout.flush()

    def send(self, message):
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def wait_for(self, op, timeout=60):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for message in list(self.heard):
                if message["op"] == op:
                    return message
            time.sleep(0.01)
        raise TimeoutError(f"no {op}: {self.heard}")

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


class Training:
    """This script as a process, seen from a test."""

    def __init__(self, folder, server, **plan):
        self.folder = folder
        told = json.dumps({"url": server.url, "key": getattr(server, "key", "k")} if server else None)
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(folder), told, json.dumps(plan)], stdout=subprocess.PIPE, text=True
        )
        self.sidecar = None

    def wait_for(self, *ops):
        missing = set(ops)
        for line in self.process.stdout:
            message = json.loads(line)
            self.sidecar = message.get("sidecar", self.sidecar)
            missing.discard(message["op"])
            if not missing:
                return message
        raise EOFError(missing)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        self.kill()
        self.process.stdout.close()
        if self.sidecar and psutil.pid_exists(self.sidecar):
            os.kill(self.sidecar, signal.SIGKILL)


def gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def main():
    folder, server, plan = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
    writer = new_run(folder, plan.get("run_id", "abc"), **plan.get("header", {}))
    parent = Parent(echo=True)
    meta = {"pid": os.getpid(), "program": "a_training.py", "cwd": str(Path.cwd())}
    order = {"op": "run", "dir": folder, "server": server, "local": plan.get("local"), "meta": meta}
    parent.send({**order, **plan.get("options", {})})
    if plan.get("fork") and os.fork() == 0:
        os.close(1)
        time.sleep(plan["fork"])
        os._exit(0)
    for step in range(plan.get("rows", 0)):
        writer.row(step, {"loss": 1.0 / (step + 1), "step2": step})
        if plan.get("pause"):
            time.sleep(plan["pause"])
    if plan.get("meet", True):
        if server:
            parent.wait_for("registered")
        until((Path(folder) / "system.journal").exists)
    sys.stdout.write(json.dumps({"op": "written", "sidecar": parent.process.pid}) + "\n")
    sys.stdout.flush()
    match plan.get("then"):
        case "finish":
            writer.record(f.EXIT, plan.get("rows", 0), {"code": 0})
            parent.send({"op": "finish", "dir": folder})
            parent.wait_for("done", 60)
            parent.send({"op": "bye"})
            parent.close()
        case "exit":
            os._exit(3)
        case "goodbye":  # and gone before the sidecar is told
            writer.record(f.EXIT, plan.get("rows", 0), {"code": 0})
            os._exit(0)
        case _:
            time.sleep(600)


if __name__ == "__main__":
    main()
