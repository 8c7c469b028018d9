"""The code of W&B's runs: what the client keeps of it, seen and brought back by ours."""

import subprocess
import sys

SCRIPT = """
    import sys
    import wandb

    settings = wandb.Settings(console_multipart=True, console_chunk_max_bytes=200, x_file_stream_no_gzip=False)
    run = wandb.init(project="code", id="kept", save_code=True, config={"lr": 0.25}, settings=settings)
    for step in range(30):
        run.log({"loss": step})
        print("line", step)
    run.finish()
"""


def git(folder, *arguments):
    options = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *options, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_run_in_a_repository(machine, server, entity):
    work = machine.work
    git(work, "init")
    (work / "model.py").write_text("depth = 1\n")
    (work / ".gitignore").write_text("wandb/\n__pycache__/\n")
    git(work, "add", ".")
    git(work, "commit", "-m", "first")
    git(work, "remote", "add", "origin", "https://token@example.org/ada/model.git")
    commit = git(work, "rev-parse", "HEAD")
    (work / "model.py").write_text("depth = 2\n")
    machine.train(SCRIPT)

    run = server.run("code", "kept")
    assert run["meta"]["git"]["commit"] == commit
    assert "token" not in str(run["meta"])
    files = {file["path"] for file in server.get(f"/runs/{entity}/code/kept/files?limit=1000")["items"]}
    assert {"diff.patch", "code/train.py", "requirements.txt", "wandb-metadata.json"} <= files
    assert any(name.startswith("logs/output_") for name in files)
    assert "output.log" not in files
    lines = server.get(f"/runs/{entity}/code/kept/console?limit=1000")["items"]
    assert [line["text"] for line in lines if line["text"].startswith("line")] == [f"line {n}" for n in range(30)]

    git(work, "checkout", "model.py")
    (work / "train.py").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "playhead.cli", "restore", f"{entity}/code/kept"],
        cwd=work, env=machine.env(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done
    assert (work / "model.py").read_text() == "depth = 2\n"
