"""The project's other ways to look: the table of runs, the comparison, parallel coordinates."""

import csv
import re

import pytest
from playwright.sync_api import expect

PAYLOAD = "<img src=x onerror=window.owned=1>"


@pytest.fixture(scope="session")
def models(_train):
    """Six runs with growing `lr` and falling `loss`; the project's address."""
    for number in range(6):
        training = _train(
            project="models",
            name=f"model-{number}",
            config={"lr": 10.0 ** (number - 4), "net": {"depth": 18 if number % 2 else 50}, "data": "digits"},
        )
        training("log", *[{"loss": 7.0 - number + 1 / (step + 1)} for step in range(20)])
        training.finish()
    return "/".join(training.path.split("/")[:3])


def names(seen):
    return [name.strip() for name in seen.page.locator("[role=row] .run-name").all_inner_texts()]


def test_the_table_has_any_column_and_sorts_by_it(look, models):
    seen = look(models + "/table")
    expect(seen.page.locator("[data-run]")).to_have_count(6)
    expect(seen.page.get_by_role("columnheader", name="lr")).to_be_visible()
    expect(seen.page.get_by_role("columnheader", name="data")).to_have_count(0)  # the same for all
    seen.page.get_by_role("columnheader", name="lr").get_by_role("button").click()
    expect(seen.page.get_by_role("columnheader", name="lr")).to_have_attribute("aria-sort", "descending")
    assert names(seen) == [f"model-{number}" for number in (5, 4, 3, 2, 1, 0)]
    seen.page.get_by_role("columnheader", name="lr").get_by_role("button").click()
    assert names(seen) == [f"model-{number}" for number in range(6)]
    seen.page.get_by_role("button", name="Columns").click()
    seen.page.get_by_label("Find a column").first.fill("data")
    seen.page.keyboard.press("Enter")
    expect(seen.page.get_by_role("columnheader", name="data")).to_be_visible()
    seen.page.wait_for_url(re.compile("config.data"))
    again = look(seen.page.url.removeprefix(seen.server.url))
    expect(again.page.get_by_role("columnheader", name="data")).to_be_visible()
    assert names(again) == [f"model-{number}" for number in range(6)]


def test_groups_say_what_their_runs_come_to(look, models):
    seen = look(models + "/table")
    seen.page.get_by_label("Group runs by").select_option("config.net.depth")
    group = seen.page.locator("[data-group='50']")
    expect(group).to_contain_text("5.05")  # the mean of the last losses 7.05, 5.05 and 3.05
    seen.page.get_by_label("What a group's row says").select_option("min")
    expect(group).to_contain_text("3.05")
    group.get_by_role("button").click()
    expect(seen.page.locator("[data-run]")).to_have_count(3)


def test_many_runs_are_tagged_compared_and_deleted_at_once(look, train):
    for number in range(4):
        training = train(project="bulk", name=f"bulk-{number}", config={"seed": number, "same": 1})
        training.finish()
    project = "/".join(training.path.split("/")[:3])
    seen = look(project + "/table?sort=name")
    seen.page.get_by_label("Select bulk-0").check()
    seen.page.get_by_label("Select bulk-2").click(modifiers=["Shift"])
    bar = seen.page.get_by_label("Selected runs")
    expect(bar).to_contain_text("3 runs selected")
    bar.get_by_role("button", name="Tags").click()
    bar.get_by_label("Tag for all of them").fill(PAYLOAD)
    seen.page.keyboard.press("Enter")
    expect(seen.page.locator("[data-run]").get_by_text(PAYLOAD)).to_have_count(3)
    seen.page.keyboard.press("Escape")
    bar.get_by_role("button", name="Compare").click()
    expect(seen.page.locator(".compare")).to_contain_text("seed")
    expect(seen.page.locator(".compare").get_by_text("same", exact=True)).to_have_count(0)
    seen.page.get_by_label("Only what differs").uncheck()
    expect(seen.page.locator(".compare").get_by_text("same", exact=True)).to_be_visible()
    seen.page.get_by_role("link", name="Table").click()
    bar.get_by_role("button", name="Delete…").click()
    bar.get_by_role("button", name="Delete 3").click()
    expect(seen.page.locator("[data-run]")).to_have_count(1)
    seen.page.get_by_role("button", name="Undo").click()
    expect(seen.page.locator("[data-run]")).to_have_count(4)
    assert seen.page.evaluate("window.owned") is None


def test_the_table_is_saved_with_exact_values(look, models, tmp_path):
    seen = look(models + "/table?sort=name")
    expect(seen.page.locator("[data-run]")).to_have_count(6)
    with seen.page.expect_download() as saved:
        seen.page.get_by_role("button", name="CSV").click()
    saved.value.save_as(tmp_path / "runs.csv")
    rows = list(csv.DictReader((tmp_path / "runs.csv").read_text().splitlines()))
    assert [row["name"] for row in rows] == [f"model-{number}" for number in range(6)]
    assert [float(row["config.lr"]) for row in rows] == [10.0 ** (number - 4) for number in range(6)]


