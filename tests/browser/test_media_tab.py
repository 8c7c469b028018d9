"""The tab of media: what a run logged beside numbers, scrubbed together, with nothing of it running."""

import re

import pytest
from playwright.sync_api import expect

PAYLOAD = "<img src=x onerror=window.owned=1>"
SCRIPT = """
import sys
import numpy as np
import playhead

rng = np.random.default_rng(0)
run = playhead.init(project="media", name="tab")
table = playhead.Table(columns=["id", "image", "<b>text</b>"])
for number in range(60):
    table.add_data(number, playhead.Image(rng.random((8, 8))), sys.argv[1] if number == 0 else f"row {number}")
for step in range(5):
    run.log({
        "sample": playhead.Image(rng.random((16, 16, 3)), caption=f"image of {step}"),
        "weights": playhead.Histogram(rng.normal(step, 1, 1000)),
    })
run.log({"guesses": table, "report": playhead.Html(
    "<p id=words>words</p><script>document.getElementById('words').textContent = 'ran';"
    "try { parent.owned = 1 } catch (error) { document.getElementById('words').textContent += ' alone' }</script>")})
print("done", f"/{run.entity}/media/runs/{run.id}")
run.finish()
"""


@pytest.fixture(scope="session")
def logged(recorded_by):
    return recorded_by(SCRIPT, PAYLOAD) + "/media"


def panel(seen, key):
    return seen.page.locator(f"[data-media='{key}']")


def test_everything_is_shown_and_scrubbed_together(look, logged):
    seen = look(logged)
    expect(panel(seen, "sample").get_by_role("img", name="image of 4").first).to_be_visible()
    expect(panel(seen, "weights").locator("canvas")).to_be_visible()
    panel(seen, "guesses").scroll_into_view_if_needed()
    expect(panel(seen, "guesses").get_by_role("cell", name=PAYLOAD)).to_be_visible()
    seen.page.get_by_label("Step of all media").fill("1")
    expect(panel(seen, "sample").get_by_role("img", name="image of 1").first).to_be_visible()
    expect(panel(seen, "weights")).to_contain_text("Step 1")
    seen.page.wait_for_url(re.compile("step=1"))
    expect(panel(seen, "guesses")).to_contain_text("None yet: the first is of step 5")
    assert seen.page.evaluate("window.owned") is None


def test_logged_html_runs_in_a_frame_without_rights(look, logged):
    seen = look(logged)
    panel(seen, "report").scroll_into_view_if_needed()
    expect(seen.page.frame_locator("[data-media='report'] iframe").locator("#words")).to_have_text("ran alone")
    assert seen.page.evaluate("window.owned") is None
