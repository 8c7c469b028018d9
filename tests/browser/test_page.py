"""What a person does on the page, done by a browser on a real server with real trainings."""

import re

import pytest
from playwright.sync_api import expect

PAYLOAD = "<img src=x onerror=window.owned=1>"
"""Text that would run a script if it ever became markup."""
PAYLOADS = [
    PAYLOAD,
    "<script>window.owned=1</script>",
    "</textarea></style></title><svg/onload=window.owned=1>",
    "\"'><body onload=window.owned=1>",
    "<details open ontoggle=window.owned=1>",
    "<iframe srcdoc='<script>parent.owned=1</script>'></iframe>",
    "<a href=javascript:window.owned=1>a</a>",
    "[a](javascript:window.owned=1)",
    '![a](x"onerror="window.owned=1)',
    "<math><mtext><table><mglyph><style><img src=x onerror=window.owned=1>",
    "{{constructor.constructor('window.owned=1')()}}",
    "&lt;img src=x onerror=window.owned=1&gt;",
]
MARKUP = "img[src=x], script:not([src]), iframe, math, [onload], [onerror], [ontoggle], a[href^='javascript']"
"""What they would become."""


def test_a_wrong_key_is_told_in_place_and_the_right_one_leads_on(look, digits):
    seen = look(digits[0] + "/overview", logged_in=False)
    seen.log_in("no-such-key-0123456789abcdef")
    expect(seen.page.get_by_role("alert")).to_contain_text("key")
    expect(seen.page.get_by_text("playhead ui")).to_be_visible()
    seen.log_in()
    expect(seen.page.get_by_role("heading", name="Config")).to_be_visible()
    assert seen.page.url.endswith(digits[0] + "/overview")


def test_the_printed_link_logs_in_and_leaves_no_token_in_the_address(look, server, digits):
    seen = look("/login", logged_in=False)
    seen.page.goto(server.link)
    expect(seen.page.get_by_role("link", name="digits")).to_be_visible()
    assert "token" not in seen.page.url


def test_logging_out_ends_the_session(look):
    seen = look("/settings")
    seen.page.get_by_role("button", name="Log out").click()
    expect(seen.page.get_by_label("API key")).to_be_visible()
    seen.go("/settings")
    expect(seen.page.get_by_label("API key")).to_be_visible()


def test_from_home_to_project_to_run_and_back(look, digits):
    seen = look()
    seen.page.get_by_role("link", name="digits").click()
    expect(seen.page.locator("[data-run]")).to_have_count(3)
    expect(seen.page.get_by_role("button", name="train 1")).to_be_visible()
    seen.page.get_by_role("link", name="calm-river-1").click()
    expect(seen.page.get_by_role("heading", level=1)).to_contain_text("calm-river-1")
    seen.page.get_by_role("link", name="Overview").click()
    expect(seen.page.get_by_label("Config")).to_contain_text("net.depth")
    expect(seen.page.get_by_text("Finished")).to_be_visible()
    seen.page.go_back()
    seen.page.go_back()
    expect(seen.page.locator("[data-run]")).to_have_count(3)


def test_charts_are_drawn_with_their_spikes(look, digits):
    seen = look("/".join(digits[0].split("/")[:3]))
    chart = seen.chart("train/loss")
    expect(chart.get_by_role("img")).to_have_attribute("aria-label", "train/loss: 3 runs, 3,000 points")
    assert seen.drawn("train/loss") > 300
    # The axis reaches the spike, which a mean over the bucket would have hidden.
    assert {query["axis"] for query in seen.charts} == {"step"}


def test_what_is_not_on_the_screen_is_not_asked_for(look, train):
    training = train(project="many", name="wide")
    training("log", {f"m/{number:03}": 1.0 for number in range(60)})
    training.finish()
    seen = look("/".join(training.path.split("/")[:3]))
    seen.chart("m/000").locator("canvas").wait_for()
    seen.page.wait_for_timeout(500)
    assert 0 < len({query["key"] for query in seen.charts}) < 30
    seen.chart("m/059").scroll_into_view_if_needed()
    seen.chart("m/059").locator("canvas").wait_for()


