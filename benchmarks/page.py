"""The page in a browser on a real server: the first view of a large project, a chart of many points, typing and pointing.

Target: first view of 1,000 runs and 100 charts 1 s; a chart of 100 runs of 100,000 points 150 ms from request to drawn; the next frame
within 50 ms while typing over 10,000 runs and moving over 20 charts; 2 s from `log()` to the screen; 150 KB of JavaScript.

    python -m benchmarks page        (SHARE=0.1 for a tenth of the runs and points)
"""

from __future__ import annotations

import gzip
import math
import os
import re
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

import playhead
from benchmarks.harness import local_server, scratch, table
from playhead.client.local import local_key
from playhead.client.server import Server
from playhead.domain.ids import generate_id
from playhead.journal import format as f
from playhead.journal.writer import Writer
from playhead.server.page import FOLDER

SHARE = float(os.environ.get("SHARE", "1"))
ARGS = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking".split()
FRAME = """
() => new Promise(done => {
  const begun = performance.now();
  %s
  requestAnimationFrame(() => { const port = new MessageChannel(); port.port1.onmessage = () => done(performance.now() - begun); port.port2.postMessage(0); });
})"""
"""Milliseconds from a deed to when the frame after it is painted."""
WHOLE = """
() => {
  const cards = [...document.querySelectorAll('.chart')].filter(card => {
    const box = card.querySelector('.chart-body').getBoundingClientRect();
    return box.top < innerHeight && box.bottom > 0;
  });
  return document.querySelector('[data-run]') && cards.length > 3 && cards.every(card => card.querySelector('canvas'));
}"""
"""Whether the list and all charts in the window are drawn."""
DRAWN = """
() => [...document.querySelectorAll('.chart canvas')].filter(canvas => {
  const box = canvas.getBoundingClientRect();
  return box.top < innerHeight && box.bottom > 0;
}).length"""


def main() -> None:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        print("  left out: there is no Chromium here")
        return
    scripts = {path.name: len(gzip.compress(path.read_bytes(), 9)) / 1e3 for path in FOLDER.rglob("*.js")}
    first = re.findall(r'"/assets/([^"]+\.js)"', (FOLDER / "index.html").read_text())
    viewers = sum(size for name, size in scripts.items() if name not in first)
    rows = [
        ("first view", sum(scripts[name] for name in first), 150),
        ("viewers of media, when there are some", viewers, None),
    ]
    table(("JavaScript, compressed", "KB", "target"), rows)
    with scratch() as folder, local_server(folder) as url:
        key = local_key(folder / ".local" / "share" / "playhead")
        server = Server.at(url, key)
        home = f"{url}/{server.viewer().entity}"
        many, long, wide = int(1_000 * SHARE), int(100_000 * SHARE), int(10_000 * SHARE)
        print(f"  recording {many:,} runs of 100 metrics, 100 runs of {long:,} rows, {wide:,} runs …", flush=True)
        for number in range(many):
            send(server, folder, "many", number, 50, 100)
        for number in range(100):
            send(server, folder, "long", number, long, 1)
        for number in range(wide):
            send(server, folder, "wide", number, 1, 1)
        time.sleep(10)  # the segments are settled by then
        with looker(browser, url, key) as page:
            rows = [
                ("first view of many runs and 100 charts", median(7, lambda: first_view(page, f"{home}/many")), 1_000),
                (f"a chart of 100 runs × {long:,}, request to drawn", chart(page, f"{home}/long?runs=all"), 150),
                (f"typing over {wide:,} runs, to the next frame", typing(page, f"{home}/wide?runs=none"), 50),
                ("  the same in their table", typing(page, f"{home}/wide/table?runs=none"), 50),
                ("moving over 20 charts, to the next frame", pointing(page, f"{home}/many"), 50),
                ("from log() to the point on the screen", live(page, folder, home, url, key), 2_000),
            ]
        table(
            ("in Chromium without a GPU", "ms, median", "ms, worst of ten", "target"),
            [(what, *took, goal) for what, took, goal in rows],
        )


def send(server: Server, folder: Path, project: str, number: int, rows: int, keys: int) -> None:
    """A run, as an ended training would have sent it."""
    header = f.Header(
        generate_id(16), f"{project}-{number}", generate_id(16), "main", project, None, time.time_ns() // 1000
    )
    path = folder / "journal"
    writer = Writer(path, header)
    config = {"lr": 0.1 / (number + 1), "seed": number, "net": {"depth": 18 + number % 3}}
    writer.record(f.START, 0, {"name": f"{('calm', 'brisk', 'quiet')[number % 3]}-river-{number}", "config": config})
    for step in range(rows):
        value = 1 / (1 + step) + math.sin(step / 50 + number) / 10
        writer.row(step, {f"part{metric % 5}/m{metric}": value for metric in range(keys)})
    writer.record(f.EXIT, rows, {"code": 0})
    writer.close()
    data, offset = path.read_bytes(), 0
    while offset < len(data):
        offset = server.append(header.stream, offset, data[offset : offset + (8 << 20)]).offset
    path.unlink()


