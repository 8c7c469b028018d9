"""Artifacts on the page: of a project, and of a run as of the playhead, on a real server."""

import pytest
from playwright.sync_api import expect

from a_run import Journal, Run
from a_server import ME
from playhead.journal import format as f
from waiting import until

PROJECT = "shelf"
PAYLOAD = "<img src=x onerror=window.owned=1>"


class Logger(Run):
    """A run that logs and uses artifacts."""

    def __init__(self, server, folder, run_id):
        super().__init__(server.client(), Journal(folder, project=PROJECT, run_id=run_id), name=run_id, job_type=run_id)
        self.rows(0, 0)

    def logged(self, name, files, step=0, **more):
        """Log one, and wait until it is a version."""
        self.rows(step, step)
        artifact_id = self.log(name, files, step, **more)
        until(lambda: self.client.artifact_by_id(artifact_id).state == "committed")
        return artifact_id

    def use(self, artifact_id, **more):
        self.journal.record(f.USE, artifact=artifact_id, **more)
        self.flush()


@pytest.fixture(scope="module")
def shelf(server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shelf")
    prepare, train, judge = (Logger(server, folder, name) for name in ("prepare", "train", "judge"))
    files = {
        "readme.md": PAYLOAD,
        "rows.csv": "a,b\n1,2\n3,4\n",
        "meta.json": '{"deep": {"key": 1}}',
        "raw": {"digest": "etag", "size": 5, "ref": "s3://bucket/raw"},
    }
    data = prepare.logged(
        "digits",
        files,
        kind="dataset",
        metadata={"rows": 2, "source": {"site": PAYLOAD}},
        description="Two rows of digits.",
    )
    train.use(data, **{"as": "training data"})
    for step in (2, 5, 8):
        model = train.logged(
            "model",
            {"weights/model.txt": f"weights of step {step}"},
            step,
            kind="model",
            aliases=["best"] if step == 5 else [],
        )
    judge.use(model)
    judge.logged("report", {"scores.json": '{"accuracy": 0.9}'}, 1, kind="result")
    for one in (prepare, train, judge):
        one.end()
    return train.run


def test_a_project_shows_its_artifacts(look, shelf):
    page = look(f"/{ME}/{PROJECT}").page
    page.get_by_role("link", name="Artifacts").click()
    names = page.get_by_role("navigation", name="Artifacts")
    expect(names.locator(".collection-type")).to_have_text(["dataset", "model", "result"])
    expect(names.locator(".collection-row").filter(has_text="model")).to_contain_text("3 versions")
    names.get_by_label("Find artifacts").fill("dig")
    expect(names.locator(".collection-row")).to_have_count(1)
    names.get_by_role("link", name="digits").click()
    expect(page).to_have_url(f"{page.url.partition('/artifacts')[0]}/artifacts/digits")
    detail = page.get_by_role("region", name="Artifact digits")
    expect(detail).to_contain_text("Two rows of digits.")
    expect(detail.locator(".artifact-facts")).to_contain_text("4 files")

    rows = detail.locator(".entry-row")
    expect(rows).to_have_count(4)
    rows.filter(has_text="rows.csv").click()
    expect(detail.locator(".table-box td").first).to_have_text("1")
    with page.expect_download() as download:
        detail.get_by_role("link", name="Download").click()
    assert download.value.path().read_text() == "a,b\n1,2\n3,4\n"
    rows.filter(has_text="readme.md").click()
    expect(detail.locator(".preview")).to_contain_text(PAYLOAD)
    rows.filter(has_text="raw").click()
    expect(detail).to_contain_text("s3://bucket/raw")
    detail.get_by_role("button", name="Metadata").click()
    expect(detail.locator(".values")).to_contain_text("source.site")
    assert page.evaluate("window.owned") is None


def test_versions_and_where_they_come_from(look, shelf):
    page = look(f"/{ME}/{PROJECT}/artifacts/model").page
    detail = page.get_by_role("region", name="Artifact model")
    versions = detail.locator(".artifact-version")
    expect(versions).to_have_count(3)
    expect(versions.nth(0)).to_contain_text("latest")
    expect(versions.nth(1)).to_contain_text("best")
    versions.nth(1).click()
    expect(page).to_have_url(f"{page.url.partition('/artifacts')[0]}/artifacts/model/v1")
    expect(detail.locator(".artifact-facts strong")).to_have_text("v1")
    detail.locator(".entry-row").click()
    expect(detail.locator(".preview")).to_contain_text("weights of step 5")
    expect(detail.locator(".code")).to_contain_text(f"{ME}/{PROJECT}/model:v1")
    detail.get_by_role("button", name="Lineage").click()
    nodes = detail.locator(".lineage-node")
    expect(nodes.filter(has_text="digits:v0")).to_be_visible()
    expect(nodes.filter(has_text="report:v0")).to_be_visible()
    assert detail.locator(".lineage-graph path").count() >= 6
    nodes.filter(has_text="digits:v0").click()
    expect(page.get_by_role("region", name="Artifact digits")).to_be_visible()


def test_a_run_shows_those_of_the_playhead(look, shelf):
    page = look(f"/{ME}/{PROJECT}/runs/train/artifacts").page
    logged = page.get_by_role("region", name="Logged")
    expect(logged.locator(".run-artifact")).to_have_count(3)
    expect(page.get_by_role("region", name="Used").locator(".run-artifact")).to_contain_text("as training data")
    logged.get_by_role("button", name="step 5").click()
    expect(logged.locator(".run-artifact")).to_have_count(2)
    page.goto(page.url.partition("?")[0] + "?step=1")
    expect(page.get_by_role("region", name="Used")).to_be_visible()
    expect(logged).to_have_count(0)
    page.get_by_role("link", name="digits:v0").click()
    expect(page.get_by_role("region", name="Artifact digits")).to_contain_text("prepare at step 0")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_narrow_window(look, shelf, scheme):
    page = look(f"/{ME}/{PROJECT}/artifacts/model/v1", width=400, scheme=scheme).page
    detail = page.get_by_role("region", name="Artifact model")
    detail.get_by_role("button", name="Lineage").click()
    expect(detail.locator(".lineage-node").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_what_is_not_there(look, shelf):
    page = look(f"/{ME}/{PROJECT}/artifacts/no").page
    expect(page.get_by_role("alert")).to_contain_text("There is no artifact")
    page.goto(page.url.replace("/artifacts/no", "/artifacts/model/v9"))
    expect(page.get_by_role("alert")).to_contain_text("no version")
