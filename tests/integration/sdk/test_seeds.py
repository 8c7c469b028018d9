"""Snippets of W&B's old documentation on resuming, rewinding and `init`, as they stand there, in scripts that `playhead run` starts."""

import pytest

RUN = ["-m", "playhead.cli", "run"]
REWIND = """
import wandb

# 初期化とデータログ
run = wandb.init(project="your_project_name", entity="your_entity_name")
for i in range(1000):
    run.log({"metric": i**2})
run.finish()

# runをステップ500に巻き戻す
rewind_run = wandb.init(
    project="your_project_name",
    entity="your_entity_name",
    resume_from="your_run_name",
    step=500
)

# ステップ500以降の新しいデータをログ
for i in range(500, 1000):
    rewind_run.log({"metric": i*2})
rewind_run.finish()
"""
FORK = """
import wandb

# 特定のステップからrunをフォーク
forked_run = wandb.init(
    project="your_project_name",
    entity="your_entity_name",
    fork_from=f"{rewind_run.id}?_step=500",
)

# 新しいrunでログを続行
for i in range(500, 1000):
    forked_run.log({"metric": i*3})
forked_run.finish()
"""


def metric(server, run):
    return [(row["_step"], row["metric"]) for row in run.scan_history()]


@pytest.mark.parametrize("named_by", ["id", "name"])
def test_rewind_and_fork(online, server, named_by):
    code = (REWIND + FORK).replace("your_entity_name", server.entity).replace("your_project_name", f"rewind-{named_by}")
    code = code.replace('"your_run_name"', f"run.{named_by}")
    online.train_well(code + "print(run.id == rewind_run.id, forked_run.id)", command=RUN)
    runs = {run.id: run for run in server.api.runs(f"{server.entity}/rewind-{named_by}")}
    [forked] = [run for run in runs.values() if run.parent]
    [rewound] = [run for run in runs.values() if not run.parent]
    squares = [(i, i**2) for i in range(501)]
    assert metric(server, rewound) == squares + [(i + 1, i * 2) for i in range(500, 1000)]
    assert metric(server, forked) == squares + [(i + 1, i * 3) for i in range(500, 1000)]
    assert metric(server, rewound.segment(rewound.segments[0].id)) == [(i, i**2) for i in range(1000)]
    assert rewound.summary["metric"] == 1998


STORED_ID = """
import wandb
# store this id to use it later when resuming
id = wandb.util.generate_id()
wandb.init(id=id, resume="allow")
"""
BY_ENVIRONMENT = """
import os, wandb
# or via environment variables
os.environ["WANDB_RESUME"] = "allow"
os.environ["WANDB_RUN_ID"] = wandb.util.generate_id()
wandb.init()
"""


@pytest.mark.parametrize("snippet", [STORED_ID, BY_ENVIRONMENT])
def test_ids(online, snippet):
    out = online.train_well(
        snippet + "wandb.log({'a': 1})\nprint(wandb.run.id, wandb.run.resumed, wandb.run.step)", command=RUN
    )
    run_id, *rest = out.split()
    assert rest == ["False", "1"]
    again = "import wandb\nwandb.init()\nprint(wandb.run.id, wandb.run.resumed, wandb.run.step)"
    out = online.train_well(again, command=RUN, env={"WANDB_RESUME": "must", "WANDB_RUN_ID": run_id})
    assert out.split() == [run_id, "True", "1"]


PREEMPTABLE = """
import sys
import wandb
wandb.init(project="preemptable", resume=True)

if wandb.run.resumed:
    print("restored")

for epoch in range(wandb.run.step, 300):
    wandb.log({"loss": 1 / (epoch + 1)})
    if epoch == 120 and not wandb.run.resumed:
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)
print(wandb.run.id)
"""


def test_preemptable(online, server):
    """The seed's training without Keras; test_keras.py has it with Keras."""
    status, _, _ = online.train(PREEMPTABLE, command=RUN)
    assert status == -9
    said, run_id = online.train_well(PREEMPTABLE, command=RUN).split()
    assert said == "restored"
    run = server.api.run(f"{server.entity}/preemptable/{run_id}")
    assert [(row["_step"], row["loss"]) for row in run.scan_history()] == [(i, 1 / (i + 1)) for i in range(300)]


LOOP = """
import wandb
for x in range(3):
    run = wandb.init(project="runs-from-for-loop", reinit=True)
    for y in range (100):
        wandb.log({"metric": x+y})
    run.finish()
for x in range(3):
    run = wandb.init(project="runs-from-for-loop", reinit=True)
    with run:
        for y in range(100):
            run.log({"metric": x+y})
"""


def test_several_runs_of_one_script(online, server):
    online.train_well(LOOP, command=RUN)
    runs = list(server.api.runs(f"{server.entity}/runs-from-for-loop"))
    assert sorted(row["metric"] for run in runs for row in run.scan_history()) == sorted(
        [x + y for x in range(3) for y in range(100)] * 2
    )


NAMES = """
import wandb
wandb.init(project="p")
run_name = wandb.run.name
assert run_name != wandb.run.id
wandb.run.name = wandb.run.id
wandb.run.save()
print(wandb.run.id)
"""


def test_names(online, server):
    run_id = online.train_well(NAMES, command=RUN).strip()
    assert server.run(run_id, "finished").name == run_id


@pytest.mark.parametrize("method", ["fork", "thread"])
def test_start_methods(online, server, method):
    code = f"import wandb\nwandb.init(project='p', id='start-{method}', settings=wandb.Settings(start_method={method!r})).log({{'a': 1}})"
    online.train_well(code, command=RUN)
    assert server.run(f"start-{method}", "finished").summary["a"] == 1
