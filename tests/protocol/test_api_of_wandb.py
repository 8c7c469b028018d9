"""`wandb.Api()` reads what W&B's own client recorded, and gives files to it."""


def test_a_run_of_wandb(server, machine, entity):
    told = machine.train(
        """
        import math
        import pathlib
        import wandb
        api = wandb.Api()
        api.create_run(project="of-wandb", run_id="w")
        with wandb.init(project="of-wandb", id="w", resume="allow", config={"a": 1, "deep": {"b": math.inf}}, tags=["t"]) as run:
            tell([run.id, run.resumed])
            for step in range(20):
                run.log({"loss": step, "nested": {"x": step}, "odd": math.nan, "text": "s"})
                print("line", step)
            pathlib.Path("notes.txt").write_text("saved")
            run.save("notes.txt")
        run = wandb.Api().run("of-wandb/w")
        tell([run.state, run.config["a"], run.config["deep"]["b"] == math.inf, run.tags, run.lastHistoryStep])
        rows = list(run.scan_history())
        tell([len(rows), rows[3]["loss"], sorted(key for key in rows[3] if not key.startswith("_")), math.isnan(rows[3]["odd"])])
        tell([row["loss"] for row in run.history(keys=["loss"], samples=3, pandas=False)])
        tell([line.content for line in run.console_logs()][-1:])
        tell([run.file("notes.txt").download(root="here").read(), run.metadata["python"] != ""])
        tell([key for key in run.summary.keys() if key in ("loss", "text")])
        run.config["a"] = 2
        run.update()
        tell([wandb.Api().run("of-wandb/w").config["a"], "_wandb" in run.rawconfig])

        pathlib.Path("folder").mkdir()
        pathlib.Path("folder/model.bin").write_bytes(b"1234")
        file = run.upload_file("folder/model.bin")
        tell([file.name, file.size])
        tell(open(run.file("folder/model.bin").download(root="there").name, "rb").read() == b"1234")
        pathlib.Path("folder/model.bin").write_bytes(b"56")
        tell(run.upload_file("folder/model.bin", root="folder").name)
        tell(wandb.Api().run("of-wandb/w").state)
        """
    ).told
    assert told[0] == ["w", False]
    assert told[1] == ["finished", 1, True, ["t"], 19]
    assert told[2][:2] == [20, 3]
    assert told[2][3]
    assert told[3] == [0, 10, 19] or told[3] == [0, 9, 19]
    assert told[4] == ["line 19"]
    assert told[5] == ["saved", True]
    assert sorted(told[6]) == ["loss", "text"]
    assert told[7] == [2, True]
    assert told[8] == ["folder/model.bin", 4]
    assert told[9] is True
    assert told[10] == "model.bin"
    assert told[11] == "finished"
    assert server.run("of-wandb", "w")["config"]["a"] == 2
    assert len(server.get(f"/runs/{entity}/of-wandb/w/segments")) == 1
    names = [file["path"] for file in server.get(f"/runs/{entity}/of-wandb/w/files")["items"]]
    assert {"notes.txt", "folder/model.bin", "model.bin"} <= set(names)
