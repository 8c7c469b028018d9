"""Histograms, HTML, sound, video, three dimensions, figures of plotly, and charts."""

import io
import json
import wave

import numpy as np
import PIL.Image
import pytest

from playhead import plot
from playhead.domain.errors import UsageError
from playhead.sdk.data_types import Audio, Histogram, Html, Image, Object3D, Plotly, Table, Video
from playhead.sdk.media import histogram, object3d, video


@pytest.fixture
def kept(run, make_media):
    """Log a value; answers what the row has, and the content of its file."""

    def log(value):
        run.log({"it": value})
        told, files = run.journal().rows[-1][1]["it"], make_media()
        return told, files.get(told.get("path"), files)

    return log


# Histograms


def test_histograms(kept):
    told, _ = kept(Histogram([1, 2, 2, 3.0, np.nan, np.inf], num_bins=2))
    assert told == {"_type": "histogram", "values": [1, 3], "bins": [1.0, 2.0, 3.0], "nonfinite": 2}
    told, _ = kept(Histogram(np_histogram=np.histogram(np.zeros((3, 3)), bins=1)))
    assert told == {"_type": "histogram", "values": [9], "bins": [-0.5, 0.5]}
    assert len(Histogram(range(10)).histogram) == 64
    assert sum(Histogram([]).histogram) == 0
    assert sum(Histogram([True, False]).histogram) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"sequence": ["a"]}, {"sequence": [1], "num_bins": 0}, {"sequence": [1], "num_bins": 513}, {"np_histogram": ([1], [1])},
        {"np_histogram": ([1], [2, 1])}, {"np_histogram": ([1], [0, np.nan])}, {"np_histogram": 5}, {"np_histogram": ([], [1])},
        {"np_histogram": (np.ones(513), np.arange(514))},
    ],
)  # fmt: skip
def test_what_is_no_histogram(wrong):
    with pytest.raises(UsageError):
        Histogram(**wrong)
    assert histogram.MAX_BINS == 512


# HTML


def test_html(kept, tmp_path):
    path = tmp_path / "page.html"
    path.write_text("<html lang=en><body>é</body></html>")
    assert kept(Html("<b>x</b>", inject=False))[1] == b"<b>x</b>"
    assert kept(Html("<b>x</b>"))[1].endswith(b"<b>x</b>")
    assert kept(Html(path))[1].decode().startswith("<html lang=en><base")
    assert kept(Html(str(path), inject=False))[1].decode() == path.read_text()
    assert kept(Html(str(path), inject=False, data_is_not_path=True))[1].decode() == str(path)
    with path.open() as file:
        assert kept(Html(file, inject=False))[1].decode() == path.read_text()
    assert kept(Html(io.BytesIO(b"\xff<b>"), inject=False))[1].decode() == "\ufffd<b>"
    told, _ = kept(Html("<header>no head</header>"))
    assert (told["_type"], told["path"].split("/")[:2]) == ("html-file", ["media", "html"])
    told, _ = kept([Html("a"), Html("b")])
    assert (told["_type"], told["count"], len(told["html"])) == ("html", 2, 2)
    for wrong in (5, None, tmp_path / "none.html", "none.html"):
        with pytest.raises(UsageError):
            Html(wrong)


# Sound


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([0.0, 1.0, -1.0, 2.0, np.nan], [0, 32767, -32767, 32767, 0]),
        (np.array([0, 128, 255], "uint8"), [-32768, 0, 32512]),
        (np.array([-128, 0, 127], "int8"), [-32768, 0, 32512]),
        (np.array([-5, 5], "int16"), [-5, 5]),
        (np.array([1 << 16, -(1 << 31)], "int32"), [1, -32768]),
        (np.array([5, 1 << 40]), [5, 32767]),
    ],
)
def test_samples(kept, samples, expected):
    told, content = kept(Audio(samples, sample_rate=8000, caption="a"))
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert np.frombuffer(file.readframes(100), "<i2").tolist() == expected
    assert (told["_type"], told["caption"], told["sample_rate"], told["duration"]) == (
        "audio-file",
        "a",
        8000,
        len(expected) / 8000,
    )


