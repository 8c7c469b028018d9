"""README's example, line for line, by somebody who has set nothing up: on this machine's own server, and on its page."""

import http.cookiejar
import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import playhead

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)[1]


def command(*arguments):
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def _a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(EXAMPLE)
    yield
    subprocess.run(
        [sys.executable, "-m", "playhead.cli", "server", "stop"], capture_output=True, timeout=60, check=False
    )


@pytest.mark.usefixtures("_a_folder")
def test_the_example_arrives():
    assert len(EXAMPLE.splitlines()) == 8
    said = command("train.py").stderr

    api = playhead.Api()
    (run,) = api.runs(f"{api.viewer.entity}/first")
    assert run.state == "finished"
    assert run.config == {"lr": 0.1}
    rows = [(row["_step"], row["train/loss"], row["val/accuracy"]) for row in run.scan_history()]
    assert rows == [(step, 1 / (step + 1), step / 100) for step in range(100)]
    assert [line.text for line in run.console()][-1] == "step 99"
    assert run.summary["best"] == 0.99

    page = command("-m", "playhead.cli", "ui", "--no-browser", "first").stdout
    for link in (re.search(r"https?://\S+", said)[0], re.search(r"https?://\S+", page)[0]):
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        with browser.open(link) as answer:
            assert "token" not in answer.url
        with browser.open(f"{'/'.join(link.split('/')[:3])}/api/v1/viewer") as answer:
            assert json.load(answer)["username"] == api.viewer.username