def test_an_axis_of_parallel_coordinates_keeps_what_crosses_it(look, models):
    seen = look(models + "/parallel")
    expect(seen.page.get_by_role("status").filter(has_text="6 runs")).to_be_visible()
    axis = seen.page.get_by_role("slider", name=re.compile("^lr"))
    box = axis.bounding_box()
    x = box["x"] + box["width"] / 2
    seen.page.mouse.move(x, box["y"] + 2)
    seen.page.mouse.down()
    seen.page.mouse.move(x, box["y"] + box["height"] * 0.3, steps=4)
    seen.page.mouse.up()
    expect(seen.page.get_by_role("status").filter(has_text="2 of 6 runs")).to_be_visible()
    axis.press("ArrowUp")
    axis.press("Escape")
    expect(seen.page.get_by_role("status").filter(has_text="6 runs")).to_be_visible()
    for _ in range(9):
        axis.press("ArrowUp")
    expect(seen.page.get_by_role("status").filter(has_text="3 of 6 runs")).to_be_visible()
    seen.page.get_by_role("button", name="Draw these in the charts").click()
    expect(seen.page.get_by_text("3 of 6 shown")).to_be_visible()


@pytest.mark.parametrize("width", [400, 1400])
def test_no_way_to_look_is_wider_than_the_window(look, models, width):
    seen = look(width=width)
    for tab in ("table", "compare", "parallel", "table?by=config.net.depth"):
        seen.go(f"{models}/{tab}")
        expect(seen.page.locator("#main").get_by_text(re.compile("loss|50")).first).to_be_attached()
        seen.page.wait_for_timeout(300)
        assert seen.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, tab


def test_a_filter_means_what_the_server_says_and_tells_what_is_wrong(look, models):
    seen = look(models + "/table?sort=name")
    expect(seen.page.locator("[data-run]")).to_have_count(6)
    seen.page.get_by_label("Find runs").fill("config.lr >= 1 and state = finished")
    expect(seen.page.locator("[data-run]")).to_have_count(2)
    assert names(seen) == ["model-4", "model-5"]
    seen.page.get_by_label("Find runs").fill("config.lr >= ")
    expect(seen.page.get_by_role("alert")).to_contain_text("^")  # under the character at fault
    seen.page.get_by_label("Find runs").fill("config.lr > 1000")
    expect(seen.page.get_by_text("No run meets this filter.")).to_be_visible()
    seen.page.get_by_label("Find runs").fill("model-3")
    expect(seen.page.locator("[data-run]")).to_have_count(1)


def test_pinned_runs_stand_on_top(look, models):
    seen = look(models + "/table?sort=name")
    expect(seen.page.locator("[data-run]")).to_have_count(6)
    seen.page.get_by_role("button", name="Pin model-4").click()
    seen.page.get_by_role("button", name="Pin model-2").click()
    expect(seen.page.locator("[role=row] .run-name").nth(1)).to_have_text("model-2")
    assert names(seen) == [f"model-{number}" for number in (4, 2, 0, 1, 3, 5)]
    seen.page.wait_for_url(re.compile(r"pin=\w+,\w+"))
    again = look(seen.page.url.removeprefix(seen.server.url))
    expect(again.page.locator("[role=row] .run-name").first).to_have_text("model-4")
    again.page.get_by_role("link", name="Charts").click()
    expect(again.page.locator("[data-run] .run-name").first).to_have_text("model-4")
    again.page.get_by_role("button", name="Pin model-4").click()
    expect(again.page.locator("[data-run] .run-name").first).to_have_text("model-2")


def test_the_table_and_the_comparison_follow_a_run_at_work(look, train):
    training = train(project="moving", name="mover")
    project = "/".join(training.path.split("/")[:3])
    seen = look(project + "/table")
    row = seen.page.locator("[data-run]")
    expect(row).to_contain_text("Running", timeout=60_000)
    training("log", {"loss": 3.5})  # a column of which nobody knew when the table was drawn
    expect(row).to_contain_text("3.5", timeout=60_000)
    training("log", {"loss": 0.25})
    expect(row).to_contain_text("0.25", timeout=60_000)
    train(project="moving", name="second")("log", {"loss": 7.5})
    expect(row.filter(has_text="second")).to_contain_text("7.5", timeout=60_000)
    seen.page.get_by_role("link", name="Compare").click()
    expect(seen.page.locator(".compare")).to_contain_text("0.25", timeout=60_000)
    training("log", {"loss": 0.125})
    expect(seen.page.locator(".compare")).to_contain_text("0.125", timeout=60_000)