def test_sound(kept, tmp_path):
    with wave.open(io.BytesIO(kept(Audio(np.zeros((10, 2)), sample_rate=10))[1])) as file:
        assert (file.getnchannels(), file.getnframes()) == (2, 10)
    path = tmp_path / "a.mp3"
    path.write_bytes(b"sound")
    told, content = kept(Audio(path))
    assert (told["path"].rpartition(".")[2], content) == ("mp3", b"sound")
    told, _ = kept([Audio([0.0], sample_rate=5, caption="one"), Audio(path)])
    assert (told["sampleRates"], told["durations"], told["captions"]) == ([5, None], [0.2, None], ["one", ""])
    for wrong in ({"data_or_path": [0.0]}, {"data_or_path": [0.0], "sample_rate": 0}, {"data_or_path": [], "sample_rate": 8},
                  {"data_or_path": np.zeros((2, 2, 2)), "sample_rate": 8}, {"data_or_path": ["a"], "sample_rate": 8},
                  {"data_or_path": "none.wav"}, {"data_or_path": [0.0], "sample_rate": 0.5}):  # fmt: skip
        with pytest.raises(UsageError):
            Audio(**wrong)


# Video


def frames(content):
    picture = PIL.Image.open(io.BytesIO(content))
    found = []
    for number in range(picture.n_frames):
        picture.seek(number)
        found.append(np.asarray(picture.convert("RGB")))
    return found, picture.info["duration"]


@pytest.mark.parametrize(("channels", "dtype"), [(1, "uint8"), (3, "uint8"), (4, "uint8"), (3, "float32"), (3, "bool")])
def test_a_gif_of_an_array(kept, channels, dtype):
    array = np.zeros((3, channels, 4, 6), dtype)
    array[1] = 1 if dtype != "uint8" else 255
    told, content = kept(Video(array, fps=10, caption="c"))
    found, duration = frames(content)
    assert [frame.shape for frame in found] == [(4, 6, 3)] * 3
    assert [int(frame.max()) for frame in found] == [0, 255, 0]
    assert duration == 100
    assert (told["_type"], told["width"], told["height"], told["caption"]) == ("video-file", 6, 4, "c")


def test_a_batch_lies_in_tiles(kept):
    batch = np.zeros((3, 2, 1, 4, 6), "uint8")
    batch[1] = 255
    told, content = kept(Video(batch))
    found, _ = frames(content)
    assert (told["width"], told["height"]) == (12, 8)
    assert (found[0][:4, 6:].min(), found[0][4:].max(), found[0][:4, :6].max()) == (255, 0, 0)


def test_files_of_videos(kept, tmp_path):
    path = tmp_path / "v.mp4"
    path.write_bytes(b"video")
    assert kept(Video(path))[1] == b"video"
    assert kept(Video(io.BytesIO(b"bytes"), format="webm"))[1] == b"bytes"
    told, _ = kept([Video(path), Video(str(path), caption="two")])
    assert (told["_type"], told["captions"]) == ("videos", ["", "two"])


def test_what_is_no_video(monkeypatch):
    good = np.zeros((2, 3, 4, 4), "uint8")
    for wrong in ({"data_or_path": good[0]}, {"data_or_path": good[:0]}, {"data_or_path": np.zeros((2, 2, 4, 4))}, {"data_or_path": "none.mp4"},
                  {"data_or_path": "a.exe"}, {"data_or_path": good, "format": "ogg"}, {"data_or_path": good, "fps": 0},
                  {"data_or_path": io.StringIO("x"), "format": "mp4"}, {"data_or_path": io.BytesIO(b"")}, {"data_or_path": None}):  # fmt: skip
        with pytest.raises(UsageError):
            Video(**wrong)
    monkeypatch.setattr(video, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"pip install imageio-ffmpeg.*gif"):
        Video(good, format="mp4")


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_an_encoder_if_there_is_one(kept, kind):
    pytest.importorskip("imageio_ffmpeg", reason="no encoder for MP4 here: pip install imageio-ffmpeg")
    content = kept(Video(np.zeros((4, 3, 33, 31), "uint8"), format=kind))[1]
    assert content[4:8] == b"ftyp" if kind == "mp4" else content[:4] == b"\x1a\x45\xdf\xa3"


