"""Children of the training: none can harm the parent's run, each can have its own."""

import pytest

FORKS = {
    "falls off the end": "",
    "logs": "playhead.log({'child': 1})\nrun.log({'child': 1}, step=99)",
    "logs an image": "run.log({'image': playhead.Image([[0.5]])})",
    "prints": "print('from the child')\nsys.stderr.write('child, too')",
    "sets things": "run.name = 'child'\nrun.config.child = 1\nrun.summary['child'] = 1\nplayhead.config.update({'child': 2})",
    "finishes": "run.finish(exit_code=9)\nplayhead.finish()\nrun.log({'child': 1})",
    "exits": "sys.exit(3)",
    "exits at once": "os._exit(3)",
    "fails": "raise ValueError('in the child')",
    "leaves a with": "with run:\n        raise ValueError('in the child')",
}


@pytest.mark.parametrize("child", FORKS.values(), ids=FORKS.keys())
def test_a_forked_child_does_no_harm(place, child):
    body = "\n".join("    " + line for line in (child or "pass").split("\n"))
    status, _, err = place.train(
        f"""
import os, sys, playhead
run = playhead.init(project="p", name="parent")
run.log({{"parent": 1}})
if not (pid := os.fork()):
{body}
    sys.exit()
os.waitpid(pid, 0)
run.log({{"parent": 2}})
print("from the parent")
"""
    )
    assert status == 0, err
    journal = place.journal()
    assert journal.rows == [(0, {"parent": 1}), (1, {"parent": 2})]
    assert journal.exit_code == 0
    assert journal.console == ["from the parent"]
    assert journal.start["name"] == "parent"
    assert not journal.of("meta") + journal.of("config") + journal.of("summary")
    assert journal.damaged == 0
    assert not list((place.runs[0] / "files").iterdir())


def test_the_child_can_read_its_config(place):
    out = place.train_well(
        """
import os, playhead
playhead.init(config={"lr": 0.1})
if not os.fork():
    print(playhead.config.lr, playhead.run.name != "", playhead.run.step, flush=True)
    playhead.log({"a": 1})
    playhead.log({"a": 1})
    os._exit(0)
os.wait()
"""
    )
    assert out == "0.1 True 0\n"


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_child_of_multiprocessing_can_have_its_own_run(place, method):
    _, out, _ = place.train(
        f"""
import multiprocessing, sys
import playhead

def work(name):
    run = playhead.init(project="p", name=name, group="g")
    playhead.log({{"child": 1}})
    print("hello from", name)
    if name == "fails":
        raise ValueError("a mistake")
    if name == "exits":
        sys.exit(4)

if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    run = playhead.init(project="p", name="parent")
    run.log({{"parent": 1}})
    children = [context.Process(target=work, args=(name,)) for name in ("good", "fails", "exits")]
    for child in children:
        child.start()
    for child in children:
        child.join()
    run.log({{"parent": 2}})
    print([child.exitcode for child in children])
"""
    )
    assert "[0, 1, 4]" in out
    journals = {journal.start["name"]: journal for journal in place.journals()}
    assert {name: journal.exit_code for name, journal in journals.items()} == {
        "parent": 0,
        "good": 0,
        "fails": 1,
        "exits": 4,
    }
    assert journals["parent"].rows == [(0, {"parent": 1}), (1, {"parent": 2})]
    assert all(journals[name].rows == [(0, {"child": 1})] for name in ("good", "fails", "exits"))
    assert "hello from good" in journals["good"].console
    assert "ValueError: a mistake" in journals["fails"].console


def test_a_spawned_child_without_a_run_is_told_so(place):
    status, _, err = place.train(
        """
import multiprocessing, playhead

def work():
    playhead.log({"a": 1})

if __name__ == "__main__":
    run = playhead.init()
    child = multiprocessing.get_context("spawn").Process(target=work)
    child.start()
    child.join()
    assert child.exitcode == 1
"""
    )
    assert status == 0, err
    assert "call playhead.init() before playhead.log()" in err
    assert place.journal().exit_code == 0


def test_a_forked_pool_logs_through_its_parent(place):
    place.train_well(
        """
import multiprocessing, playhead

def work(i):
    print("working on", i)
    return i * i

if __name__ == "__main__":
    with playhead.init() as run, multiprocessing.get_context("fork").Pool(2) as pool:
        for square in pool.map(work, range(5)):
            run.log({"square": square})
"""
    )
    assert [row["square"] for _, row in place.journal().rows] == [0, 1, 4, 9, 16]
    assert place.journal().exit_code == 0


def test_a_fork_while_threads_log(place):
    """Unbuffered: several threads that write to one buffered stream can corrupt the memory of CPython before 3.12.4 (its issue 119506)."""
    status, _, err = place.train(
        """
import os, threading, playhead
run = playhead.init()
stop = threading.Event()

def work(n):
    i = 0
    while not stop.is_set() and i < 5000:
        run.log({f"t{n}": i})
        print("line", n, i)
        i += 1

threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
for thread in threads:
    thread.start()
for _ in range(20):
    if not (pid := os.fork()):
        run.log({"child": 1})
        os._exit(0)
    os.waitpid(pid, 0)
stop.set()
for thread in threads:
    thread.join()
""",
        command=("-u",),
    )
    assert status == 0, err
    journal = place.journal()
    assert journal.damaged == 0
    assert not [row for _, row in journal.rows if "child" in row]
    assert [step for step, _ in journal.rows] == list(range(len(journal.rows)))


def test_subprocesses_do_not_hold_the_run(place):
    place.train_well(
        "import playhead, subprocess, sys\nrun = playhead.init()\n"
        "subprocess.run([sys.executable, '-c', 'print(1)'], check=True)\nrun.log({'a': 1})"
    )
    assert place.journal().exit_code == 0