def test_new_points_appear_by_themselves(look, train):
    training = train(project="live", name="live")
    training("log", *[{"loss": 1.0} for _ in range(10)])
    seen = look(training.path)
    picture = seen.chart("loss").get_by_role("img")
    expect(picture).to_have_attribute("aria-label", re.compile("10 points"))
    for number in range(11, 14):
        training("log", {"loss": 1.0 / number})
        expect(picture).to_have_attribute("aria-label", re.compile(f"{number} points"))
    assert seen.drawn("loss") > 50


def test_a_new_run_and_the_end_of_a_run_appear_by_themselves(look, train):
    first = train(project="arrivals", name="first")
    first("log", {"loss": 1.0})
    seen = look("/".join(first.path.split("/")[:3]))
    expect(seen.page.locator("[data-run]")).to_have_count(1)
    second = train(project="arrivals", name="second")
    second("log", {"loss": 2.0})
    expect(seen.page.locator("[data-run]")).to_have_count(2)
    second.finish()
    row = seen.page.locator("[data-run]", has_text="second")
    expect(row.get_by_role("img", name="Finished")).to_be_visible()
    expect(seen.page.locator("[data-run]", has_text="first").get_by_role("img", name="Running")).to_be_visible()


def test_dragging_zooms_by_asking_again_and_a_double_click_resets(look, digits):
    seen = look(digits[0])
    seen.drawn("train/loss")
    box = seen.chart("train/loss").locator(".u-over").bounding_box()
    seen.charts.clear()
    x, y = box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2
    seen.page.mouse.move(x, y)
    seen.page.mouse.down()
    seen.page.mouse.move(x + box["width"] * 0.25, y, steps=5)
    seen.page.mouse.up()
    expect(seen.page.get_by_role("button", name="Reset zoom")).to_be_visible()
    expect(seen.chart("train/loss").get_by_role("img")).to_have_attribute(
        "aria-label", re.compile(r"1 run, 2[45]\d points")
    )
    assert [query["key"] for query in seen.charts] == ["train/loss"]
    assert 230 < seen.charts[0]["lo"] < 270
    assert 480 < seen.charts[0]["hi"] < 520
    seen.chart("train/loss").locator(".u-over").dblclick()
    expect(seen.chart("train/loss").get_by_role("img")).to_have_attribute("aria-label", re.compile("1,000 points"))


def test_a_chart_is_read_and_zoomed_by_the_keyboard(look, digits):
    seen = look(digits[0])
    seen.drawn("train/loss")
    chart = seen.chart("train/loss").get_by_role("img")
    chart.focus()
    seen.page.keyboard.press("ArrowRight")
    expect(seen.page.locator(".tooltip")).to_contain_text("Step")
    first = seen.page.locator(".tooltip-head").inner_text()
    seen.page.keyboard.press("Shift+ArrowRight")
    expect(seen.page.locator(".tooltip-head")).not_to_have_text(first)
    seen.page.keyboard.press("+")
    expect(chart).to_have_attribute("aria-label", re.compile(r"1 run, (49|50)\d points"))
    expect(chart).to_be_focused()
    seen.page.keyboard.press("Escape")
    expect(chart).to_have_attribute("aria-label", re.compile("1,000 points"))
    seen.page.keyboard.press("Tab")
    expect(seen.page.locator(".tooltip")).to_have_count(0)


def test_what_is_no_number_is_said(look, train):
    training = train(project="odd", name="diverged")
    training("log", *[{"loss": float("nan"), "half": 1.0 if step < 50 else float("inf")} for step in range(100)])
    training.finish()
    seen = look(training.path)
    expect(seen.chart("loss")).to_contain_text("Only NaN or infinite values")
    seen.drawn("half")
    box = seen.chart("half").locator(".u-over").bounding_box()
    seen.page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    expect(seen.page.locator(".tooltip")).to_contain_text("NaN")


def test_how_the_page_is_set_up_is_in_the_address(look, digits):
    project = "/".join(digits[0].split("/")[:3])
    seen = look(project)
    seen.drawn("train/loss")
    seen.page.get_by_role("button", name="Draw calm-river-1").click()
    seen.page.get_by_role("button", name="Relative").click()
    seen.page.get_by_label("Smoothing").fill("0.6")
    seen.chart("train/loss").hover()
    seen.chart("train/loss").get_by_role("button", name="log").click()
    seen.page.wait_for_url(re.compile(r"hide=\w+&x=runtime&smooth=0.6&log=train%2Floss"))
    again = look(seen.page.url.removeprefix(seen.server.url))
    expect(again.page.get_by_text("2 of 3 shown")).to_be_visible()
    expect(again.page.get_by_role("button", name="Relative")).to_have_attribute("aria-pressed", "true")
    expect(again.chart("train/loss").get_by_role("img")).to_have_attribute("aria-label", re.compile("2 runs"))
    assert again.drawn("train/loss") > 100