@contextmanager
def looker(browser: str, url: str, key: str) -> Iterator[Page]:
    """A page of the browser, logged in."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=ARGS)
        context = chromium.new_context(viewport={"width": 1400, "height": 900})
        context.request.post(f"{url}/api/v1/session", data={"key": key})
        yield context.new_page()
        chromium.close()


def median(times: int, work: Callable[[], float]) -> tuple[float, float]:
    """The median and the worst."""
    work()
    taken = [work() for _ in range(times)]
    return statistics.median(taken), max(taken)


def first_view(page: Page, address: str) -> float:
    """Milliseconds until the list and all charts in the window are drawn."""
    page.goto("about:blank")
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(WHOLE, polling="raf", timeout=60_000)
    return (time.perf_counter() - begun) * 1e3


def chart(page: Page, address: str) -> tuple[float, float]:
    """From the request for another range, which shows all, to the drawing of its answer: as the page itself takes it."""
    page.goto(address)
    page.wait_for_function(f"() => ({DRAWN})() >= 1", timeout=60_000)
    page.evaluate(_WATCH)
    kinds = ("Relative", "Step", "Wall time", "Step")
    taken = []
    for turn in range(12):
        page.evaluate("() => { window.drawnAfter = null; }")
        page.get_by_role("button", name=kinds[turn % len(kinds)], exact=True).click()
        page.wait_for_function("() => window.drawnAfter !== null", polling="raf", timeout=60_000)
        if kinds[turn % len(kinds)] == "Step":
            taken.append(float(page.evaluate("window.drawnAfter")))
    return statistics.median(taken), max(taken)


_WATCH = """
() => {
  let asked = 0;
  const fetched = window.fetch;
  window.fetch = (...given) => { if (String(given[0]).endsWith('/chart')) asked = performance.now(); return fetched(...given); };
  const stroke = CanvasRenderingContext2D.prototype.stroke;
  let last = 0;
  CanvasRenderingContext2D.prototype.stroke = function (...given) {
    stroke.apply(this, given);
    const now = performance.now();
    last = now;
    if (asked) queueMicrotask(() => { if (last === now && asked) { window.drawnAfter = now - asked; } });
  };
}"""


def typing(page: Page, address: str) -> tuple[float, float]:
    """A letter more or less in the field that finds runs."""
    page.goto(address)
    page.wait_for_function("() => document.querySelector('[data-run]')", timeout=60_000)
    page.wait_for_timeout(8_000)  # all pages of the list are there
    letters = typed(page, 11)[1:]
    return statistics.median(letters), max(letters)


def typed(page: Page, times: int, text: str = "river-12") -> list[float]:
    """Milliseconds to the next frame, a letter of `text` after another."""
    deed = f"""
      const field = document.querySelector("input[aria-keyshortcuts='/']");
      field.value = field.value.length > {len(text) - 2} ? '' : '{text}'.slice(0, field.value.length + 1);
      field.dispatchEvent(new Event('input', {{ bubbles: true }}));"""
    return [float(page.evaluate(FRAME % deed)) for _ in range(times)]


def live(page: Page, folder: Path, home: str, url: str, key: str) -> tuple[float, float]:
    """A training logs a row while somebody looks."""
    os.environ |= {"PLAYHEAD_BASE_URL": url, "PLAYHEAD_API_KEY": key, "PLAYHEAD_SILENT": "true"}
    with playhead.init(project="live", dir=folder) as run:
        run.log({"loss": 1.0})
        page.goto(f"{home}/live/runs/{run.id}")
        taken = []
        for number in range(2, 13):
            page.wait_for_timeout(700)
            begun = time.perf_counter()
            run.log({"loss": 1.0 / number})
            page.locator(f"[aria-label^='loss:'][aria-label*=' {number} points']").wait_for(timeout=60_000)
            taken.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(taken), max(taken)


def pointing(page: Page, address: str) -> tuple[float, float]:
    """The pointer a little further in a chart, with twenty charts that show the crosshair."""
    page.set_viewport_size({"width": 1400, "height": 2600})
    page.goto(address)
    page.wait_for_function(f"() => ({DRAWN})() >= 20", timeout=60_000)
    page.wait_for_timeout(1_000)
    deed = """
      const over = document.querySelector('.chart .u-over');
      const box = over.getBoundingClientRect();
      window.turn = (window.turn ?? 0) + 1;
      const at = { clientX: box.left + (window.turn * 37) % box.width, clientY: box.top + 60, bubbles: true };
      over.dispatchEvent(new MouseEvent('mouseenter', at));
      over.dispatchEvent(new MouseEvent('mousemove', at));"""
    return frames(page, deed)


def frames(page: Page, deed: str) -> tuple[float, float]:
    measure: Callable[[], Any] = lambda: page.evaluate(FRAME % deed)  # noqa: E731 one expression
    return median(10, measure)
