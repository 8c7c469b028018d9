"""Several processes: writing to one run together, and as runs of one group."""

import collections
import random
import time

import pytest

from playhead.domain.ids import generate_id

SPREAD = """
import multiprocessing, os, sys, time
import playhead

def work(rank, run_id, how, all_there):
    run = playhead.init(project="p", **how(rank, run_id))
    all_there.wait(30)
    for i in range(100):
        run.log({"loss": i, f"only-{rank}": rank})
    print(f"line of {rank}")
    run.finish()

def shared(rank, run_id):
    return {"id": run_id, "mode": "shared", "settings": {"label": f"rank-{rank}"}}

def grouped(rank, run_id):
    return {"group": run_id, "job_type": "worker", "name": f"worker-{rank}"}

if __name__ == "__main__":
    method, run_id, how, count = sys.argv[1], sys.argv[2], {"shared": shared, "grouped": grouped}[sys.argv[3]], int(sys.argv[4])
    context = multiprocessing.get_context(method)
    all_there = context.Barrier(count)
    processes = [context.Process(target=work, args=(rank, run_id, how, all_there)) for rank in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    sys.exit(max(process.exitcode for process in processes))
"""
METHODS = ["fork", "spawn", "forkserver"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [2, 4])
def test_one_run_of_several_processes(online, server, method, count):
    run_id = f"m-{generate_id()}"
    online.train_well(SPREAD, method, run_id, "shared", str(count))
    run = server.run(run_id, "finished")
    assert sorted(run.labels) == [f"rank-{rank}" for rank in range(count)]
    for rank in range(count):
        rows = list(run.scan_history(keys=[f"only-{rank}"]))
        assert [(row["_step"], row[f"only-{rank}"]) for row in rows] == [(i, rank) for i in range(100)]
        assert [line.text for line in run.console(label=f"rank-{rank}")] == [f"line of {rank}"]
        assert run.system_metrics(label=f"rank-{rank}")
    rows = list(run.scan_history(keys=["loss"]))
    assert collections.Counter(row["_step"] for row in rows) == dict.fromkeys(range(100), count)
    assert all(row["loss"] == row["_step"] for row in rows)
    order = [(row["_step"], row["_timestamp"]) for row in rows]
    assert order == sorted(order)
    assert len(run.segments) == 1


@pytest.mark.parametrize("method", METHODS)
def test_a_group_of_runs(online, server, method):
    group = f"g-{generate_id()}"
    online.train_well(SPREAD, method, group, "grouped", "3")
    runs = server.api.runs(f"{server.entity}/p", group=group)
    server.wait(lambda: all(run.reload().state == "finished" for run in runs))
    assert sorted(run.name for run in runs) == [f"worker-{rank}" for rank in range(3)]
    for run in runs:
        assert (run.group, run.job_type) == (group, "worker")
        assert [row["loss"] for row in run.scan_history()] == list(range(100))


JOIN = """
run = playhead.init(project="p", id=sys.argv[1], mode="shared", settings={"label": sys.argv[2]})
say(step=run.step, name=run.name, resumed=run.resumed)
run.log({"a": sys.argv[2]})
"""


def test_its_name_is_that_of_the_first_writer(online, server):
    run_id = f"m-{generate_id()}"
    first = online.start(
        "import playhead, sys\nrun = playhead.init(project='p', id=sys.argv[1], mode='shared', notes='n', settings={'label': 'a'})\nprint(run.name, flush=True)\nsys.stdin.read()",
        run_id,
        stdin=-1,
    )
    name = first.stdout.readline().strip()
    told = online.ask(JOIN, run_id, "b")
    assert (told["name"], told["step"]) == (name, 0)
    assert server.run(run_id, "running").name == name
    first.communicate("", timeout=60)
    run = server.run(run_id, "finished")
    assert (run.name, run.notes) == (name, "n")


def test_it_is_gone_on_with_together(online, server):
    run_id = f"m-{generate_id()}"
    online.train_well(SPREAD, "spawn", run_id, "shared", "2")
    server.run(run_id, "finished")
    told = online.ask(JOIN, run_id, "rank-0")
    assert (told["step"], told["resumed"]) == (100, True)
    alone = online.ask(
        f"run = playhead.init(project='p', id={run_id!r}, resume='must')\nsay(step=run.step)\nrun.log({{'a': 'alone'}})"
    )
    assert alone["step"] == 101
    assert server.history(run_id) == [(100, "rank-0"), (101, "alone")]


def test_without_an_id_nobody_would_meet(online):
    told = online.ask("playhead.init(project='p', mode='shared')", status=1)
    assert "needs the id that all its writers have" in told["err"]


def test_who_does_not_share_is_refused(online, server):
    run_id = f"m-{generate_id()}"
    first = online.start(
        "import playhead, sys\nplayhead.init(project='p', id=sys.argv[1], mode='shared').log({'a': 1})\nprint('x', flush=True)\nsys.stdin.read()",
        run_id,
        stdin=-1,
    )
    first.stdout.readline()
    told = online.ask(f"playhead.init(project='p', id={run_id!r}, resume='allow')", status=1)
    assert "LeaseError" in told["err"]
    first.communicate("", timeout=60)


def test_the_label_of_a_launcher(online, server):
    run_id = f"m-{generate_id()}"
    code = f"playhead.init(project='p', id={run_id!r}, mode='shared').log({{'a': 1}})"
    for variable in ("RANK", "SLURM_PROCID"):
        online.ask(code, env={variable: "3"})
    assert server.run(run_id, "finished").labels == ["rank-3"]


WRITER = """
import os, sys, playhead
run_id, label, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
returned = os.open(label, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
run = playhead.init(project="p", id=run_id, mode="shared", settings={"label": label})
done = len(open(label).read().split())
for i in range(done, count):
    run.log({label: i})
    os.write(returned, b"%d\\n" % i)
"""


def test_writers_that_are_killed_and_started_again(online, server):
    """Every row whose log() returned is there once; one that was written and did not return may be there as well."""
    run_id, writers, count = f"m-{generate_id()}", 8, 1500
    chance = random.Random(8)

    def start(label):
        return online.start(WRITER, run_id, label, str(count))

    running = {f"w{number}": start(f"w{number}") for number in range(writers)}
    kills, end = 0, time.monotonic() + 60
    while running:
        assert time.monotonic() < end
        time.sleep(0.2)
        for label, process in list(running.items()):
            if process.poll() is not None:
                if process.returncode == 0:
                    del running[label]
                    continue
                assert process.returncode == -9, process.communicate()[1]
                running[label] = start(label)
            elif kills < 12 and chance.random() < 0.2:
                process.kill()
                process.wait()
                kills += 1
    assert kills
    run = server.api.run(f"{server.entity}/p/{run_id}")
    for number in range(writers):
        label = f"w{number}"
        server.wait(lambda label=label: len({row[label] for row in run.scan_history(keys=[label])}) == count)
        returned = [int(line) for line in (online.folder / label).read_text().split()]
        stored = collections.Counter(row[label] for row in run.scan_history(keys=[label]))
        assert sorted(stored) == list(range(count)) == returned
        assert sum(stored.values()) - count <= kills  # a row may have been written by a call that did not return
