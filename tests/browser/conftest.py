"""A real server with the built page, trainings in processes of their own, and Chromium to look at it all."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from a_server import Server, bare
from playhead.server.page import FOLDER

HERE = Path(__file__).parent
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGS = (
    "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync"
).split()


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def launch():
    """Start Chromium, with more arguments if there are any."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(
            "There is NO CHROMIUM here, so nobody looked at the page. On Debian, as root: apt-get install chromium-headless-shell"
        )
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415 not needed where there is no browser

    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        yield lambda *more: playwright.chromium.launch(executable_path=path, args=[*ARGS, *more])


@pytest.fixture(scope="session")
def chromium(launch):
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def server(chromium, tmp_path_factory):
    if not (FOLDER / "index.html").is_file():
        pytest.fail("The page is not built: run `make page`")
    server = Server(tmp_path_factory.mktemp("server")).start()
    yield server
    server.stop()


def environment(server):
    """Of a training that records on it."""
    return {**bare(server.folder), "PLAYHEAD_BASE_URL": server.url, "PLAYHEAD_API_KEY": server.key}


class Training:
    """A process that records a run, a command at a time."""

    def __init__(self, server, folder, **init):
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "training.py"), json.dumps(init)],
            cwd=folder, env=environment(server), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.path = self._answer()

    def __call__(self, verb, *values):
        """`log` rows, `print` or `warn` lines, `image` key step: done when this returns."""
        self.process.stdin.write(json.dumps([verb, *values]) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self):
        for line in self.process.stdout:  # what it prints for its run's console passes by here, too
            if line.startswith("done "):
                return line.removeprefix("done ").strip()
        raise RuntimeError(f"The training ended with code {self.process.wait()}")

    def finish(self):
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.stdout.close()
        assert self.process.wait(60) == 0

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture(scope="session")
def _train_in(server):
    running = []

    def train(folder, **init):
        training = Training(server, folder, **init)
        running.append(training)
        return training

    yield train
    for training in running:
        if training.process.returncode is None:
            training.kill()


@pytest.fixture(scope="session")
def _train(_train_in, tmp_path_factory):
    return lambda **init: _train_in(tmp_path_factory.mktemp("training"), **init)


@pytest.fixture(scope="session")
def recorded_by(server, tmp_path_factory):
    """Run a script that records a run and prints `done` and the path of its page; the path."""

    def script(code, *arguments):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=tmp_path_factory.mktemp("script"), env=environment(server), text=True, capture_output=True, timeout=300, check=True,
        )  # fmt: skip
        return next(line for line in done.stdout.splitlines() if line.startswith("done ")).removeprefix("done ")

    return script


@pytest.fixture
def train(_train):
    return _train


@pytest.fixture(scope="session")
def digits(_train):
    """Three finished runs of the project `digits`; the paths of their pages, oldest first."""
    paths = []
    for number in range(3):
        training = _train(
            project="digits",
            name=f"calm-river-{number}",
            config={"lr": 0.1 * number, "net": {"depth": 18}},
            tags=["baseline"],
        )
        rows = [
            {"train/loss": 3 / (1 + step / 50) + number / 10, "val/accuracy": 1 - 1 / (1 + step), "epoch": step // 100}
            for step in range(1000)
        ]
        rows[700]["train/loss"] = 9.0  # a spike that every picture must show
        training("log", *rows)
        training("print", "\x1b[31mred\x1b[0m plain \x1b[1mbold\x1b[0m", *[f"line {i}" for i in range(300)])
        training("warn", "careful")
        training("image", "samples", 2)
        training.finish()
        paths.append(training.path)
    return paths


class Looker:
    """A page of the browser, and what it complained about."""

    def __init__(self, context, server):
        self.page = context.new_page()
        self.server = server
        self.errors = []
        self.charts = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("request", self._asked)

    def _heard(self, message):
        # A browser reports every answer beyond 399 as an error; the page's own words for it are tested where they matter.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def _asked(self, request):
        if request.url.endswith("/chart"):
            self.charts.append(json.loads(request.post_data))

    def go(self, path):
        self.page.goto(self.server.url + path)

    def log_in(self, key=None):
        self.page.get_by_label("API key").fill(key or self.server.key)
        self.page.get_by_role("button", name="Log in").click()

    def chart(self, key):
        return self.page.locator(f"[data-key='{key}']")

    def drawn(self, key):
        """How many pixels of the chart are neither empty nor grey: lines and bands."""
        self.chart(key).locator("canvas").wait_for()
        return (
            self.chart(key)
            .locator("canvas")
            .evaluate(
                """canvas => {
              const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              let coloured = 0;
              for (let i = 0; i < data.length; i += 4) {
                const [r, g, b] = [data[i], data[i + 1], data[i + 2]];
                if (data[i + 3] > 20 && Math.max(r, g, b) - Math.min(r, g, b) > 60) coloured += 1;
              }
              return coloured;
            }"""
            )
        )


@pytest.fixture
def look(chromium, server):
    """Open the page: `look()` logged in, at 1400 pixels and light unless told otherwise."""
    contexts, lookers = [], []

    def look(path="/", *, width=1400, scheme="light", logged_in=True):
        context = chromium.new_context(viewport={"width": width, "height": 860}, color_scheme=scheme)
        context.set_default_timeout(60_000)
        looker = Looker(context, server)
        contexts.append(context)
        lookers.append(looker)
        looker.go(path)
        if logged_in:
            looker.log_in()
            looker.page.locator("header.header").wait_for()
        return looker

    yield look
    for context in contexts:
        context.close()
    assert [error for looker in lookers for error in looker.errors] == []
