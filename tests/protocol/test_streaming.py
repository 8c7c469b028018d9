"""What a real client streams, read back through our own API."""

SCRIPT = """
    import math, os, sys, time
    import numpy as np
    import wandb

    run = wandb.init(project="live", id="kinds", config={"lr": 0.1}, settings=wandb.Settings(x_stats_sampling_interval=0.5))
    print("hello")
    print("\\x1b[31mred\\x1b[0m", file=sys.stderr)
    for step in range(5):
        run.log({
            "loss": float(step), "n": step, "half": 0.5 + step, "flag": True, "text": "txt", "none": None, "nest": {"a": {"b": 1.5}},
            "big": 2**60, "nan": math.nan, "inf": -math.inf, "hist": wandb.Histogram([1, 2, 3]), "list": [1, 2],
            "image": wandb.Image(np.full((4, 4, 3), step * 10, np.uint8), caption=f"c{step}"),
        })
        print("step", step)
        if step == 2:
            print("a", end="\\r"); print("b", end="\\r"); print("last")
    time.sleep(1.5)
    run.summary["best"] = 1.25
    run.summary["loss"] = 99
    with open(os.path.join(run.dir, "note.txt"), "w") as file:
        file.write("hi")
    run.save("note.txt")
    run.finish(exit_code=0)
"""


def test_kinds(machine, server, entity):
    machine.train(SCRIPT)
    run = server.run("live", "kinds")
    assert (run["state"], run["exit_code"], run["step"], run["damaged"]) == ("finished", 0, 5, 0)
    assert run["config"]["lr"] == 0.1
    summary = run["summary"]
    assert (summary["best"], summary["loss"], summary["n"], summary["nest.a.b"]) == (1.25, 99, 4, 1.5)
    path = f"/runs/{entity}/live/kinds"
    rows = server.get(f"{path}/rows")["items"]
    assert [row["_step"] for row in rows] == list(range(5))
    assert [row["half"] for row in rows] == [0.5, 1.5, 2.5, 3.5, 4.5]
    assert rows[3]["big"] == 2**60
    assert rows[3]["flag"] is True
    assert (rows[3]["text"], rows[3]["none"], rows[3]["list"]) == ("txt", None, [1, 2])
    assert rows[3]["hist"]["_type"] == "histogram"
    system = server.get(f"{path}/rows?source=system")["items"]
    assert {"memory", "memory.process", "disk.used"} <= system[0].keys()
    lines = server.get(f"{path}/console")["items"]
    assert [line["text"] for line in lines if not line["text"].startswith("wandb:")] == [
        "hello", "\x1b[31mred\x1b[0m", "step 0", "step 1", "step 2", "last", "step 3", "step 4",
    ]  # fmt: skip
    assert lines[1]["stream"] == "stderr"
    files = {file["path"] for file in server.get(f"{path}/files")["items"]}
    assert files == {
        "wandb-metadata.json",
        "requirements.txt",
        "output.log",
        "config.yaml",
        "note.txt",
        "wandb-summary.json",
    }
    pictures = server.get(f"{path}/media?key=image")["items"]
    assert [(one["step"], one["items"][0]["caption"], one["items"][0]["state"]) for one in pictures] == [
        (step, f"c{step}", "there") for step in range(5)
    ]
