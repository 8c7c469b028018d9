"""A training of W&B's client that is killed, and `wandb sync` of what it left: the rows that are missing come, and nothing twice."""

import signal
import time

from playhead.importers.source import Row
from playhead.importers.wandb import read
from waiting import until

KILLED = """
    import os, signal, time
    import wandb

    run = wandb.init(project="killed", id="r", name="to be killed", config={"lr": 0.1}, tags=["x"],
                     settings=wandb.Settings(x_file_stream_transmit_interval=0.1, x_stats_sampling_interval=0.2))
    tell("begun")
    for step in range(40):
        run.log({"loss": step * 0.5, **{f"metric/{number}": step for number in range(30)}})
        print("line", step)
        time.sleep(0.05)
    input()
    for step in range(40, 1_000):
        run.log({"loss": step * 0.5, **{f"metric/{number}": step for number in range(30)}})
        print("line", step)
    run.config["later"] = 1
    os.kill(os.getpid(), signal.SIGKILL)
"""


def rows(server, name="r"):
    found = server.get(f"/runs/{server.me}/killed/{name}/rows?limit=1000&keys=loss&keys=_step&keys=_timestamp")["items"]
    return [(row["_step"], row["loss"], row["_timestamp"]) for row in found]


def whole(server, least):
    """The run's rows, once they were seen to be those that were logged: each once, without a gap."""
    found = rows(server)
    assert [(step, loss) for step, loss, _ in found] == [(step, step * 0.5) for step in range(len(found))]
    assert len(found) >= least
    (segment,) = server.get(f"/runs/{server.me}/killed/r/segments")
    assert len(segment["sessions"]) == 1
    run = server.run("killed", "r")
    assert (run["name"], run["tags"], run["config"]["lr"], run["damaged"]) == ("to be killed", ["x"], 0.1, 0)
    assert run["meta"]["program"].endswith("train.py")
    lines = server.get(f"/runs/{server.me}/killed/r/console?limit=1000")["items"]
    told = [line["text"] for line in lines if line["text"].startswith("line")]
    assert told[:-1] == [f"line {number}" for number in range(len(told) - 1)]  # the last one may have been cut
    samples = server.get(f"/runs/{server.me}/killed/r/rows?source=system&limit=1000")["items"]
    assert len({sample["_timestamp"] for sample in samples}) == len(samples) > 0
    return found


def sync(folder):
    return ("sync", "--no-skip-online", "--no-skip-synced", str(folder))


def test_what_it_left_is_sent(own_server, machine_of):
    server = own_server.start(PLAYHEAD_SILENT_AFTER="2")
    machine = machine_of(server, "machine")
    process = machine.start(KILLED, stdin=True)
    assert process.stdout.readline() == 'TOLD "begun"\n'
    until(lambda: server.run("killed", "r")["step"] == 40, 120)
    samples = f"/runs/{server.me}/killed/r/rows?source=system&limit=1000"
    until(lambda: server.get(samples)["items"], 120)
    before = whole(server, 40)
    process.stdin.write("\n")
    process.stdin.flush()
    machine.wait(process, code=-signal.SIGKILL)
    [folder] = (machine.work / "wandb").glob("run-*-r")
    kept = sum(isinstance(event, Row) for event in read(folder / "run-r.wandb").events())
    assert kept > 40
    until(lambda: server.run("killed", "r")["state"] == "crashed", 120)

    server.stop(signal.SIGKILL)  # whatever a server remembers of the training is gone
    server.start(PLAYHEAD_SILENT_AFTER="2")
    machine.wandb(*sync(folder))
    sent = whole(server, kept)
    assert sent[:40] == before
    assert server.run("killed", "r")["state"] == "failed"
    machine.wandb(*sync(folder))
    assert whole(server, kept) == sent
    both = [machine.command(*sync(folder)) for _ in range(2)]
    ended = [machine.wait(one, code=None) for one in both]
    assert any(one.code == 0 for one in ended), ended
    assert whole(server, kept) == sent


def test_files_that_begin_alike(own_server, machine_of):
    """The same script twice, and neither was online: they are two trainings all the same."""
    server = own_server.start(PLAYHEAD_SILENT_AFTER="2")
    machine = machine_of(server, "machine")
    for count in (5, 3):
        machine.train(
            f"""
            import wandb
            with wandb.init(project="killed", id="alike", mode="offline", config={{"lr": 1}}) as run:
                for step in range({count}):
                    run.log({{"loss": step}})
            """,
            WANDB_MODE="offline",
        )
        time.sleep(1.1)  # the second in the folder's name
    first, second = sorted((machine.work / "wandb").glob("offline-run-*-alike"))
    for folder, count, segments in ((first, 5, 1), (first, 5, 1), (second, 3, 2), (second, 3, 2)):
        machine.wandb(*sync(folder))
        assert [step for step, *_ in rows(server, "alike")] == list(range(count))
        assert len(server.get(f"/runs/{server.me}/killed/alike/segments")) == segments
        assert server.run("killed", "alike")["config"] == {"lr": 1}


RESUMED = """
    import os, signal
    import wandb

    settings = wandb.Settings(x_file_stream_transmit_interval=0.1, x_stats_sampling_interval=0.2)
    run = wandb.init(project="killed", id="resumed", resume="allow", settings=settings)
    assert run.starting_step == {begin}
    for step in range({begin}, {begin} + 20):
        run.log({{"loss": step * 0.5}})
        print("line", step)
    if {begin}:
        tell("logged")
        input()
        for step in range({begin} + 20, {begin} + 900):
            run.log({{"loss": step * 0.5}})
            print("line", step)
        run.config["later"] = 1
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_resumed_one_left_is_sent(own_server, machine_of):
    server = own_server.start(PLAYHEAD_SILENT_AFTER="2")
    machine = machine_of(server, "machine")
    machine.train(RESUMED.format(begin=0))
    process = machine.start(RESUMED.format(begin=20), stdin=True)
    assert 'TOLD "logged"\n' in process.stdout
    until(lambda: server.run("killed", "resumed")["step"] == 40, 120)
    process.stdin.write("\n")
    process.stdin.flush()
    machine.wait(process, code=-signal.SIGKILL)
    folder = max((machine.work / "wandb").glob("run-*-resumed"), key=lambda folder: folder.stat().st_ctime)
    kept = [event.step for event in read(folder / "run-resumed.wandb").events() if isinstance(event, Row)]
    assert kept[0] == 20
    assert len(kept) > 20
    until(lambda: server.run("killed", "resumed")["state"] == "crashed", 120)
    server.stop(signal.SIGKILL)
    server.start(PLAYHEAD_SILENT_AFTER="2")
    for _ in range(2):
        machine.wandb(*sync(folder))
        found = rows(server, "resumed")
        assert [(step, loss) for step, loss, _ in found] == [(step, step * 0.5) for step in range(20 + len(kept))]
        lines = server.get(f"/runs/{server.me}/killed/resumed/console?limit=1000")["items"]
        told = [line["text"] for line in lines if line["text"].startswith("line")]
        assert told[:-1] == [f"line {number}" for number in range(len(told) - 1)]
        (segment,) = server.get(f"/runs/{server.me}/killed/resumed/segments")
        assert len(segment["sessions"]) == 2
