"""1,000 runs at work at once, each logging one row of 20 metrics a second, and somebody who looks at them on the page.

Targets: the server under one core, 3 s from a row to the screen, the next frame within 50 ms of a letter.

    python -m benchmarks crowd
"""

from __future__ import annotations

import asyncio
import re
import shutil
import statistics
import threading
import time

from playwright.sync_api import Page

from benchmarks.harness import local_server, scratch, table
from benchmarks.ingest import STREAMS, Beating, told_by
from benchmarks.page import WHOLE, looker, typed
from playhead.client.server import Server

METRICS = 20
SECONDS = 45
LOOKS = 20
_LABEL = "() => document.querySelector('.chart .chart-body')?.getAttribute('aria-label') ?? ''"


def main() -> None:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        print("  left out: there is no Chromium here")
        return
    with scratch() as folder, local_server(folder) as url:
        _, key, pid = told_by(folder)
        project = f"{url}/{Server.at(url, key).viewer().entity}/bench"
        beating = Beating(url, key, folder, columns=METRICS, seconds=SECONDS)
        figures: dict[str, float] = {}
        trainings = threading.Thread(target=lambda: figures.update(asyncio.run(beating.all(pid))))
        trainings.start()
        beating.begun.wait()
        with looker(browser, url, key) as page:
            begun = time.perf_counter()
            page.goto(project)
            page.wait_for_function(WHOLE, timeout=60_000)
            first = time.perf_counter() - begun
            page.wait_for_timeout(3_000)
            letters = typed(page, LOOKS, "n123")
            last = f"r-n{STREAMS - 1}"
            page.goto(f"{project}?runs=none&show={last}")
            page.wait_for_function(WHOLE, timeout=60_000)
            lags = [lag(page, beating) for _ in range(LOOKS)]
        trainings.join()
    table(
        (f"{STREAMS} runs at once, a row of {METRICS} metrics a second each, and the page", "value", "target"),
        [
            ("cores that the server uses", figures["cores"], 1),
            ("rows a second", figures["rate"], STREAMS),
            ("stretches a second", figures["bodies"], ""),
            ("from a row to the answer that it is stored, median s", figures["late"], ""),
            ("from a row to the answer that it is stored, 99 % s", figures["latest"], ""),
            ("first view of the project, s", first, ""),
            ("a letter in the filter to the next frame, median ms", statistics.median(letters), 50),
            ("a letter in the filter to the next frame, worst ms", max(letters), ""),
            ("oldest row that is not on the screen, median s", statistics.median(lags), 3),
            ("oldest row that is not on the screen, worst s", max(lags), 3),
        ],
    )


def lag(page: Page, beating: Beating) -> float:
    """Seconds that the oldest row of the run that is looked at has waited to be drawn; what there was before counts as drawn."""
    page.wait_for_timeout(700)
    points = int(re.sub(r"\D", "", re.search(r"([\d,]+) points?", str(page.evaluate(_LABEL)))[1]))  # type: ignore[index]
    drawn = points - 1  # the first row opened the stream
    now = time.perf_counter()
    return max(0.0, now - beating.logged[drawn]) if drawn < len(beating.logged) else 0.0


if __name__ == "__main__":
    main()