# Three dimensions


@pytest.mark.parametrize("columns", [3, 4, 6])
def test_point_clouds(kept, columns):
    points = np.arange(columns * 5, dtype=float).reshape(5, columns) / 4
    points[2, 1] = np.nan
    told, content = kept(Object3D(points, caption="c"))
    assert json.loads(content) == np.delete(points, 2, axis=0).tolist()
    assert (told["_type"], told["caption"], told["path"].endswith(".pts.json")) == ("object3D-file", "c", True)


def test_models_and_scenes(kept, tmp_path):
    path = tmp_path / "a.GLB"
    path.write_bytes(b"glTF")
    told, content = kept(Object3D.from_file(str(path)))
    assert (told["path"].rpartition(".")[2], content) == ("glb", b"glTF")
    assert kept(Object3D(io.StringIO("v 0 0 0"), file_type="obj"))[1] == b"v 0 0 0"
    box = {"corners": np.zeros((8, 3)), "label": "b", "color": (255, 0, 0)}
    _, content = kept(Object3D.from_point_cloud(np.zeros((2, 3)), [box], [{"start": [0, 0, 0], "end": np.ones(3)}]))
    assert json.loads(content) == {
        "type": "lidar/beta", "points": [[0, 0, 0]] * 2, "boxes": [{"corners": [[0, 0, 0]] * 8, "label": "b", "color": [255, 0, 0]}],
        "vectors": [{"start": [0, 0, 0], "end": [1, 1, 1]}],
    }  # fmt: skip
    told, _ = kept([Object3D(np.zeros((1, 3))), Object3D(path)])
    assert (told["_type"], told["count"], len(told["objects"])) == ("object3D", 2, 2)


def test_what_is_no_model(monkeypatch):
    monkeypatch.setattr(object3d, "MAX_POINTS", 3)
    for wrong in (np.zeros((2, 5)), np.zeros((0, 3)), np.zeros(3), np.zeros((4, 3)), [["a", "b", "c"]], "none.glb", "a.exe", {"type": "x"},
                  {"type": "lidar/beta", "boxes": [float("nan")]}, io.StringIO("x")):  # fmt: skip
        with pytest.raises(UsageError):
            Object3D(wrong)


# plotly


class Figure:
    """As plotly's."""

    def to_plotly_json(self):
        return {}

    def to_json(self):
        return '{"data": [], "layout": {}}'


def test_plotly(kept):
    for given in (Figure(), Plotly(Figure()), Plotly({"data": [], "layout": {}})):
        told, content = kept(given)
        assert (told["_type"], json.loads(content)) == ("plotly-file", {"data": [], "layout": {}})
    with pytest.raises(UsageError):
        Plotly(5)
    with pytest.raises(UsageError, match="cannot be logged"):
        kept([Plotly(Figure())])


# Charts


def rows(chart):
    return chart.table.data


