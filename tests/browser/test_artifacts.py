"""Artifacts on the page: of a project, and of a run as of the playhead, on a real server."""

import base64
import hashlib
import time

import pytest
from playwright.sync_api import expect

from playhead.client.local import user_name
from playhead.client.server import Server as Client
from playhead.client.transport import HttpTransport, Request
from playhead.domain import manifest
from playhead.domain.artifact import Entry, digest_of
from playhead.domain.ids import RunPath, generate_id
from playhead.journal import format as f
from playhead.journal.writer import Writer

ME = user_name()
PROJECT = "shelf"
PAYLOAD = "<img src=x onerror=window.owned=1>"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Run:
    """A run that logs and uses artifacts, as its journal says."""

    def __init__(self, server, folder, run_id, job_type=""):
        self.transport = HttpTransport(server.url, server.key)
        self.client = Client(self.transport, server.url)
        self.run = RunPath(ME, PROJECT, run_id)
        self.header = f.Header(f"s-{run_id}", run_id, f"g-{run_id}", "main", PROJECT, None, time.time_ns() // 1000)
        self.journal = folder / f"{run_id}.journal"
        self.writer = Writer(self.journal, self.header, convert=lambda _, value: value)
        self.writer.record(f.START, 0, {"name": run_id, "config": {}, "job_type": job_type})
        self.rows(0)

    def rows(self, step):
        self.writer.row(step, {"loss": 1.0})
        self.flush()

    def flush(self):
        at = self.client.stream_offset(self.header.stream)
        self.client.append(self.header.stream, at, self.journal.read_bytes()[at:])

    def log(self, name, files, step=0, kind="dataset", **more):
        inside, contents = [], {}
        for path, text in files.items():
            if text.startswith("s3://"):
                inside.append(Entry(path, "etag", 5, ref=text))
                continue
            data = text.encode()
            contents[sha256(data)] = data
            md5 = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
            inside.append(Entry(path, md5, len(data), sha256(data)))
        told = manifest.to_json(inside)
        self.client.put_blobs(self.run, {**contents, sha256(told): told})
        record = {
            "id": generate_id(20),
            "name": name,
            "type": kind,
            "digest": digest_of(inside),
            "manifest": sha256(told),
        }
        self.rows(step)
        self.writer.record(f.ARTIFACT, step, record | more)
        self.flush()
        end = time.monotonic() + 60
        while time.monotonic() < end:
            answer = self.transport.send(Request("GET", f"/api/v1/artifact-ids/{record['id']}"))
            if b'"committed"' in answer.body:
                return record["id"]
            time.sleep(0.05)
        raise AssertionError(answer.body)

    def use(self, artifact_id, step=0, **more):
        self.writer.record(f.USE, step, {"artifact": artifact_id, **more})
        self.flush()

    def end(self):
        self.writer.record(f.EXIT, 9, {"code": 0})
        self.flush()
        self.writer.close()


@pytest.fixture(scope="module")
def shelf(server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shelf")
    prepare, train, judge = (Run(server, folder, name, name) for name in ("prepare", "train", "judge"))
    files = {
        "readme.md": PAYLOAD,
        "rows.csv": "a,b\n1,2\n3,4\n",
        "meta.json": '{"deep": {"key": 1}}',
        "raw": "s3://bucket/raw",
    }
    data = prepare.log(
        "digits", files, metadata={"rows": 2, "source": {"site": PAYLOAD}}, description="Two rows of digits."
    )
    train.use(data, **{"as": "training data"})
    for step in (2, 5, 8):
        model = train.log(
            "model",
            {"weights/model.txt": f"weights of step {step}"},
            step,
            "model",
            aliases=["best"] if step == 5 else [],
        )
    judge.use(model)
    judge.log("report", {"scores.json": '{"accuracy": 0.9}'}, 1, "result")
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
