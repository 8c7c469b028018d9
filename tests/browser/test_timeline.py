"""The timeline on top of a run's page, on a real server: what a person sees and does there."""

import re
import statistics

import pytest
from playwright.sync_api import expect


def loss(step):
    return 1000.0 - step


def rows(first, last):
    return [{"loss": loss(step), "train/other": 2.0} for step in range(first, last + 1)]


class Line:
    """A run of 1,000 steps, resumed at 500, rewound to 300, which went on to 600 then; and its fork at 200."""

    def __init__(self, train):
        one = train(project="lines", id="line", name="calm-line", config={"lr": 0.1, "old": 1})
        one("log", *rows(0, 299))
        one("print", "first half")
        one("image", "samples", 2)  # at steps 300 and 301
        one("log", *rows(302, 499))
        one.finish()
        again = train(project="lines", id="line", resume="must", config={"lr": 0.2})
        again("log", *rows(500, 999))
        again("print", "second half")
        again.finish()
        rewound = train(project="lines", resume_from="line?_step=300", config={"lr": 0.3})
        rewound("log", *rows(301, 600))
        rewound("print", "gone another way")
        rewound.finish()
        fork = train(project="lines", id="child", name="bold-fork", fork_from="line?_step=200")
        fork("log", *rows(201, 400))
        fork.finish()
        self.path, self.child = one.path, fork.path


@pytest.fixture(scope="session")
def line(_train):
    return Line(_train)


def slider(seen):
    return seen.page.get_by_role("slider", name="Playhead")


def summary(seen):
    return seen.page.get_by_label("Summary").get_by_role("row").filter(has_text=re.compile("^loss"))


def config(seen, key):
    return seen.page.get_by_label("Config").get_by_role("row").filter(has_text=re.compile(f"^{key}"))


def archived(seen):
    """The lane of the segment that went to step 999."""
    return seen.page.get_by_role("button", name=re.compile("^Open segment .* archived, steps 300–999"))


def drag(seen, start, end, moves=20):
    """From one place of the track to another, both as shares of its width."""
    box = seen.page.locator(".track").bounding_box()
    height = box["y"] + box["height"] - 10
    seen.page.mouse.move(box["x"] + box["width"] * start, height)
    seen.page.mouse.down()
    seen.page.mouse.move(box["x"] + box["width"] * end, height, steps=moves)
    seen.page.mouse.up()


def test_segments_are_lanes_that_branch(look, line):
    seen = look(line.path)
    expect(slider(seen)).to_have_attribute("aria-valuetext", "the end, step 600")
    expect(seen.page.locator(".limb.seen")).to_have_count(2)  # up to 300, and on to 600
    expect(archived(seen)).to_be_visible()
    assert archived(seen).bounding_box()["y"] > seen.page.locator(".limb.seen").first.bounding_box()["y"]
    expect(seen.page.locator(".resumed")).to_have_attribute("title", re.compile("Resumed at step 500"))
    expect(seen.page.locator(".mark-tick.exit").first).to_have_attribute("title", re.compile("end exit code 0"))


def test_what_was_forked_is_linked_both_ways(look, line):
    seen = look(line.path)
    seen.page.get_by_role("link", name="Forked at step 200 into bold-fork").click()
    expect(seen.page.get_by_role("heading", level=1)).to_contain_text("bold-fork")
    expect(seen.page.locator(".limb.foreign")).to_have_count(1)
    seen.page.get_by_role("link", name="Overview").click()
    lineage = seen.page.get_by_label("Lineage")
    expect(lineage).to_contain_text("Forked from calm-line at step 200")
    seen.page.get_by_role("link", name="Forked from calm-line at step 200").click()
    expect(seen.page.get_by_role("heading", level=1)).to_contain_text("calm-line")
    expect(slider(seen)).to_have_attribute("aria-valuenow", "200")
    seen.page.get_by_role("link", name="Overview").click()
    expect(lineage).to_contain_text("Forked into bold-fork at step 200")


def test_an_address_with_a_step_shows_that_moment(look, line):
    seen = look(line.path + "/overview?step=250")
    expect(summary(seen)).to_contain_text("750")
    expect(config(seen, "lr")).to_contain_text("0.1")
    expect(seen.page.get_by_label("Summary")).to_contain_text("as of step 250")
    seen.page.get_by_role("link", name="Console").click()
    expect(seen.page.get_by_text(re.compile("until step 250"))).to_be_visible()
    expect(seen.page.get_by_text("first half")).to_have_count(0)
    assert seen.page.url.endswith("/console?step=250")
    seen.page.get_by_role("button", name="Back to now").click()
    expect(seen.page.get_by_text("gone another way")).to_be_visible()
    expect(seen.page).to_have_url(re.compile("/console$"))
    seen.page.get_by_role("link", name="Overview").click()
    expect(config(seen, "lr")).to_contain_text("0.3")
    expect(summary(seen)).to_contain_text("400")


