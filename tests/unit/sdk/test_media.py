"""Images in every form that they come in."""

import hashlib
import io

import numpy as np
import PIL.Image
import pytest

from playhead.domain.errors import UsageError
from playhead.journal import format as f
from playhead.journal import reader
from playhead.sdk import media
from playhead.sdk.media import Image


class Tensor:
    """As torch's."""

    def __init__(self, array, dtype=None):
        self._array = np.asarray(array)
        self.dtype = dtype or self._array.dtype

    def detach(self):
        return self

    cpu = detach

    def float(self):
        return Tensor(self._array)

    def numpy(self):
        if "bfloat16" in str(self.dtype):
            raise TypeError("NumPy has no such type")
        return self._array


class Figure:
    """As matplotlib's."""

    def savefig(self, out, format):  # noqa: A002 matplotlib's name
        PIL.Image.new("RGBA", (3, 2)).save(out, format=format)


def pixels(image):
    return np.asarray(PIL.Image.open(io.BytesIO(image._content)))


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int64", "uint16", "float16", "float32", "float64", "bool"])
@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 1), (2, 3, 2), (2, 3, 3), (2, 3, 4), (1, 1)])
def test_arrays(dtype, shape):
    image = Image(np.ones(shape, dtype))
    assert (image.height, image.width, image.format) == (*shape[:2], "png")
    expected = 255 if np.dtype(dtype).kind in "fb" else 1
    assert (pixels(image) == expected).all()
    assert pixels(image).shape == (shape if shape[2:] != (1,) else shape[:2])


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (2, 3, 5), (2, 3, 0), (2,), (), (1, 2, 3, 3)])
def test_what_is_no_image(shape):
    with pytest.raises(UsageError, match="shape"):
        Image(np.zeros(shape))


@pytest.mark.parametrize(
    "data", [np.array([["a"]]), np.zeros((2, 2), complex), [[object()]], "text that is no path", 5]
)
def test_what_is_no_array(data):
    with pytest.raises(UsageError):
        Image(data)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([[0.0, 0.5, 1.0]], [[0, 128, 255]]),
        ([[0.0, 100.0, 300.0]], [[0, 100, 255]]),
        ([[-1.0, np.nan, 1.0]], [[0, 0, 255]]),
        ([[np.inf, -np.inf, 1.0]], [[255, 0, 255]]),
        ([[np.nan, np.nan]], [[0, 0]]),
        (np.array([[-5, 5, 500]]), [[0, 5, 255]]),
    ],
)
def test_ranges(values, expected):
    assert pixels(Image(values)).tolist() == expected


def test_memory_order_does_not_matter():
    array = np.arange(24, dtype="uint8").reshape(4, 6)
    assert (pixels(Image(array[::-1, ::2])) == array[::-1, ::2]).all()
    assert (pixels(Image(np.asfortranarray(array))) == array).all()


@pytest.mark.parametrize("shape", [(3, 5, 6), (1, 5, 6), (4, 5, 6), (3, 5, 3), (5, 6), (5, 6, 3)])
def test_tensors_have_channels_first(shape):
    image = Image(Tensor(np.zeros(shape)))
    channels_last = len(shape) == 3 and shape[0] not in {1, 3, 4}
    assert (image.height, image.width) == (shape[:2] if channels_last else shape[-2:])


def test_bfloat16():
    assert pixels(Image(Tensor([[1.0]], dtype="torch.bfloat16"))).tolist() == [[255]]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F", "I;16"])
def test_pil(mode):
    image = Image(PIL.Image.new(mode, (3, 2)))
    assert (image.width, image.height) == (3, 2)
    assert Image(PIL.Image.new(mode, (3, 2)), mode="RGB").format == "png"


def test_a_figure():
    assert (Image(Figure()).width, Image(Figure()).height) == (3, 2)


@pytest.mark.parametrize(
    ("suffix", "known"), [("png", "png"), ("jpg", "jpg"), ("webp", "webp"), ("PNG", "png"), ("", "png")]
)
def test_a_path(tmp_path, suffix, known):
    path = tmp_path / (f"i.{suffix}" if suffix else "i")
    PIL.Image.new("RGB", (3, 2)).save(path, format={"": "png", "jpg": "jpeg"}.get(suffix.lower(), suffix))
    image = Image(str(path))
    assert (image.width, image.height, image.format) == (3, 2, known)
    assert image._content == path.read_bytes()


def test_a_path_of_something_else(tmp_path):
    (tmp_path / "i.png").write_text("no image")
    with pytest.raises(UsageError, match="not an image"):
        Image(tmp_path / "i.png")
    with pytest.raises(UsageError, match="No such file"):
        Image(tmp_path / "none.png")


def test_too_large(monkeypatch):
    monkeypatch.setattr(media, "MAX_BLOB", 10)
    with pytest.raises(UsageError, match="MAX_BLOB"):
        Image(np.zeros((2, 2)))


@pytest.mark.parametrize(
    "key", ["image", "a/b", "../../etc/x", "/abs", "ä日本 x", "", "..", "a//./b", "x" * 500, "日" * 100, "nul\0"]
)
def test_where_it_is_kept(run, key):
    run.log({key: Image(np.zeros((2, 2)), caption=5)}, step=7)
    [(step, row)] = run.journal().rows
    [value] = row.values()
    content = (run._place.folder / "files" / value["path"]).read_bytes()
    assert step == 7
    assert value["caption"] == "5"
    assert value["path"].startswith("media/images/")
    assert ".." not in value["path"].split("/")
    assert "_7_" in value["path"]
    assert hashlib.sha256(content).hexdigest() == value["sha256"]
    assert run.journal().of("file") == [
        {"path": value["path"], "sha256": value["sha256"], "size": len(content), "media": True}
    ]


def test_the_files_place_is_the_rows(run):
    run.log({"a": 1}, step=3)
    run.log({"image": Image(np.zeros((2, 2)))}, step=9)
    run.log({"image": Image(np.zeros((2, 2)))}, step=2)
    data = (run._place.folder / "main.journal").read_bytes()
    header, start = reader.read_header(data)
    steps = [
        reader.record(frame.body)[0]
        for frame in reader.frames(data[start:], start, header.seed)
        if frame.kind == f.FILE
    ]
    assert steps == [9, 2]


def test_several_and_bare_ones(run):
    picture = PIL.Image.new("L", (3, 2))
    run.log({"list": [Image(picture), Image(picture)], "figure": Figure(), "picture": picture})
    [(_, row)] = run.journal().rows
    assert row["list"]["_type"] == "images"
    assert row["list"]["count"] == len(row["list"]["items"]) == 2
    assert row["figure"]["_type"] == row["picture"]["_type"] == "image-file"


def test_a_full_disk_costs_the_row_only(run, monkeypatch, capsys):
    def full(self, content):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.write_bytes", full)
        run.log({"image": Image(np.zeros((2, 2)))})
    run.log({"a": 1})
    assert run.journal().rows == [(1, {"a": 1})]
    assert run.journal().of("meta") == [{"dropped": 1}]
    assert capsys.readouterr().err.count("No space left") == 1
