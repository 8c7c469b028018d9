"""Pages that are opened before there is anything to show: all of it appears by itself, each time that there is more."""

import re

from playwright.sync_api import expect

SOON = 60_000


def test_everything_of_a_run_appears_on_pages_that_were_opened_before_it_logged(look, train):
    first = train(project="begun", name="first", settings={"stats_interval": 1.0})
    seen = {tab: look(first.path + tab) for tab in ("", "/media", "/console", "/files", "/artifacts", "/overview")}
    waiting = {
        "": "Nothing logged yet",
        "/media": "No media yet",
        "/files": "No files yet",
        "/artifacts": "No artifacts",
    }
    for tab, words in waiting.items():
        expect(seen[tab].page.get_by_role("heading", name=words)).to_be_visible(timeout=SOON)
    seen["/system"] = look(first.path + "/system")
    first("config", {"lr": 0.5})
    first("log", {"loss": 1.0})
    first("print", "a first line")
    first("save", "model.txt")
    first("artifact", "rows")
    first("image", "samples", 1)
    expect(seen[""].chart("loss").locator("canvas")).to_be_visible(timeout=SOON)
    expect(seen["/media"].page.locator("[data-media='samples']")).to_be_visible(timeout=SOON)
    expect(seen["/console"].page.get_by_text("a first line")).to_be_visible(timeout=SOON)
    expect(seen["/files"].page.get_by_text("model.txt")).to_be_visible(timeout=SOON)
    expect(seen["/artifacts"].page.get_by_role("link", name="rows:v0")).to_be_visible(timeout=SOON)
    expect(seen["/overview"].page.get_by_text("lr", exact=True)).to_be_visible(timeout=SOON)
    expect(seen["/system"].page.locator("[data-key]").first).to_be_attached(timeout=SOON)
    first("log", {"val/late": 2.0})
    expect(seen[""].chart("val/late").locator("canvas")).to_be_visible(timeout=SOON)


def test_everything_of_a_project_appears_on_pages_that_were_opened_before_its_runs_logged(look, train):
    trainings = [train(project="begun-project", name=name) for name in ("first", "second")]
    project = "/".join(trainings[0].path.split("/")[:3])
    seen = {tab: look(project + tab) for tab in ("", "/table", "/compare", "/parallel", "/artifacts")}
    expect(seen[""].page.get_by_role("heading", name="No charts yet")).to_be_visible(timeout=SOON)
    expect(seen["/table"].page.locator("[data-run]")).to_have_count(2, timeout=SOON)
    expect(seen["/parallel"].page.get_by_text("Choose two axes")).to_be_visible(timeout=SOON)
    expect(seen["/artifacts"].page.get_by_role("heading", name="No artifacts yet")).to_be_visible(timeout=SOON)
    for number, training in enumerate(trainings):
        training("config", {"lr": 0.1 * number})
        training("log", {"loss": 1.0 + number})
        training("image", "samples", 1)
        training("artifact", "rows")
    expect(seen[""].chart("loss").get_by_role("img")).to_have_attribute(
        "aria-label", re.compile("2 runs"), timeout=SOON
    )
    expect(seen[""].page.get_by_label("Images of samples").locator("img")).to_have_count(2, timeout=SOON)
    expect(seen[""].page.get_by_label("Group runs by").locator("option", has_text="lr")).to_have_count(1, timeout=SOON)
    expect(seen["/table"].page.get_by_role("columnheader", name="lr")).to_be_visible(timeout=SOON)
    expect(seen["/table"].page.get_by_role("columnheader", name="loss")).to_be_visible(timeout=SOON)
    expect(seen["/compare"].page.locator(".compare")).to_contain_text("loss", timeout=SOON)
    expect(seen["/parallel"].page.get_by_role("slider", name=re.compile("^lr"))).to_be_visible(timeout=SOON)
    rows = seen["/artifacts"].page.get_by_label("Artifacts", exact=True)
    expect(rows.get_by_text("rows")).to_be_visible(timeout=SOON)
    # What comes later than all that is found, too: nothing is looked up once and for all.
    trainings[1]("log", {"val/late": 2.0})
    expect(seen[""].chart("val/late").locator("canvas")).to_be_visible(timeout=SOON)
    expect(seen["/compare"].page.locator(".compare")).to_contain_text("val/late", timeout=SOON)


def test_a_link_that_is_opened_before_its_run_is_known_leads_to_it(look, server, train):
    entity = train(project="begun", name="any").path.split("/")[1]
    project = look(f"/{entity}/begun-later")
    run = look(f"/{entity}/begun-later/runs/later-1")
    for one in (project, run):
        expect(one.page.get_by_role("heading", name="Not found")).to_be_visible(timeout=SOON)
    train(project="begun-later", id="later-1", name="later")("log", {"loss": 1.0})
    expect(project.page.get_by_role("link", name="later", exact=True)).to_be_visible(timeout=SOON)
    expect(project.chart("loss").locator("canvas")).to_be_visible(timeout=SOON)
    expect(run.chart("loss").locator("canvas")).to_be_visible(timeout=SOON)


LEAVE = """hidden => {
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => hidden ? 'hidden' : 'visible' });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def test_a_page_that_nobody_looks_at_keeps_no_connection_and_catches_up(look, train):
    training = train(project="begun", name="unseen")
    training("log", {"loss": 1.0})
    seen = look(training.path)
    picture = seen.chart("loss").get_by_role("img")
    expect(picture).to_have_attribute("aria-label", re.compile("1 point,"), timeout=SOON)
    with seen.page.expect_event("requestfailed", lambda request: request.url.endswith("/events"), timeout=SOON):
        seen.page.evaluate(LEAVE, True)
    training("log", {"loss": 2.0})
    seen.page.evaluate(LEAVE, False)
    expect(picture).to_have_attribute("aria-label", re.compile("2 points"), timeout=SOON)
