"""Runs that were recorded offline, and what is made of them by `wandb sync`: once, again, interrupted, and at once."""

import signal
import time

OFFLINE = """
    import os
    import wandb

    run = wandb.init(project="offline", id="{id}", mode="offline", config={{"lr": 0.5}})
    for step in range({count}):
        run.log({{"loss": step * 0.5}})
        print("line", step)
    run.summary["best"] = 3
    tell(os.path.dirname(run.dir))
    run.finish()
"""


def recorded(machine, run_id, count=20):
    """The folder of a run that was recorded offline."""
    return machine.train(OFFLINE.format(id=run_id, count=count), WANDB_MODE="offline").told[0]


def check(server, entity, run_id, count=20):
    run = server.run("offline", run_id)
    assert (run["state"], run["step"], run["damaged"]) == ("finished", count, 0)
    assert (run["config"]["lr"], run["summary"]["best"]) == (0.5, 3)
    rows = server.get(f"/runs/{entity}/offline/{run_id}/rows?limit=1000")["items"]
    assert [(row["_step"], row["loss"]) for row in rows] == [(n, n * 0.5) for n in range(min(count, 1000))]
    lines = server.get(f"/runs/{entity}/offline/{run_id}/console?limit=1000")["items"]
    told = [line["text"] for line in lines if line["text"].startswith("line")]
    assert told == [f"line {n}" for n in range(min(count, 1000))]
    assert 0 <= run["finished_at"] - run["started_at"] < 120e6
    return run


def test_once_and_again(machine, server, entity):
    folder = recorded(machine, "once")
    before = time.time()
    time.sleep(1.5)
    machine.wandb("sync", folder)
    run = check(server, entity, "once")
    assert run["started_at"] / 1e6 < before
    assert run["finished_at"] / 1e6 < before + 1
    machine.wandb("sync", "--include-synced", folder)
    again = check(server, entity, "once")
    assert again["name"]


def test_interrupted(machine, server, entity):
    folder = recorded(machine, "interrupted", 3_000)
    for pause in (1.0, 1.6):
        process = machine.command("sync", folder)
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
    machine.wandb("sync", folder)
    check(server, entity, "interrupted", 3_000)


def test_two_at_once(machine, server, entity):
    folder = recorded(machine, "parallel", 1_000)
    both = [machine.command("sync", folder) for _ in range(2)]
    ended = [machine.wait(process, code=None) for process in both]
    assert any(one.code == 0 for one in ended), ended
    check(server, entity, "parallel", 1_000)
    assert ended


def test_live(machine, server, entity):
    script = """
        import os, time
        import wandb

        run = wandb.init(project="offline", id="beta", mode="offline", config={"lr": 0.5})
        tell(os.path.dirname(run.dir))
        for step in range(40):
            run.log({"loss": step * 0.5})
            print("line", step)
            time.sleep(0.1)
        run.summary["best"] = 3
        run.finish()
    """
    process = machine.start(script, WANDB_MODE="offline")
    folder = process.stdout.readline().removeprefix("TOLD ").strip().strip('"')
    synced = machine.wandb("beta", "sync", "--live", "--yes", folder)
    process.communicate(timeout=60)
    assert process.returncode == 0, synced
    check(server, entity, "beta", 40)