def test_runs_are_found_and_shown_all_or_none(look, digits):
    seen = look("/".join(digits[0].split("/")[:3]))
    expect(seen.page.locator("[data-run]")).to_have_count(3)
    assert seen.drawn("train/loss") > 100
    seen.page.keyboard.press("/")
    expect(seen.page.get_by_label("Find runs")).to_be_focused()
    seen.page.keyboard.type("river-2")
    expect(seen.page.locator("[data-run]")).to_have_count(1)
    seen.page.get_by_label("Find runs").fill("nobody")
    expect(seen.page.get_by_text("No run has “nobody” in its name")).to_be_in_viewport()
    seen.page.get_by_label("Find runs").fill("")
    seen.page.get_by_role("button", name="None", exact=True).click()
    expect(seen.chart("train/loss")).to_contain_text("No run is shown")
    seen.page.get_by_role("button", name="All", exact=True).click()
    assert seen.drawn("train/loss") > 100


def test_the_legend_follows_the_pointer_and_the_crosshair_is_everywhere(look, digits):
    seen = look("/".join(digits[0].split("/")[:3]))
    seen.drawn("train/loss")
    seen.drawn("val/accuracy")
    seen.chart("train/loss").locator(".u-over").hover()
    expect(seen.page.locator(".tooltip")).to_contain_text("calm-river-2")
    expect(seen.page.locator(".tooltip")).to_have_count(1)
    expect(seen.chart("val/accuracy").locator(".u-cursor-x")).to_be_visible()


def test_the_console_shows_lines_in_their_colours(look, digits):
    seen = look(digits[0] + "/console")
    lines = seen.page.locator(".line")
    expect(seen.page.get_by_text("line 299", exact=True)).to_be_visible()  # the end comes first
    seen.page.get_by_role("button", name="Top").click()
    red = seen.page.locator(".line-text span", has_text=re.compile("^red$"))
    expect(red).to_be_visible()
    assert red.evaluate("span => getComputedStyle(span).color") != lines.first.evaluate(
        "line => getComputedStyle(line).color"
    )
    expect(seen.page.locator(".line.stderr", has_text="careful")).to_have_count(0)
    seen.page.get_by_role("searchbox").fill("careful")
    expect(seen.page.locator(".line.stderr mark")).to_have_text("careful")
    seen.page.get_by_role("searchbox").fill("line 2")
    expect(seen.page.get_by_role("status").filter(has_text="of")).to_contain_text("1 of 111")
    assert lines.count() < 100  # of more than 300


def test_the_console_follows_what_is_written(look, train):
    training = train(project="live", name="talks")
    training("print", *[f"old {number}" for number in range(200)])
    training("log", {"loss": 1.0})
    seen = look(training.path + "/console")
    expect(seen.page.get_by_text("old 199")).to_be_visible()
    training("print", "something new")
    training("log", {"loss": 1.0})
    expect(seen.page.get_by_text("something new")).to_be_in_viewport()


def test_images_are_shown_step_by_step(look, digits):
    seen = look(digits[0])
    panel = seen.page.locator("[data-media='samples']")
    panel.scroll_into_view_if_needed()
    expect(panel).to_contain_text("Step 1,001")
    expect(panel.get_by_role("img", name="number 1")).to_be_visible()
    assert panel.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 28
    panel.get_by_role("slider").fill("0")
    expect(panel).to_contain_text("Step 1,000")
    project = look("/".join(digits[0].split("/")[:3]))
    expect(project.page.get_by_label("Images of samples").locator("img")).to_have_count(3)