def test_charts_of_columns(kept):
    table = Table(["x", "y", "name"], [[1, 2, "a"], [3, 4, "b"]])
    charts = {
        "wandb/line/v0": plot.line(table, "x", "y", stroke="name", title="t"), "wandb/scatter/v0": plot.scatter(table, "x", "y"),
        "wandb/bar/v0": plot.bar(table, "name", "y"), "wandb/histogram/v0": plot.histogram(table, "x"),
        "own/panel": plot.plot_table("own/panel", table, {"a": "x"}, {"b": "text"}),
    }  # fmt: skip
    for panel, chart in charts.items():
        told, _ = kept(chart)
        assert (told["_type"], told["panel"], told["table"]["_type"]) == ("custom-chart", panel, "table-file")
    assert charts["wandb/line/v0"].fields == {"x": "x", "y": "y", "stroke": "name"}
    assert charts["wandb/line/v0"].strings == {"title": "t"}
    with pytest.raises(UsageError, match="no column"):
        plot.line(table, "x", "z")


def test_line_series():
    chart = plot.line_series([1, 2], [[3, 4], [5, 6]], keys=["a", "b"], xname="epoch")
    assert rows(chart) == [[1, "a", 3], [2, "a", 4], [1, "b", 5], [2, "b", 6]]
    assert rows(plot.line_series([[1], [2]], [[3], [4]])) == [[1, "line_0", 3], [2, "line_1", 4]]
    with pytest.raises(UsageError):
        plot.line_series([[1]], [[3], [4]])


def test_confusion_matrix():
    chart = plot.confusion_matrix(y_true=[0, 1, 1], preds=[0, 1, 0], class_names=["a", "b"])
    assert rows(chart) == [["a", "a", 1], ["a", "b", 0], ["b", "a", 1], ["b", "b", 1]]
    assert rows(plot.confusion_matrix(y_true=["x", "y"], preds=["y", "y"]))[1] == ["x", "y", 1]
    assert rows(plot.confusion_matrix(probs=[[0.9, 0.1]], y_true=[1], class_names=["a", "b", "c"]))[3] == ["b", "a", 1]
    for wrong in (
        {"y_true": [1]},
        {"preds": [1]},
        {"y_true": [1], "preds": [1, 2]},
        {"y_true": [1], "preds": [5], "class_names": ["a"]},
    ):
        with pytest.raises(UsageError):
            plot.confusion_matrix(**wrong)


def test_curves_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 300)
    scores = np.clip(truth * 0.3 + rng.random(300) * 0.7, 0, 1).round(2)
    fpr, tpr, _ = metrics.roc_curve(truth, scores, drop_intermediate=False)
    ours = [(x, y) for name, x, y in rows(plot.roc_curve(truth, scores, labels=["no", "yes"])) if name == "yes"]
    assert np.abs(np.array(ours) - np.stack([fpr, tpr], axis=1)).max() <= 1e-4
    precision, recall, _ = metrics.precision_recall_curve(truth, scores)
    for _, place, value in rows(plot.pr_curve(truth, scores, classes_to_plot=[1])):
        assert value == pytest.approx(precision[recall >= place - 1e-12].max(), abs=1e-4)
    assert {name for name, *_ in rows(plot.roc_curve(["a", "b"], [[0.9, 0.1], [0.2, 0.8]]))} == {"a", "b"}
    for wrong in ({}, {"y_true": [0, 1]}, {"y_true": [0, 1], "y_probas": [[1.0], [0.5]]}, {"y_true": [0, 1], "y_probas": [0.5, np.nan]},
                  {"y_true": [0, 1], "y_probas": [0.1, 0.2], "labels": ["a"]}, {"y_true": [], "y_probas": []}):  # fmt: skip
        with pytest.raises(UsageError):
            plot.roc_curve(**wrong)


def test_real_figures(kept):
    """Of the libraries themselves, where they are installed."""
    drawn = pytest.importorskip("matplotlib.figure", reason="pip install matplotlib")
    figure = drawn.Figure(figsize=(2, 1), dpi=50)
    figure.subplots().plot([1, 2])
    told, content = kept(figure)
    assert (told["_type"], told["width"], told["height"]) == ("image-file", 100, 50)
    assert PIL.Image.open(io.BytesIO(content)).size == (100, 50)
    assert Image(figure).image.size == (100, 50)