def test_dragging_moves_everything_along(look, line):
    seen = look(line.path)
    expect(seen.chart("loss").locator(".playhead-line")).to_be_hidden()
    seen.drawn("loss")
    before = len(seen.charts)
    drag(seen, 0.55, 0.2)
    at = int(slider(seen).get_attribute("aria-valuenow"))
    assert 190 < at < 210
    expect(seen.page).to_have_url(re.compile(f"step={at}$"))
    chart = seen.chart("loss")
    mark, over = chart.locator(".playhead-line").bounding_box(), chart.locator(".u-over").bounding_box()
    assert abs((mark["x"] + 1 - over["x"]) / over["width"] - at / 600) < 0.02
    veil = chart.locator(".playhead-veil").bounding_box()
    assert abs(veil["x"] + veil["width"] - over["x"] - over["width"]) < 2
    assert len(seen.charts) == before  # the lines are there already
    seen.page.get_by_role("link", name="Overview").click()
    expect(summary(seen)).to_contain_text(str(1000 - at))
    drag(seen, 0.2, 0.25)
    expect(summary(seen)).to_contain_text(str(1000 - int(slider(seen).get_attribute("aria-valuenow"))))
    drag(seen, 0.25, 0.95)
    expect(slider(seen)).to_have_attribute("aria-valuetext", "the end, step 600")
    expect(seen.page.get_by_role("button", name="Back to now")).to_have_count(0)


def test_the_cursor_stands_at_the_same_moment_on_a_time_axis(look, line):
    seen = look(line.path + "?step=100&x=runtime")
    seen.drawn("loss")
    expect(seen.chart("loss").locator(".playhead-line")).to_be_visible()


def test_the_keyboard_moves_the_playhead(look, line):
    seen = look(line.path + "/overview")
    slider(seen).focus()
    for key, at in (
        ("ArrowLeft", 599), ("Shift+ArrowLeft", 589), ("ArrowRight", 590), ("Home", 0), ("Shift+ArrowRight", 10), ("End", 600),
    ):  # fmt: skip
        seen.page.keyboard.press(key)
        expect(slider(seen)).to_have_attribute("aria-valuenow", str(at))
    expect(slider(seen)).to_have_attribute("aria-valuetext", re.compile("the end"))
    seen.page.keyboard.press("Space")
    expect(seen.page.get_by_role("button", name="Pause")).to_be_visible()
    expect(slider(seen)).to_have_attribute("aria-valuenow", re.compile("^([2-9]|[1-9][0-9])$"))  # from the beginning
    seen.page.keyboard.press("Space")
    stopped = slider(seen).get_attribute("aria-valuenow")
    seen.page.wait_for_timeout(400)
    expect(slider(seen)).to_have_attribute("aria-valuenow", stopped)
    expect(summary(seen)).to_contain_text(str(1000 - int(stopped)))
    seen.page.get_by_label("Step of the playhead").fill("123")
    seen.page.keyboard.press("Enter")
    expect(slider(seen)).to_have_attribute("aria-valuetext", "step 123 of 600")
    slider(seen).focus()
    seen.page.keyboard.press("PageDown")
    expect(slider(seen)).to_have_attribute("aria-valuetext", "step 301 of 600; config lr")
    seen.page.keyboard.press("PageUp")
    expect(slider(seen)).to_have_attribute("aria-valuetext", "step 0 of 600; config lr, old")


def test_images_are_those_of_the_step(look, line):
    seen = look(line.path + "?step=300")
    panel = seen.page.locator("[data-media='samples']")
    panel.scroll_into_view_if_needed()
    expect(panel.get_by_role("img", name="number 0")).to_be_visible()
    seen.page.get_by_label("Step of the playhead").fill("299")
    seen.page.keyboard.press("Enter")
    expect(panel).to_contain_text("None yet: the first is of step 300")


