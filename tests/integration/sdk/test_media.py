"""Images, tables and the like from `log()` to the read API, through real processes, servers and deaths."""

import io
import json
import signal

import numpy as np
import PIL.Image
import pytest

from playhead.client.transport import Request
from playhead.domain.errors import NotFoundError
from playhead.wire import routes

BEGIN = "import os, pathlib, time\nimport numpy as np\nrun = playhead.init(project='p')\nsay(id=run.id)\n"
ALL = (
    BEGIN
    + """
image = np.arange(48, dtype="uint8").reshape(4, 4, 3)
run.log({
    "image": playhead.Image(image, caption="a", masks={"m": {"mask_data": np.eye(4, dtype=int), "class_labels": {1: "one"}}},
        boxes={"b": {"box_data": [{"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}, "class_id": 1}]}}),
    "images": [playhead.Image(image), playhead.Image(image[:2], caption="half")],
    "html": playhead.Html("<script>alert(1)</script>"),
    "audio": playhead.Audio(np.zeros(100), sample_rate=100),
    "video": playhead.Video(np.zeros((3, 1, 8, 8), "uint8")),
    "cloud": playhead.Object3D(np.ones((5, 3))),
    "line": playhead.plot.line(playhead.Table(["x", "y"], [[0, 1], [1, 2]]), "x", "y"),
    "loss": 1.0,
})
table = playhead.Table(["n", "x", "image"], log_mode="MUTABLE")
growing = playhead.Table(["n"], log_mode="INCREMENTAL")
for step in range(3):
    for n in range(1500):
        table.add_data(n, n / 3 if n else float("nan"), playhead.Image(image) if n == 1200 else None)
    growing.add_data(step)
    run.log({"table": table, "growing": growing, "weights": playhead.Histogram(np.arange(10.0) + step, num_bins=5)})
run.finish()
"""
)


@pytest.fixture(scope="module")
def trained(server, tmp_path_factory, request):
    """A run with all kinds of media, read back."""
    place = request.getfixturevalue("make_place")(tmp_path_factory.mktemp("media"))
    place.env |= {"PLAYHEAD_MODE": "online", "PLAYHEAD_DATA_DIR": str(server.data)}
    said = place.ask(ALL)
    return server.run(said["id"], "finished")


def picture(media):
    return np.asarray(PIL.Image.open(io.BytesIO(media.read())))


def test_what_is_there(trained):
    found = {one.key: (one.type, one.count, one.first_step, one.last_step) for one in trained.media_keys()}
    first = {"image": "image-file", "images": "images/separated", "html": "html-file", "audio": "audio-file", "video": "video-file",
             "cloud": "object3D-file", "line": "custom-chart"}  # fmt: skip
    assert found == {key: (kind, 1, 0, 0) for key, kind in first.items()} | {
        "table": ("table-file", 3, 1, 3), "growing": ("incremental-table-file", 3, 1, 3), "weights": ("histogram", 3, 1, 3),
    }  # fmt: skip


def test_images_come_back(trained, tmp_path):
    image = np.arange(48, dtype="uint8").reshape(4, 4, 3)
    [logged] = trained.media("image")
    [one] = logged.items
    assert (logged.step, one.type, one.caption, one["width"], one.state) == (0, "image-file", "a", 4, "there")
    assert (picture(one) == image).all()
    assert (picture(one.masks["m"]) == np.eye(4)).all()
    assert json.loads(one.boxes["b"].read())["box_data"][0]["class_id"] == 1
    assert one.download(tmp_path).read_bytes() == one.read()
    [several] = trained.media("images")
    assert [(one["height"], one.caption) for one in several.items] == [(4, None), (2, "half")]
    assert several.items[0]["sha256"] == one["sha256"]  # the same content, stored once
    assert (picture(several.items[1]) == image[:2]).all()
    names = {file.name for file in trained.files()}
    assert not any(name.startswith(("media", "raw")) for name in names), names


def test_other_media_come_back(trained):
    def one(key):
        return next(trained.media(key)).items[0]

    assert one("html").read().endswith(b"<script>alert(1)</script>")
    assert one("audio").read()[:4] == b"RIFF"
    assert one("audio")["duration"] == 1.0
    assert PIL.Image.open(io.BytesIO(one("video").read())).size == (8, 8)
    assert json.loads(one("cloud").read()) == [[1, 1, 1]] * 5
    assert (one("line")["panel"], one("line")["fields"]) == ("wandb/line/v0", {"x": "x", "y": "y"})
    assert list(trained.table("line")) == [[0, 1], [1, 2]]
    with pytest.raises(NotFoundError, match="no file"):
        one("line").read()


