"""What the client streams before and behind a resume, a rewind and a fork."""

SCRIPT = """
    import time
    import wandb

    def train(first, last, word, **more):
        settings = wandb.Settings(x_stats_sampling_interval=0.1)
        run = wandb.init(project="segments", settings=settings, **more)
        for step in range(first, last):
            run.log({"loss": step * scale})
            print(word, step)
            time.sleep(0.02)
        run.summary["by-hand"] = word
        run.finish()

    scale = 1
    train(0, 6, "first", id="r")
    train(6, 9, "again", id="r", resume="must")
    scale = 10
    train(4, 7, "rewound", resume_from="r?_step=3")
    scale = 100
    train(2, 4, "forked", id="f", fork_from="r?_step=1")
"""


def test_each_segment_has_its_own(machine, server, entity):
    machine.train(SCRIPT)
    path = f"/runs/{entity}/segments/r"
    rows = server.get(f"{path}/rows")["items"]
    assert [(row["_step"], row["loss"]) for row in rows] == [
        (0, 0), (1, 1), (2, 2), (3, 3), (4, 40), (5, 50), (6, 60),
    ]  # fmt: skip
    run = server.run("segments", "r")
    assert (run["state"], run["step"], run["damaged"]) == ("finished", 7, 0)
    assert (run["summary"]["loss"], run["summary"]["by-hand"]) == (60, "rewound")
    lines = [line["text"] for line in server.get(f"{path}/console")["items"] if not line["text"].startswith("wandb")]
    assert lines == ["first 0", "first 1", "first 2", "rewound 4", "rewound 5", "rewound 6"]
    assert server.get(f"{path}/rows?source=system")["items"]

    old = next(one for one in server.get(f"{path}/segments") if one["archived"])["id"]
    rows = server.get(f"{path}/rows?segment={old}")["items"]
    assert [(row["_step"], row["loss"]) for row in rows] == [(step, step) for step in range(9)]
    lines = [line["text"] for line in server.get(f"{path}/console?segment={old}")["items"]]
    assert [line for line in lines if not line.startswith("wandb")] == [
        *(f"first {step}" for step in range(6)), *(f"again {step}" for step in range(6, 9)),
    ]  # fmt: skip
    fork = f"/runs/{entity}/segments/f"
    assert [row["loss"] for row in server.get(f"{fork}/rows")["items"]] == [0, 1, 200, 300]
    assert server.run("segments", "f")["summary"]["by-hand"] == "forked"
