"""What is done to many runs at once, beside tags, comparison and the trash."""

from playwright.sync_api import expect

PAYLOAD = "<img src=x onerror=window.owned=1>"


def test_runs_are_grouped_drawn_hidden_and_stopped_at_once(look, train):
    trainings = [train(project="bulk-more", name=f"bulk-{number}") for number in range(3)]
    for training in trainings:
        training("log", {"loss": 1.0})
    project = "/".join(trainings[0].path.split("/")[:3])
    seen = look(project + "/table?sort=name")
    expect(seen.page.locator("[data-run]").get_by_text("Running")).to_have_count(3)
    seen.page.get_by_label("Select bulk-0").check()
    seen.page.get_by_label("Select bulk-1").check()
    bar = seen.page.get_by_label("Selected runs")

    bar.get_by_role("button", name="Group").click()
    bar.get_by_label("Group", exact=True).get_by_label("Group", exact=True).fill(PAYLOAD)
    seen.page.keyboard.press("Enter")
    bar.get_by_role("button", name="Group").click()
    bar.get_by_label("Job type").fill("train")
    seen.page.keyboard.press("Enter")
    seen.page.get_by_label("Group runs by").select_option("job_type")
    expect(seen.page.locator("[data-group='train']")).to_contain_text("2")
    seen.page.get_by_label("Group runs by").select_option("group")
    expect(seen.page.locator("[data-group]")).to_contain_text(PAYLOAD)
    bar.get_by_role("button", name="Group").click()
    bar.get_by_label("Take the group off them").click()
    expect(seen.page.locator("[data-group]")).to_have_count(0)

    bar.get_by_role("button", name="Hide").click()
    expect(seen.page.get_by_label("Draw bulk-0")).to_have_attribute("aria-pressed", "false")
    expect(seen.page.get_by_label("Draw bulk-2")).to_have_attribute("aria-pressed", "true")
    bar.get_by_role("button", name="Draw", exact=True).click()
    expect(seen.page.get_by_label("Draw bulk-0")).to_have_attribute("aria-pressed", "true")

    bar.get_by_role("button", name="Stop…").click()
    bar.get_by_role("button", name="Let them run").click()
    bar.get_by_role("button", name="Stop…").click()
    bar.get_by_role("button", name="Stop 2").click()
    expect(seen.page.locator("[data-run]").get_by_text("Stopped")).to_have_count(2, timeout=60_000)
    expect(seen.page.locator("[data-run]").get_by_text("Running")).to_have_count(1)
    assert seen.page.evaluate("window.owned") is None


def test_runs_are_moved_to_another_project(look, train):
    trainings = [train(project="move-from", name=f"move-{number}") for number in range(3)]
    for training in trainings:
        training("log", {"loss": 1.0})
    for training in trainings[:2]:
        training.finish()
    project = "/".join(trainings[0].path.split("/")[:3])
    seen = look(project + "/table?sort=name")
    rows = seen.page.locator("[data-run]")
    expect(rows.get_by_text("Finished")).to_have_count(2)
    seen.page.get_by_label("Select all that are listed").check()
    bar = seen.page.get_by_label("Selected runs")
    form = bar.get_by_role("dialog", name="Move…")

    bar.get_by_role("button", name="Move…").click()
    expect(form.get_by_text("1 is at work and stays.")).to_be_visible()
    expect(form.get_by_label("Project")).to_be_focused()
    seen.page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    bar.get_by_role("button", name="Move…").press("Enter")
    form.get_by_label("Project").fill("move-from")
    expect(form.get_by_role("button", name="Move 2")).to_be_disabled()
    form.get_by_label("Project").fill("not/a name")
    seen.page.keyboard.press("Enter")
    expect(bar.get_by_role("status")).to_contain_text("'not/a name' cannot be the name of a project")
    expect(rows).to_have_count(3)
    bar.get_by_role("button", name="Move…").click()
    form.get_by_label("Project").fill("move-to")
    seen.page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("move-2")
    expect(bar).to_contain_text("1 run selected")
    expect(seen.page.get_by_role("status").filter(has_text="2 runs are in move-to now.")).to_be_visible()

    seen.page.get_by_role("link", name="move-to").click()
    seen.page.get_by_role("link", name="Table").click()
    expect(rows).to_have_count(2)
    expect(rows.get_by_text("Finished")).to_have_count(2)


def test_what_opens_has_the_focus(look, train):
    training = train(project="bulk-focus", name="focus-0")
    training.finish()
    seen = look(training.path.rsplit("/", 2)[0] + "/table")
    seen.page.get_by_label("Find runs").click()
    seen.page.get_by_label("Select focus-0").check()
    bar = seen.page.get_by_label("Selected runs")
    bar.get_by_role("button", name="Delete…").click()
    expect(bar.get_by_role("button", name="Keep")).to_be_focused()
    seen.page.keyboard.press("Escape")
    expect(bar.get_by_role("button", name="Keep")).to_have_count(0)
    bar.get_by_role("button", name="Group").click()
    expect(bar.get_by_label("Group", exact=True).get_by_label("Group", exact=True)).to_be_focused()
    run = look(training.path + "/overview").page
    run.get_by_role("button", name="Add a tag").click()
    expect(run.get_by_label("New tag")).to_be_focused()
    run.keyboard.press("Escape")
    expect(run.get_by_label("New tag")).to_have_count(0)
