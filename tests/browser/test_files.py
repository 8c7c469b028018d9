"""Files on a run's page: as of the playhead, their versions, and what is in them, on a real server."""

import json
import re
import struct
import zlib

import pytest
from playwright.sync_api import expect

from a_run import Journal, Run, digest
from a_server import ME

PAYLOAD = "<img src=x onerror=window.owned=1><script>window.owned=1</script>"
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="window.owned=1"><text>{PAYLOAD}</text></svg>'


def png(width, height):
    """A red one."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = (b"\0" + b"\xff\0\0" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


class Saver(Run):
    """A run of the project `saved` that saves files."""

    def __init__(self, server, folder, run_id):
        self.folder = folder
        self.path = f"/{ME}/saved/runs/{run_id}/files"
        journal = Journal(folder, project="saved", run_id=run_id, segment=f"{run_id}-0")
        super().__init__(server.client(), journal, name="saver")

    def begin(self, segment, **header):
        """Go on in another segment."""
        old = self.journal.header
        self.journal = Journal(
            self.folder, project="saved", run_id=old.run_id, segment=segment, created_at=old.created_at + 1, **header
        )
        self.journal.start(name="saver")
        return self.flush()


LONG = "".join(f"{number} {'x' * 60}\n" for number in range(20_000))
CONTENTS = {
    "notes.txt": "first\n\tsecond\nthird\n",
    "conf/deep/params.json": json.dumps({"lr": 0.5, "net": {"depth": 18}, "id": 2**64, "many": list(range(3000))}),
    "conf/broken.json": '{"loss": NaN}',
    "eval/table.csv": 'name,score\n"a, b",0.25\n' + "row,1\n" * 3000,
    "eval/plot.png": png(60, 40),
    "eval/plot.svg": SVG,
    "page.html": PAYLOAD,
    "model.bin": b"\0\1\2" * 500,
    "unknown": b"\0\1\2" * 500,
    "long.log": LONG,
    "empty.txt": "",
}


@pytest.fixture(scope="session")
def kept(server, tmp_path_factory):
    """`model.pt` at steps 100, 300 and 500 (archived), rewound to 300, and again at 400; all CONTENTS at step 200."""
    run = Saver(server, tmp_path_factory.mktemp("kept"), "kept").rows(0, 600)
    for step, text in ((100, "one"), (300, "two and"), (500, "three to")):
        run.save(step, "model.pt", text)
        run.save(step, "notes/of-model.txt", text)
    for path, content in CONTENTS.items():
        run.save(200, path, content)
    run.save(550, "late.txt", "only in the archived segment")
    run.flush().journal.writer.close()
    run.begin("kept-1", parent="kept-0", parent_step=300, step=301).rows(301, 450)
    run.save(400, "notes/of-model.txt", "four").save(400, "model.pt", "four").end()
    return run


@pytest.fixture(scope="session")
def many(server, tmp_path_factory):
    run = Saver(server, tmp_path_factory.mktemp("many"), "many").rows(0, 20)
    for number in range(10_000):
        run.save(number % 10, f"part-{number % 4}/shard-{number}.bin", "same", send=number == 0)
    return run.end()


def rows(seen):
    return seen.page.get_by_role("treeitem")


def row(seen, name):
    return seen.page.get_by_role("treeitem", name=re.compile(f"^{re.escape(name)} "))


def detail(seen, path):
    return seen.page.get_by_role("region", name=f"File {path}")


def content(seen):
    return seen.page.get_by_role("region", name="Content")


def versions(seen):
    return seen.page.get_by_role("region", name="Versions").get_by_role("listitem")


def test_files_are_those_of_the_playhead(look, kept):
    seen = look(kept.path.removesuffix("/files"))
    seen.page.get_by_role("link", name="Files", exact=True).click()
    expect(row(seen, "model.pt")).to_contain_text("4 Bstep 400")
    expect(row(seen, "late.txt")).to_have_count(0)
    expect(row(seen, "plot.png")).to_be_visible()  # folders of a few files are open
    seen.page.get_by_label("Step of the playhead").fill("150")
    seen.page.keyboard.press("Enter")
    expect(row(seen, "model.pt")).to_contain_text("3 Bstep 100")
    expect(row(seen, "plot.png")).to_have_count(0)
    seen.page.get_by_label("Step of the playhead").fill("50")
    seen.page.keyboard.press("Enter")
    expect(seen.page.get_by_role("heading", name="No files yet")).to_be_visible()
    expect(seen.page.get_by_text("Until step 50 nothing was saved.")).to_be_visible()
    seen.go(f"{kept.path}?segment=kept-0")
    expect(row(seen, "model.pt")).to_contain_text("step 500")
    expect(row(seen, "late.txt")).to_be_visible()


def test_a_file_follows_the_playhead(look, kept):
    seen = look(f"{kept.path}?file=notes/of-model.txt&step=350")
    expect(content(seen)).to_contain_text("two and")
    expect(detail(seen, "notes/of-model.txt")).to_contain_text(
        f'playhead.restore("notes/of-model.txt", run_path="{ME}/saved/kept", step=350)'
    )
    expect(row(seen, "of-model.txt")).to_have_attribute("aria-selected", "true")
    for step, text in (("299", "one"), ("420", "four")):
        seen.page.get_by_label("Step of the playhead").fill(step)
        seen.page.keyboard.press("Enter")
        expect(content(seen)).to_contain_text(text)
    assert "file=notes/of-model.txt" in seen.page.url
    seen.page.get_by_label("Step of the playhead").fill("20")
    seen.page.keyboard.press("Enter")
    expect(seen.page.get_by_text("It was not there at step 20.")).to_be_visible()
    expect(versions(seen)).to_have_count(4)
    seen.page.get_by_role("button", name="Back to now").click()
    expect(content(seen)).to_contain_text("four")
    expect(detail(seen, "notes/of-model.txt")).to_contain_text(f'run_path="{ME}/saved/kept")')


def test_a_version_is_picked(look, kept):
    seen = look(f"{kept.path}?file=notes/of-model.txt")
    expect(versions(seen)).to_have_count(4)
    expect(versions(seen).first.locator("[aria-current]")).to_contain_text("step 400")
    expect(seen.page.locator(".file-version.archived")).to_have_count(1)
    seen.page.locator(".file-version.archived").click()
    expect(content(seen)).to_contain_text("three to")
    expect(seen.page).to_have_url(re.compile("version=2$"))
    expect(versions(seen).locator("[aria-current]")).to_contain_text("step 500")
    expect(detail(seen, "notes/of-model.txt")).to_contain_text(f'run_path="{ME}/saved/kept", version=2)')
    seen.page.reload()
    expect(content(seen)).to_contain_text("three to")
    seen.page.get_by_role("link", name="Show the one of now").click()
    expect(content(seen)).to_contain_text("four")
    seen.page.go_back()
    expect(content(seen)).to_contain_text("three to")
    # To move the playhead is to want the file of there.
    seen.page.get_by_label("Step of the playhead").fill("320")
    seen.page.keyboard.press("Enter")
    expect(content(seen)).to_contain_text("two and")
    expect(seen.page).to_have_url(re.compile(r"\?file=notes/of-model.txt&step=320$"))


def test_it_is_downloaded_by_its_name(look, kept):
    seen = look(f"{kept.path}?file=model.pt&step=300")
    expect(seen.page.get_by_text("This kind of file is not shown here")).to_be_visible()
    with seen.page.expect_download() as caught:
        seen.page.get_by_role("link", name="Download").click()
    assert caught.value.suggested_filename == "model.pt"
    assert caught.value.path().read_text() == "two and"
    seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    seen.page.get_by_role("button", name="Copy the SHA-256").click()
    assert seen.page.evaluate("navigator.clipboard.readText()") == digest(b"two and")


def test_what_is_in_a_file(look, kept):
    seen = look(f"{kept.path}?file=notes.txt")
    expect(content(seen).locator(".line")).to_have_text(["1first", "2\tsecond", "3third"])
    for name in ("model.bin", "unknown"):
        row(seen, name).click()
        expect(detail(seen, name)).to_contain_text("This kind of file is not shown here")
    row(seen, "empty.txt").click()
    expect(detail(seen, "empty.txt")).to_contain_text("The file is empty.")
    row(seen, "plot.png").click()
    picture = seen.page.get_by_role("img", name="eval/plot.png")
    expect(picture).to_be_visible()
    expect(detail(seen, "eval/plot.png")).to_contain_text("60 × 40")
    row(seen, "table.csv").click()
    expect(seen.page.get_by_role("columnheader")).to_have_text(["name", "score"])
    expect(content(seen).get_by_role("cell", name="a, b")).to_be_visible()
    expect(detail(seen, "eval/table.csv")).to_contain_text("The first 1,000 rows of 2 columns.")
    seen.page.get_by_role("button", name="Text", exact=True).click()
    expect(content(seen).locator(".line").nth(1)).to_have_text('2"a, b",0.25')
    seen.page.get_by_role("link", name="Close the file").click()
    expect(detail(seen, "eval/table.csv")).to_have_count(0)


def test_json_opens_and_closes(look, kept):
    seen = look(f"{kept.path}?file=conf/deep/params.json")
    expect(content(seen)).to_contain_text("id: 18446744073709551616")  # not what JavaScript would make of it
    expect(content(seen)).to_contain_text("depth: 18")
    seen.page.get_by_role("button", name="net: {…} 1 key").click()
    expect(content(seen)).not_to_contain_text("depth: 18")
    seen.page.get_by_role("button", name="many: […] 3,000 items").click()
    expect(content(seen)).to_contain_text("4: 4")
    row(seen, "broken.json").click()
    expect(detail(seen, "conf/broken.json")).to_contain_text("This is not JSON")
    expect(content(seen)).to_contain_text('{"loss": NaN}')


def test_a_long_file_comes_in_parts(look, kept):
    seen = look(f"{kept.path}?file=long.log")
    asked = []
    seen.page.on("request", lambda request: "/blobs/" in request.url and asked.append(request.headers.get("range")))
    expect(content(seen).locator(".line").first).to_contain_text("0 xxx")
    expect(detail(seen, "long.log")).to_contain_text("The first 250 KB of 1.3 MB.")
    seen.page.get_by_role("button", name="Show the rest").click()
    expect(seen.page.get_by_text("The first 250 KB")).to_have_count(0)
    assert asked[-1].startswith("bytes=250000-")
    content(seen).focus()
    seen.page.keyboard.press("End")
    expect(content(seen)).to_contain_text("19999 xxx")


@pytest.mark.parametrize("name", ["eval/plot.svg", "page.html"])
def test_a_file_is_never_run(look, kept, name):
    seen = look(f"{kept.path}?file={name}")
    expect(content(seen)).to_contain_text(PAYLOAD)
    seen.page.wait_for_timeout(300)
    assert seen.page.evaluate("window.owned") is None
    assert seen.page.locator("img[src=x], script:not([src])").count() == 0
    assert seen.page.locator(".file-detail iframe, .file-detail object, .file-detail embed").count() == 0


def test_names_of_files_are_text(look, server, tmp_path):
    run = Saver(server, tmp_path, "odd").rows(0, 3)
    odd = {
        "<b>&amp; #?%.txt": "bold",
        "ü ñ/日本.txt": "far",
        "__proto__/constructor": "object",
        "x\u202egol.txt": "turned",
    }
    for name, text in odd.items():
        run.save(1, name, text)
    run.save(1, "../../etc/passwd", "out").save(1, "gone.txt", "lost", send=False).end()
    seen = look(run.path)
    expect(seen.page.get_by_text("1 record of files cannot be shown")).to_be_visible()
    for name, text in odd.items():
        row(seen, name.rpartition("/")[2].replace("\u202e", "\ufffd")).click()
        expect(content(seen)).to_have_text(f"1{text}")
        seen.page.reload()
        expect(content(seen)).to_have_text(f"1{text}")
    row(seen, "gone.txt").click()
    expect(seen.page.get_by_role("alert")).to_contain_text("has not arrived")
    seen.go(f"{run.path}?file=nothing.txt")
    expect(seen.page.get_by_role("alert")).to_contain_text("has no file 'nothing.txt'")


def test_a_tick_of_the_timeline_opens_its_file(look, kept):
    seen = look(kept.path.removesuffix("/files"))
    seen.page.locator("button.mark-tick[title*='step 100:']").click()
    expect(seen.page).to_have_url(re.compile(r"/files\?file=notes/of-model.txt&step=100$"))
    expect(content(seen)).to_contain_text("one")
    seen.page.go_back()
    expect(seen.chart("loss")).to_be_visible()
    seen.page.locator("button.mark-tick[title*='step 400:']").click()
    expect(seen.page).to_have_url(re.compile(r"/files\?file=model.pt&step=400$"))
    expect(row(seen, "model.pt")).to_have_attribute("aria-selected", "true")


@pytest.mark.thorough
def test_ten_thousand_files_are_searched_and_walked_through(look, many):
    seen = look(many.path)
    expect(seen.page.get_by_role("status").filter(has_text="10,000 files, 40 KB")).to_be_visible()
    expect(rows(seen)).to_have_count(4)
    seen.page.get_by_role("treeitem", name=re.compile("^part-1")).click()
    expect(row(seen, "shard-1.bin")).to_be_visible()
    assert rows(seen).count() < 60
    tree = seen.page.get_by_role("tree")
    tree.focus()
    for key in ("Home", "ArrowDown", "ArrowLeft", "End", "ArrowRight", "End"):
        seen.page.keyboard.press(key)
    expect(seen.page.locator(".file-row.active")).to_contain_text("shard-9999.bin")
    assert tree.get_attribute("aria-activedescendant") == seen.page.locator(".file-row.active").get_attribute("id")
    seen.page.keyboard.press("Enter")
    expect(detail(seen, "part-3/shard-9999.bin")).to_be_visible()
    seen.page.reload()
    expect(row(seen, "shard-9999.bin")).to_be_in_viewport()
    seen.page.get_by_label("Find files").fill("part-2 998")
    expect(rows(seen).nth(1)).to_contain_text("shard-998")
    expect(seen.page.get_by_role("status").filter(has_text=" of 10,000 files")).to_be_visible()
    waits = seen.page.evaluate(
        """() => new Promise(done => {
          const input = document.querySelector(".file-bar input"), began = performance.now();
          input.value = "shard-77"; input.dispatchEvent(new Event("input", { bubbles: true }));
          requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
        })"""
    )
    assert waits < 250, waits
    seen.page.get_by_label("Find files").fill("no such")
    expect(seen.page.get_by_text("No file has “no such” in its name.")).to_be_visible()


def test_what_is_saved_now_appears_by_itself(look, server, tmp_path):
    run = Saver(server, tmp_path, "live").rows(0, 5)
    seen = look(run.path)
    expect(seen.page.get_by_role("heading", name="No files yet")).to_be_visible()
    expect(seen.page.locator(".empty pre")).to_contain_text('run.save("model.pt")')
    run.save(6, "log.txt", "first").flush()
    row(seen, "log.txt").click()
    expect(content(seen)).to_contain_text("first")
    run.save(7, "log.txt", "second").rows(7, 8)
    expect(content(seen)).to_contain_text("second")
    expect(versions(seen)).to_have_count(2)
    run.save(8, "media/images/x.png", png(4, 4), media=True).end()
    expect(rows(seen)).to_have_count(1)
    seen.page.get_by_role("button", name="Media").click()
    row(seen, "x.png").click()
    expect(seen.page.get_by_role("img", name="media/images/x.png")).to_be_visible()


def test_system_metrics_of_one_writer(look, train):
    writers = [
        train(project="saved", id="pair", name="pair", mode="shared", settings={"label": f"rank-{rank}"})
        for rank in range(2)
    ]
    for writer in writers:
        writer("log", {"loss": 1.0})
    seen = look(writers[0].path + "/system")
    seen.chart("memory").scroll_into_view_if_needed()
    seen.drawn("memory")
    assert seen.charts[-1].get("label") is None
    seen.page.get_by_label("Writer").select_option("rank-1")
    seen.page.wait_for_timeout(500)
    assert seen.charts[-1]["label"] == "rank-1"
    for writer in writers:
        writer.finish()


@pytest.mark.parametrize("width", [400, 820, 1400])
def test_files_fit_the_window(look, kept, width):
    seen = look(f"{kept.path}?file=eval/table.csv&step=250", width=width)
    expect(content(seen)).to_be_visible()
    assert seen.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    beside, below = row(seen, "table.csv").bounding_box(), detail(seen, "eval/table.csv").bounding_box()
    assert (beside["x"] + beside["width"] <= below["x"]) == (width > 860)