def test_name_notes_and_tags_are_edited_in_place(look, train):
    training = train(project="edits", name="before")
    training("log", {"loss": 1.0})
    training.finish()
    seen = look(training.path + "/overview")
    seen.page.get_by_role("button", name="Name: before. Edit").click()
    seen.page.get_by_label("Name").fill("after")
    seen.page.keyboard.press("Enter")
    expect(seen.page.get_by_role("heading", level=1)).to_contain_text("after")
    seen.page.get_by_role("button", name="Notes: none. Edit").click()
    seen.page.get_by_label("Notes").fill("two\nlines")
    seen.page.keyboard.press("Control+Enter")
    seen.page.get_by_role("button", name="Add a tag").click()
    seen.page.get_by_label("New tag").fill("best")
    seen.page.keyboard.press("Enter")
    expect(seen.page.get_by_role("button", name="Take off the tag best")).to_be_visible()
    seen.page.reload()
    expect(seen.page.get_by_role("button", name="Notes: two lines. Edit")).to_be_visible()
    seen.page.get_by_role("button", name="Take off the tag best").click()
    expect(seen.page.get_by_text("best")).to_have_count(0)


def test_what_ended_empty_says_so(look, train):
    training = train(project="empty", name="nothing")
    training.finish()
    seen = look(training.path)
    expect(seen.page.get_by_role("heading", name="Nothing was logged")).to_be_visible()
    seen.go("/".join(training.path.split("/")[:3]))
    expect(seen.page.get_by_role("heading", name="No charts yet")).to_be_visible()


def test_deleting_asks_once_more(look, train):
    training = train(project="edits", name="doomed")
    training("log", {"loss": 1.0})
    training.finish()
    seen = look(training.path)
    seen.page.get_by_role("button", name="Delete doomed").click()
    seen.page.get_by_role("button", name="Keep").click()
    seen.page.get_by_role("button", name="Delete doomed").click()
    seen.page.get_by_role("button", name="Delete", exact=True).click()
    expect(seen.page.locator("[data-run]", has_text="doomed")).to_have_count(0)
    seen.go(training.path)
    expect(seen.page.get_by_role("heading", name="Not found")).to_be_visible()


def test_light_and_dark_follow_the_system_and_the_switch(look, digits):
    def brightness(seen):
        return seen.page.evaluate(
            "getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
        )

    assert min(brightness(look(scheme="light"))) > 230
    dark = look(digits[0], scheme="dark")
    assert max(brightness(dark)) < 40
    assert dark.drawn("train/loss") > 100
    dark.page.get_by_role("button", name="Light colours").click()
    assert min(brightness(dark)) > 230
    assert dark.drawn("train/loss") > 100
    dark.page.reload()
    dark.page.locator("header.header").wait_for()
    assert min(brightness(dark)) > 230


@pytest.mark.parametrize("width", [400, 820, 1400])
def test_nothing_is_wider_than_the_window(look, digits, width):
    project = "/".join(digits[0].split("/")[:3])
    seen = look(width=width)
    for path, sign in (
        ("/", "link:digits"), ("/settings", "heading:Settings"), (project, "img:^train.loss: 3 runs"),
        (digits[0], "img:^train.loss: 1 run"), (digits[0] + "/overview", "heading:Config"),
        (digits[0] + "/console", "link:^Download"), (digits[0] + "/system", "heading:."),
    ):  # fmt: skip
        seen.go(path)
        role, _, name = sign.partition(":")
        expect(seen.page.locator("#main").get_by_role(role, name=re.compile(name)).first).to_be_attached()
        seen.page.wait_for_timeout(300)
        assert seen.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


def test_on_a_narrow_window_the_runs_are_a_drawer(look, digits):
    seen = look("/".join(digits[0].split("/")[:3]), width=400)
    link = seen.page.get_by_role("link", name="calm-river-1")
    expect(link).to_be_hidden()
    seen.page.get_by_role("button", name=re.compile("^Runs")).click()
    expect(link).to_be_visible()
    seen.page.keyboard.press("Escape")
    expect(link).to_be_hidden()


def test_text_from_a_run_never_becomes_markup(look, train):
    training = train(
        project="hostile",
        name=PAYLOAD,
        tags=[text[:64] for text in PAYLOADS],
        notes="\n\n".join(PAYLOADS),
        group=None,
        config={**{text: text for text in PAYLOADS}, "nested": {PAYLOAD: PAYLOADS}},
    )
    training("log", {f"{text}/{text}": 1.0 for text in PAYLOADS} | {f"text {text}": text for text in PAYLOADS})
    training("table", "cells", *PAYLOADS)
    training("print", *PAYLOADS, f"\x1b[31m{PAYLOAD}\x1b[0m")
    training("warn", *PAYLOADS)
    seen = look()
    expect(seen.page.get_by_text(PAYLOAD)).to_be_visible()  # among what runs now
    for path in (
        "/".join(training.path.split("/")[:3]),
        *(training.path + tab for tab in ("", "/overview", "/media", "/console", "/system")),
    ):
        seen.go(path)
        expect(seen.page.get_by_text(PAYLOAD).filter(visible=True).first).to_be_visible()
        seen.page.wait_for_timeout(500)
        assert seen.page.evaluate("window.owned") is None
        assert seen.page.locator(MARKUP).count() == 0