def test_an_archived_segment_is_opened_by_a_click(look, line):
    seen = look(line.path + "/overview")
    expect(summary(seen)).to_contain_text("400")
    archived(seen).click()
    expect(seen.page).to_have_url(re.compile(r"segment=\w+$"))
    expect(summary(seen)).to_contain_text(re.compile(r"loss\s*1$"))
    expect(config(seen, "lr")).to_contain_text("0.2")
    expect(slider(seen)).to_have_attribute("aria-valuemax", "999")
    seen.page.get_by_role("link", name="Charts").click()
    expect(seen.chart("loss").get_by_role("img")).to_have_attribute("aria-label", re.compile("998 points"))
    assert seen.charts[-1]["segment"]
    seen.page.get_by_role("link", name="Console").click()
    expect(seen.page.get_by_text("second half")).to_be_visible()
    expect(seen.page.get_by_text("gone another way")).to_have_count(0)
    seen.page.get_by_role("button", name="Back to now").click()
    expect(seen.page.get_by_text("gone another way")).to_be_visible()
    seen.page.go_back()
    expect(seen.page.get_by_text("second half")).to_be_visible()


def test_a_step_that_is_not_there_is_said(look, line):
    seen = look(line.path + "/overview?step=5000")
    expect(seen.page.get_by_role("alert")).to_contain_text("5000")
    seen.page.get_by_role("button", name="Back to now").click()
    expect(seen.page.get_by_role("alert")).to_have_count(0)


def test_rewinding_at_once_and_undoing_it(look, train):
    training = train(project="lines", id="turned", name="turned")
    training("log", *rows(0, 99))
    training.finish()
    seen = look(training.path + "/overview")
    expect(
        seen.page.get_by_role("button", name="Rewind here")
    ).to_be_disabled()  # at the end there is nothing to rewind
    slider(seen).focus()
    seen.page.keyboard.press("Home")
    seen.page.keyboard.press("Shift+ArrowRight")
    seen.page.get_by_role("button", name="Rewind here").click()
    box = seen.page.get_by_role("dialog")
    expect(box).to_contain_text('playhead.init(project="lines", resume_from="turned?_step=10")')
    expect(box).to_contain_text(re.compile(r"playhead rewind \w+/lines/turned --step 10"))
    seen.page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    seen.page.get_by_role("button", name="Fork here").click()
    expect(box).to_contain_text('fork_from="turned?_step=10"')
    seen.page.get_by_role("button", name="Rewind here").click()
    box.get_by_role("button", name="Rewind to step 10").click()
    expect(slider(seen)).to_have_attribute("aria-valuetext", "the end, step 10")
    expect(summary(seen)).to_contain_text("990")
    expect(seen.page.locator("[data-segment]")).to_have_count(2)
    seen.page.get_by_role("button", name=re.compile("^Back to segment")).click()
    expect(slider(seen)).to_have_attribute("aria-valuetext", "the end, step 99")
    expect(summary(seen)).to_contain_text("901")
    seen.page.locator("[data-segment].archived").get_by_role("button", name="Make it the head").click()
    expect(slider(seen)).to_have_attribute("aria-valuetext", "the end, step 10")


