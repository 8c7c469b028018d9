"""Logged media on a run's page: each is shown as what it is, as of where the playhead stands."""

import pytest
from playwright.sync_api import expect

from waiting import until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def media(_train):
    training = _train(project="media", name="media")
    training("media")
    training.finish()
    return training.path


def panel(seen, key):
    found = seen.page.locator(f"[data-media='{key}']")
    found.scroll_into_view_if_needed()
    return found


def test_masks_and_boxes_lie_over_the_image(look, media):
    seen = look(media)
    boxed = panel(seen, "boxed")
    expect(boxed.get_by_role("img", name="Mask: cat")).to_be_visible()
    expect(boxed.get_by_role("img", name="Boxes: cat sure 0.9")).to_be_visible()
    canvas = boxed.locator("canvas").first
    coloured = "canvas => canvas.getContext('2d').getImageData(0, 0, 30, 20).data.filter((byte, at) => at % 4 === 3 && byte > 0).length"
    until(lambda: canvas.evaluate(coloured) == 200)
    boxed.get_by_role("button", name="truth").click()
    expect(boxed.get_by_role("img", name="Mask: cat")).to_have_count(0)


def test_histograms_are_drawn_over_the_steps(look, media):
    seen = look(media)
    expect(
        panel(seen, "weights").get_by_role("img", name="Histograms of weights: 3 steps, values from 0 to 101")
    ).to_be_visible()
    assert seen.page.locator("[data-media='weights'] canvas").evaluate("canvas => canvas.width") in {3, 300}


def test_a_table_is_paged_and_follows_the_playhead(look, media):
    seen = look(media)
    table = panel(seen, "table")
    expect(table).to_contain_text("1 to 20 of 90")
    expect(table.get_by_role("img", name="picture, row 0")).to_be_visible()
    table.get_by_role("button", name="Next").click()
    expect(table.get_by_role("cell", name="39", exact=True)).to_be_visible()
    table.get_by_role("slider").fill("0")
    expect(table).to_contain_text("1 to 20 of 30")


def test_html_runs_without_an_origin(look, media):
    seen = look(media)
    report = panel(seen, "report")
    frame = report.locator("iframe")
    expect(frame).to_have_attribute("sandbox", "allow-scripts allow-popups")
    expect(seen.page.frame_locator("[data-media='report'] iframe").locator("#told")).to_have_text(
        "2 no origin, no parent"
    )


def test_sound_video_and_points(look, media):
    seen = look(media)
    tone = panel(seen, "tone").locator("audio")
    length = "tone => new Promise((done) => { tone.onloadedmetadata = () => done(tone.duration); tone.preload = 'auto'; tone.load(); })"
    assert tone.evaluate(length) == 1
    expect(panel(seen, "clip").get_by_role("img", name="a clip")).to_be_visible()
    cloud = panel(seen, "cloud").get_by_role("img", name="cloud, step 2: 500 points")
    expect(cloud).to_be_visible()
    before = cloud.evaluate("canvas => canvas.toDataURL()")
    cloud.focus()
    seen.page.keyboard.press("ArrowLeft")
    until(lambda: cloud.evaluate("canvas => canvas.toDataURL()") != before)