def test_a_server_that_was_away_is_found_again(look, server, train):
    training = train(project="live", name="bridge")
    training("log", {"loss": 1.0})
    seen = look(training.path)
    picture = seen.chart("loss").get_by_role("img")
    expect(picture).to_have_attribute("aria-label", re.compile("1 point,"))
    home = look()
    expect(home.page.get_by_role("link", name="live", exact=False).first).to_be_visible()
    server.stop()
    expect(seen.page.get_by_text("Reconnecting…")).to_be_visible(timeout=30_000)
    expect(home.page.get_by_role("alert")).to_contain_text("does not answer")
    training("log", {"loss": 2.0})
    assert seen.drawn("loss") > 0  # what was there stays
    server.start(port=server.url.rpartition(":")[2])
    expect(seen.page.get_by_text("Live", exact=True)).to_be_visible(timeout=30_000)
    expect(picture).to_have_attribute("aria-label", re.compile("2 points"), timeout=30_000)
    expect(home.page.get_by_role("alert")).to_have_count(0)


NOTES = f"""# What it tries
Longer **warm-up**, see [the issue](https://example.org/1) and [not this](javascript:window.owned=1).

- one
- {PAYLOAD}

| a | {PAYLOAD} |
|---|---|
| 1 | `{PAYLOAD}` |
"""


def test_notes_are_markdown_and_run_nothing(look, train):
    training = train(project="edits", name="noted", notes=NOTES)
    training("log", {"loss": 1.0})
    training.finish()
    seen = look(training.path + "/overview")
    notes = seen.page.get_by_label("About this run")
    expect(notes.get_by_role("heading", name="What it tries")).to_be_visible()
    expect(notes.get_by_role("link")).to_have_count(1)
    expect(notes.get_by_role("link", name="the issue")).to_have_attribute("href", "https://example.org/1")
    expect(notes.get_by_role("listitem")).to_have_count(2)
    expect(notes.get_by_role("cell", name=PAYLOAD)).to_be_visible()
    assert seen.page.evaluate("window.owned") is None
    assert notes.locator("img, script").count() == 0


def test_the_console_is_downloaded_and_jumps_to_a_step(look, train, tmp_path):
    training = train(project="console", name="long")
    for step in range(20):
        training("print", *[f"\x1b[32mstep {step}\x1b[0m line {line}" for line in range(100)])
        training("log", {"loss": 1.0})
    training.finish()
    seen = look(training.path + "/console")
    expect(seen.page.get_by_text("step 19 line 99")).to_be_visible()
    jump = seen.page.get_by_label("Go to the lines of step")
    jump.fill("7")
    jump.press("Enter")
    expect(seen.page.get_by_text("step 7 line 0", exact=True)).to_be_in_viewport()
    with seen.page.expect_download() as saved:
        seen.page.get_by_role("link", name="Download all lines").click()
    saved.value.save_as(tmp_path / "log")
    lines = [line for line in (tmp_path / "log").read_text().splitlines() if line.startswith("step")]
    assert len(lines) == 2000
    assert lines[:2] == ["step 0 line 0", "step 0 line 1"]


def test_a_refusal_of_before_the_login_that_comes_late_logs_nobody_out(look, digits):
    seen = look(logged_in=False)
    held = []
    seen.page.route("**/api/v1/runs/**", lambda route: held.append(route), times=1)  # noqa: PLW0108 it looks at the function
    seen.go("/".join(digits[0].split("/")[:3]))
    seen.log_in()
    expect(seen.page.get_by_role("link", name="calm-river-2")).to_be_visible()
    [early] = held
    early.fulfill(status=401, json={"error": {"code": "authentication", "message": "Log in."}})
    seen.page.wait_for_timeout(500)
    expect(seen.page.get_by_role("link", name="calm-river-2")).to_be_visible()
