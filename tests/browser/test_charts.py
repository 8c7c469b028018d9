"""How a project's charts are drawn: x axis, averages, groups, outliers, full screen, and what is saved of them."""

import csv
import re
import time

import pytest
from playwright.sync_api import expect


@pytest.fixture(scope="session")
def sweep(_train):
    """Four runs with two depths; `epoch` counts in tens of steps, one value is far from all others. The project's address."""
    for number in range(4):
        training = _train(project="sweep", name=f"sweep-{number}", config={"net": {"depth": 18 if number < 2 else 50}})
        rows = [{"loss": 1.0 + number + step / 100, "epoch": step // 10} for step in range(100)]
        rows[50]["loss"] = 1e6
        training("log", *rows)
        training.finish()
    return "/".join(training.path.split("/")[:3])


def picture(seen, key):
    return seen.chart(key).get_by_role("img")


def test_charts_are_drawn_over_another_metric(look, sweep):
    seen = look(sweep)
    seen.drawn("loss")
    seen.page.get_by_role("button", name="Metric").click()
    seen.page.get_by_label("Find a metric").first.fill("epo")
    seen.page.keyboard.press("Enter")
    expect(picture(seen, "loss")).to_have_attribute("aria-label", "loss: 4 runs, 400 points")
    seen.page.wait_for_url(re.compile("x=metric%3Aepoch"))
    assert seen.charts[-1]["over"] == "epoch"
    seen.drawn("loss")
    # The pointer may have been there before the chart was drawn anew.
    for move in range(30):
        seen.chart("loss").locator(".u-over").hover(position={"x": 100 + move, "y": 60})
        if seen.page.locator(".tooltip-head", has_text="epoch").count():
            break
        seen.page.wait_for_timeout(500)
    expect(seen.page.locator(".tooltip-head")).to_contain_text("epoch")
    seen.page.get_by_role("button", name="Step", exact=True).click()
    expect(seen.page.get_by_role("button", name="Metric")).to_be_visible()


def test_groups_are_drawn_as_one_line_each(look, sweep):
    seen = look(sweep)
    seen.drawn("loss")
    seen.page.get_by_role("button", name="Options").click()
    seen.page.get_by_label("Group the lines by").select_option("config.net.depth")
    seen.page.get_by_label("Draw of a group").select_option("deviation")
    expect(picture(seen, "loss")).to_have_attribute("aria-label", "loss: 2 groups, 400 points")
    assert seen.drawn("loss") > 100
    expect(seen.page.locator("[data-group='18']")).to_contain_text("2")
    seen.page.wait_for_url(re.compile("band=deviation"))
    again = look(seen.page.url.removeprefix(seen.server.url))
    expect(picture(again, "loss")).to_have_attribute("aria-label", "loss: 2 groups, 400 points")


def test_outliers_are_left_out_when_that_is_wanted(look, sweep):
    seen = look(sweep)
    crowded = seen.drawn("loss")
    seen.page.get_by_role("button", name="Options").click()
    seen.page.get_by_label("Leave outliers out").check()
    seen.page.wait_for_url(re.compile("clip=1"))
    seen.page.wait_for_timeout(300)
    assert seen.drawn("loss") > 1.2 * crowded  # four lines stand apart that were one before
    seen.page.get_by_label("Logarithmic x axis").check()
    seen.page.wait_for_url(re.compile("logx=1"))
    assert seen.drawn("loss") > 100


def test_the_kind_of_average_is_chosen(look, sweep):
    seen = look(sweep)
    seen.drawn("loss")
    seen.page.get_by_label("Smoothing").fill("0.6")
    seen.page.get_by_label("Kind of average").select_option("gaussian")
    seen.page.wait_for_url(re.compile("smooth=0.6&kind=gaussian"))
    assert seen.drawn("loss") > 100


def test_a_chart_fills_the_window_and_escape_brings_the_page_back(look, sweep):
    seen = look(sweep)
    seen.drawn("loss")
    picture(seen, "loss").focus()
    seen.page.keyboard.press("f")
    full = seen.page.get_by_role("dialog")
    expect(full.locator("canvas")).to_be_visible()
    assert full.locator("canvas").bounding_box()["height"] > 500
    expect(full.get_by_text("sweep-3")).to_be_visible()
    seen.page.wait_for_url(re.compile("full=loss"))
    again = look(seen.page.url.removeprefix(seen.server.url))
    expect(again.page.get_by_role("dialog").locator("canvas")).to_be_visible()
    seen.page.keyboard.press("Escape")
    expect(full).to_have_count(0)
    assert "full=" not in seen.page.evaluate("new Promise(done => setTimeout(() => done(location.search), 400))")


def test_a_chart_is_saved_as_a_table_and_as_a_picture(look, sweep, tmp_path):
    seen = look(sweep)
    seen.drawn("loss")
    seen.chart("loss").hover()
    with seen.page.expect_download() as saved:
        seen.chart("loss").get_by_role("button", name="CSV").click()
    saved.value.save_as(tmp_path / "loss.csv")
    rows = list(csv.reader((tmp_path / "loss.csv").read_text().splitlines()))
    assert rows[0] == ["step", "sweep-0", "sweep-1", "sweep-2", "sweep-3"]
    assert rows[1] == ["0", "1", "2", "3", "4"]
    assert rows[51][1] == "1000000"
    assert len(rows) == 101
    with seen.page.expect_download() as saved:
        seen.chart("loss").get_by_role("button", name="PNG").click()
    saved.value.save_as(tmp_path / "loss.png")
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert saved.value.suggested_filename == "loss.png"


def test_metrics_are_drawn_over_what_define_metric_names_and_not_if_hidden(look, recorded_by):
    code = """
import playhead
run = playhead.init(project="defined", name="defined")
run.define_metric("epoch", hidden=True)
run.define_metric("val/*", step_metric="epoch")
for step in range(30):
    run.log({"loss": 1.0, "val/acc": step / 30, "epoch": step // 10})
print("done", f"/{run.entity}/defined/runs/{run.id}")
run.finish()
"""
    seen = look(recorded_by(code))
    seen.drawn("val/acc")
    expect(seen.chart("val/acc")).to_contain_text("over epoch")
    assert next(query for query in seen.charts if query["key"] == "val/acc")["over"] == "epoch"
    expect(seen.chart("loss")).to_have_count(1)
    expect(seen.chart("epoch")).to_have_count(0)
    seen.page.get_by_role("button", name="Options").click()
    seen.page.get_by_label("define_metric").uncheck()
    expect(seen.chart("val/acc")).not_to_contain_text("over epoch")


def test_each_decade_of_a_logarithmic_x_axis_has_its_own_buckets(look, recorded_by):
    code = """
import playhead
run = playhead.init(project="decades", name="decades")
for step in range(20_000):
    run.log({"loss": 1.0 if step % 2 else 2.0})
print("done", f"/{run.entity}/decades/runs/{run.id}")
run.finish()
"""
    seen = look(recorded_by(code))
    seen.drawn("loss")
    seen.page.get_by_role("button", name="Options").click()
    seen.page.get_by_label("Logarithmic x axis").check()
    seen.page.get_by_label("Logarithmic x axis").press("Escape")
    seen.chart("loss").hover()
    end = time.monotonic() + 60
    low = []
    while len(low) != 9 and time.monotonic() < end:  # steps 1 to 9, which one bucket held
        with seen.page.expect_download() as saved:
            seen.chart("loss").get_by_role("button", name="CSV").click()
        steps = [float(line.split(",")[0]) for line in saved.value.path().read_text().splitlines()[1:]]
        low = [step for step in steps if 0 < step < 10]
    assert low == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert steps == sorted(steps)