def test_a_training_is_stopped(look, train):
    training = train(project="lines", name="endless")
    training("log", *rows(0, 3))
    seen = look(training.path)
    expect(seen.page.get_by_text("live", exact=True)).to_be_visible()
    seen.page.get_by_role("button", name="Stop", exact=True).click()
    seen.page.get_by_role("button", name="Let it run").click()
    expect(seen.page.get_by_text("Running")).to_be_visible()
    seen.page.get_by_role("button", name="Stop", exact=True).click()
    seen.page.get_by_role("button", name="Stop it").click()
    expect(seen.page.get_by_text("Stopping…")).to_be_visible()
    expect(seen.page.get_by_text("Stopped", exact=True)).to_be_visible()
    expect(seen.page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
    training.kill()


def test_the_end_of_a_live_run_moves_and_the_playhead_stays(look, train):
    training = train(project="lines", name="grows")
    training("log", *rows(0, 10))
    seen = look(training.path + "/overview?step=5")
    expect(slider(seen)).to_have_attribute("aria-valuetext", "step 5 of 10")
    training("log", *rows(11, 20))
    expect(slider(seen)).to_have_attribute("aria-valuetext", "step 5 of 20")
    expect(summary(seen)).to_contain_text("995")
    training.finish()


def test_into_the_trash_and_out_again(look, train):
    for name in ("kept", "thrown"):
        training = train(project="bins", name=name)
        training("log", *rows(0, 3))
        training.finish()
    seen = look(training.path)

    def throw():
        seen.page.get_by_role("button", name="Delete thrown").click()
        seen.page.get_by_role("button", name="Delete", exact=True).click()
        expect(seen.page.locator("[data-run]")).to_have_count(1)

    throw()
    seen.page.get_by_role("button", name="Undo").click()
    expect(seen.page.locator("[data-run]")).to_have_count(2)
    seen.page.get_by_role("link", name="thrown").click()
    throw()
    seen.go(training.path)
    seen.page.get_by_role("link", name="Trash").click()
    row = seen.page.locator("[data-run]", has_text="thrown")
    row.get_by_role("button", name="Restore thrown").click()
    expect(seen.page.get_by_role("heading", name="The trash is empty")).to_be_visible()
    seen.go(training.path)
    expect(seen.page.get_by_role("heading", level=1)).to_contain_text("thrown")
    throw()
    seen.page.get_by_role("link", name="Trash").click()
    row.get_by_role("button", name="Delete thrown for ever").click()
    row.get_by_role("button", name="Delete for ever").click()
    expect(seen.page.get_by_role("heading", name="The trash is empty")).to_be_visible()
    seen.go(training.path)
    expect(seen.page.get_by_role("heading", name="Not found")).to_be_visible()


def test_runs_of_a_group_stand_together(look, train):
    for name, group, job in (
        ("r0", "ddp", "train"),
        ("r1", "ddp", "train"),
        ("e0", "ddp", "eval"),
        ("by-itself", None, None),
    ):
        training = train(project="groups", name=name, group=group, job_type=job)
        training("log", *rows(0, 3))
        training.finish()
    seen = look("/".join(training.path.split("/")[:3]))
    runs, groups = seen.page.locator("[data-run]"), seen.page.locator("[data-group]")
    expect(runs).to_have_count(4)
    seen.page.get_by_label("Group runs by").select_option("group")
    expect(runs).to_have_count(1)
    expect(groups).to_have_text(re.compile("ddp.*3"))
    seen.page.get_by_role("button", name=re.compile("^ddp")).click()
    expect(groups).to_have_count(3)
    seen.page.get_by_role("button", name=re.compile("^train 2")).click()
    expect(runs).to_have_count(3)
    seen.page.get_by_role("button", name="Draw the runs of ddp").click()
    expect(seen.chart("loss").get_by_role("img")).to_have_attribute("aria-label", re.compile("^loss: 1 run,"))
    seen.page.reload()
    expect(groups.first).to_be_visible()  # the switch is in the address


def test_writers_of_a_shared_run(look, train):
    writers = [
        train(project="lines", id="shared", name="shared", mode="shared", settings={"label": f"rank-{rank}"})
        for rank in range(2)
    ]
    for rank, writer in enumerate(writers):
        writer("log", *rows(0, 5))
        writer("print", f"I am {rank}")
    seen = look(writers[0].path + "/overview")
    listed = seen.page.get_by_label("Writers")
    expect(listed.get_by_role("listitem")).to_have_count(2)
    expect(listed).to_contain_text("rank-1")
    expect(seen.page.locator(".resumed")).to_have_count(0)
    seen.page.get_by_role("link", name="Console").click()
    expect(seen.page.get_by_text("I am 0")).to_be_visible()
    expect(seen.page.get_by_text("I am 1")).to_be_visible()
    seen.page.get_by_label("Writer").select_option("rank-1")
    expect(seen.page.get_by_text("I am 1")).to_be_visible()
    expect(seen.page.get_by_text("I am 0")).to_have_count(0)
    for writer in writers:
        writer.finish()


def test_the_playhead_is_dragged_at_frame_rate(look, train):
    training = train(project="lines", id="long", name="long")
    for first in range(0, 10_000, 1000):
        training("log", *rows(first, first + 999))
    training.finish()
    seen = look(training.path)
    seen.drawn("loss")
    seen.page.evaluate(
        """() => {
          window.waits = [];
          addEventListener("pointermove", () => {
            const began = performance.now();
            requestAnimationFrame(() => setTimeout(() => window.waits.push(performance.now() - began)));
          }, { capture: true });
        }"""
    )
    drag(seen, 0.9, 0.1, moves=100)
    seen.page.wait_for_timeout(300)
    waits = seen.page.evaluate("window.waits")
    assert len(waits) > 50
    assert statistics.median(waits) < 50, waits
    seen.page.get_by_role("link", name="Overview").click()
    at = int(slider(seen).get_attribute("aria-valuenow"))
    expect(summary(seen)).to_contain_text(re.compile(f"{abs(1000 - at):,}"))  # the newest question won


@pytest.mark.parametrize(("width", "scheme"), [(400, "dark"), (820, "light"), (1400, "dark")])
def test_the_timeline_fits_the_window(look, line, width, scheme):
    seen = look(line.path + "?step=250", width=width, scheme=scheme)
    expect(slider(seen)).to_be_visible()
    for name in ("Rewind here", "Fork here"):
        seen.page.get_by_role("button", name=name).click()
        box = seen.page.get_by_role("dialog").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert seen.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