def test_tables_come_back_by_the_page(trained):
    table = trained.table("table")
    assert (table.columns, len(table), table.step) == (["n", "x", "image"], 4500, 3)
    rows = list(table.rows(1190, 2400))
    assert [row[0] for row in rows] == [n % 1500 for n in range(1190, 2400)]
    assert np.isnan(next(table.rows())[1])
    cell = rows[10][2]
    assert picture(cell).shape == (4, 4, 3)
    assert rows[11][2] is None
    assert table.get_column("n")[-1] == 1499
    assert len(trained.at(2).table("table")) == 3000
    assert [list(trained.at(step).table("growing")) for step in (1, 3)] == [[[0]], [[0], [1], [2]]]
    for wrong in ("loss", "nothing", "image"):
        with pytest.raises(NotFoundError):
            trained.table(wrong)
    with pytest.raises(NotFoundError):
        trained.at(0).table("table")
    assert list(table.rows(10_000)) == []


def test_histograms_come_back(trained):
    [first, *_] = trained.media("weights", max_step=1)
    assert (first.items[0]["values"], first.items[0]["bins"][0], first.items[0]["bins"][-1]) == ([2] * 5, 0.0, 9.0)
    view = trained.histograms("weights", bins=11)
    assert view.steps == [1, 2, 3]
    assert (view.edges[0], view.edges[-1], len(view.edges)) == (0.0, 11.0, 12)
    assert [pytest.approx(sum(counts)) for counts in view.counts] == [10.0] * 3
    assert view.counts[2][0] == view.counts[2][1] == 0
    assert trained.histograms("loss").steps == []
    assert trained.at(2).histograms("weights").steps == [1, 2]


def test_html_is_served_without_an_origin(trained, server):
    [page] = next(trained.media("html")).items
    path = routes.HTML.format(entity=server.entity, project="p", run_id=trained.id)
    transport = server.api._server._transport
    answer = transport.send(Request("GET", path, {"path": page.path}, accept="*/*"))
    policy = answer.headers["content-security-policy"]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy
    image = next(trained.media("image")).items[0].path
    assert transport.send(Request("GET", path, {"path": image}, accept="*/*")).status == 400
    assert transport.send(Request("GET", path, {"path": "media/html/none.html"}, accept="*/*")).status == 404


LATER = """
import numpy as np
def shade(value):
    return playhead.Image(np.full((2, 2), value, "uint8"))
"""


def test_media_are_those_of_the_timeline(online, server):
    one = online.ask(BEGIN + LATER + "for n in range(6): run.log({'image': shade(n)})")
    path = f"{server.entity}/p/{one['id']}"
    two = online.ask(
        LATER + f"run = playhead.init(project='p', resume_from='{one['id']}?_step=2')\n"
        "for n in (10, 11): run.log({'image': shade(n)})"
    )  # fmt: skip
    fork = online.ask(
        LATER
        + f"run = playhead.init(project='p', fork_from='{path}?_step=3')\nsay(id=run.id)\nrun.log({{'image': shade(20)}})"
    )
    assert two["err"].count("Traceback") == 0

    def shades(run):
        return [int(picture(each.items[0])[0, 0]) for each in run.media("image")]

    run = server.wait(lambda: (found := server.run(one["id"], "finished")) and shades(found)[3:] and found)
    assert shades(run) == [0, 1, 2, 10, 11]
    assert shades(run.at(3)) == [0, 1, 2, 10]
    assert shades(run.segment(run.segments[0].id)) == [0, 1, 2, 3, 4, 5]
    assert shades(server.run(fork["id"], "finished")) == [0, 1, 2, 10, 20]


KILLED = (
    BEGIN
    + LATER
    + """
import signal
for n in range(200):
    run.log({"n": n, "image": shade(n)})
os.kill(os.getpid(), signal.SIGKILL)
"""
)


def test_kill_9_loses_no_image_that_was_logged(online, server):
    said = online.ask(KILLED, status=-signal.SIGKILL)
    run = server.run(said["id"], "crashed")
    server.wait(lambda: all(one.items[0].state == "there" for one in run.media("image")))
    found = [(one.step, int(picture(one.items[0])[0, 0])) for one in run.media("image")]
    assert found == [(n, n) for n in range(200)]


def test_what_was_left_by_a_killed_sidecar_is_made_by_sync(place, server):
    """Both die while much waits; a raw file is gone too. Rows stay; the image that is lost says so."""
    code = KILLED.replace("os.kill(os.getpid()", "os.kill(sidecar.pid, signal.SIGKILL); os.kill(os.getpid()").replace(
        "for n in", "import psutil\n[sidecar] = psutil.Process().children()\nsidecar.suspend()\nfor n in"
    )
    said = place.ask(code, status=-signal.SIGKILL)
    [folder] = place.runs
    raw = sorted((folder / "raw").iterdir(), key=lambda path: int(path.name))
    assert len(raw) == 200
    raw[7].unlink()
    place.env |= {"PLAYHEAD_BASE_URL": server.url, "PLAYHEAD_API_KEY": server.key}
    place.train_well(f"import sys\nfrom playhead.cli import main\nsys.argv[1:] = ['sync', {str(folder)!r}]\nmain()")
    run = server.run(said["id"], "crashed")
    found = list(run.media("image"))
    assert [one.step for one in found] == list(range(200))
    lost = [one.step for one in found if one.items[0].state != "there"]
    assert lost == [7]
    assert found[7].items[0].state == "lost"
    with pytest.raises(NotFoundError, match="No such file"):
        found[7].items[0].read()
    assert [int(picture(found[n].items[0])[0, 0]) for n in (0, 6, 8, 199)] == [0, 6, 8, 199]
    assert not (folder / "raw").exists()


def test_an_offline_run_is_sent_later_to_any_server(place, server, server_in):
    said = place.ask(BEGIN + LATER + "for n in range(3): run.log({'image': shade(n), 'html': playhead.Html('x')})")
    [folder] = place.runs
    other = server_in(place.folder / "other")
    for one in (server, other):
        place.env |= {"PLAYHEAD_BASE_URL": one.url, "PLAYHEAD_API_KEY": one.key}
        place.train_well(f"import sys\nfrom playhead.cli import main\nsys.argv[1:] = ['sync', {str(folder)!r}]\nmain()")
        run = one.run(said["id"], "finished")
        assert [int(picture(each.items[0])[0, 0]) for each in run.media("image")] == [0, 1, 2]
        assert len({each.items[0]["sha256"] for each in run.media("html")}) == 1


def test_a_server_that_comes_late_gets_all(place, server_in):
    """Rows and media wait on this disk."""
    server = server_in(place.folder / "data")
    place.env |= {"PLAYHEAD_MODE": "online", "PLAYHEAD_BASE_URL": server.url, "PLAYHEAD_API_KEY": server.key}
    code = BEGIN + LATER + "run.log({'image': shade(1)})\ninput()\nrun.log({'image': shade(2)})\n"
    process = place.start("import playhead\ndef say(**_): pass\n" + code, stdin=-1)
    run = server.wait(lambda: next(iter(server.api.runs("p")), None))
    server.wait(lambda: [one.items[0].state for one in run.media("image")] == ["there"])
    server.kill()
    _, err = process.communicate("\n", timeout=60)
    assert process.returncode == 0, err
    server.begin()
    [folder] = place.runs
    place.env |= {"PLAYHEAD_BASE_URL": server.url, "PLAYHEAD_API_KEY": server.key}
    place.train_well(f"import sys\nfrom playhead.cli import main\nsys.argv[1:] = ['sync', {str(folder)!r}]\nmain()")
    run = server.api.run(f"{server.entity}/p/{run.id}")
    server.wait(lambda: [one.items[0].state for one in run.media("image")] == ["there", "there"])
    assert [int(picture(one.items[0])[0, 0]) for one in run.media("image")] == [1, 2]


def test_as_a_thread(online, server):
    said = online.ask(
        LATER + "run = playhead.init(project='p', settings=playhead.Settings(start_method='thread'))\nsay(id=run.id)\n"
        "for n in range(20): run.log({'image': shade(n)})"
    )  # fmt: skip
    run = server.run(said["id"], "finished")
    assert [int(picture(one.items[0])[0, 0]) for one in run.media("image")] == list(range(20))
