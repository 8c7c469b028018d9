"""Images in every form that they come in: what the training keeps of them, and what the sidecar makes of that."""

import hashlib
import io

import numpy as np
import PIL.Image
import pytest

from playhead.domain.errors import UsageError
from playhead.journal import format as f
from playhead.journal import reader
from playhead.sdk.data_types import Classes, Image
from playhead.sdk.media import row, shelf


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
    return np.asarray(image.image)


def read(content):
    return PIL.Image.open(io.BytesIO(content))


@pytest.fixture
def logged(run, make_media):
    """Log a value; answers what the row has, and {path: content}."""

    def log(value, key="image"):
        run.log({key: value})
        return run.journal().rows[-1][1][key], make_media()

    return log


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
    "data",
    [np.array([["a"]]), np.zeros((2, 2), complex), [[object()]], [[1], [1, 2]], "text that is no path", 5, None, PIL.Image.new("L", (0, 3))],
)  # fmt: skip
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


def test_an_image_is_what_the_array_was():
    array = np.arange(24, dtype="uint8").reshape(4, 6)
    assert (pixels(Image(array[::-1, ::2])) == array[::-1, ::2]).all()
    assert (pixels(Image(np.asfortranarray(array))) == array).all()
    image, before = Image(array), array.copy()
    array[:] = 0
    assert (pixels(image) == before).all()


@pytest.mark.parametrize("shape", [(3, 5, 6), (1, 5, 6), (4, 5, 6), (3, 5, 3), (5, 6), (5, 6, 3)])
def test_tensors_have_channels_first(shape):
    image = Image(Tensor(np.zeros(shape)))
    channels_last = len(shape) == 3 and shape[0] not in {1, 3, 4}
    assert (image.height, image.width) == (shape[:2] if channels_last else shape[-2:])


def test_bfloat16():
    assert pixels(Image(Tensor([[1.0]], dtype="torch.bfloat16"))).tolist() == [[255]]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F", "I;16"])
@pytest.mark.parametrize("kind", ["png", "jpg", "webp", "bmp", "gif"])
def test_pil(logged, mode, kind):
    picture = PIL.Image.new(mode, (3, 2), 1 if mode in {"1", "P"} else None)
    value, files = logged(Image(picture, file_type=kind))
    assert (value["width"], value["height"], value["format"]) == (3, 2, kind)
    assert read(files[value["path"]]).size == (3, 2)
    assert read(files[value["path"]]).format == {"jpg": "JPEG"}.get(kind, kind.upper())


def test_another_mode(logged):
    value, files = logged(Image(np.full((2, 3, 3), 255, "uint8"), mode="L"))
    assert read(files[value["path"]]).mode == "L"
    with pytest.raises(UsageError, match="PIL"):
        Image(np.zeros((2, 2)), mode="XYZ")
    with pytest.raises(UsageError, match="file_type"):
        Image(np.zeros((2, 2)), file_type="exe")


def test_what_is_made_is_what_was_given(logged):
    array = np.random.default_rng(1).integers(0, 256, (20, 30, 3), "uint8")
    value, files = logged(array_image := Image(array))
    assert (np.asarray(read(files[value["path"]])) == array).all()
    assert set(value) == {"_type", "format", "width", "height", "path"}
    assert value["_type"] == "image-file"
    again, files = logged(Image(array_image))
    assert (np.asarray(read(files[again["path"]])) == array).all()


def test_a_figure(logged):
    assert (Image(Figure()).width, Image(Figure()).height) == (3, 2)
    value, files = logged(Figure())
    assert hashlib.sha256(files[value["path"]]).hexdigest() == value["sha256"]
    assert value["size"] == len(files[value["path"]])


@pytest.mark.parametrize(
    ("suffix", "known"), [("png", "png"), ("jpg", "jpg"), ("webp", "webp"), ("PNG", "png"), ("", "png")]
)
def test_a_path(tmp_path, logged, suffix, known):
    path = tmp_path / (f"i.{suffix}" if suffix else "i")
    PIL.Image.new("RGB", (3, 2)).save(path, format={"": "png", "jpg": "jpeg"}.get(suffix.lower(), suffix))
    image, content = Image(str(path)), path.read_bytes()
    assert (image.width, image.height, image.format) == (3, 2, known)
    value, files = logged(image)
    assert files[value["path"]] == content


def test_a_file_is_kept_as_it_was_when_it_was_logged(tmp_path, run, make_media):
    path = tmp_path / "i.png"
    PIL.Image.new("RGB", (3, 2)).save(path)
    content = path.read_bytes()
    run.log({"image": Image(path)})
    path.write_text("changed")
    assert list(make_media().values()) == [content]


def test_a_path_of_something_else(tmp_path, run):
    (tmp_path / "i.png").write_text("no image")
    with pytest.raises(UsageError, match="not an image"):
        Image(tmp_path / "i.png")
    with pytest.raises(UsageError, match="No such file"):
        Image(tmp_path / "none.png")
    PIL.Image.new("RGB", (3, 2)).save(tmp_path / "i.png")
    image = Image(tmp_path / "i.png")
    (tmp_path / "i.png").unlink()
    with pytest.raises(UsageError, match="No such file"):
        run.log({"image": image, "a": 1})
    assert run.journal().rows == [(0, {"a": 1})]


def test_too_large(run, monkeypatch):
    monkeypatch.setattr(shelf, "MAX_MEDIA", 10)
    with pytest.raises(UsageError, match="MAX_MEDIA"):
        run.log({"image": Image(np.zeros((20, 2)))})


@pytest.mark.parametrize(
    "key", ["image", "a/b", "../../etc/x", "/abs", "ä日本 x", "", "..", "a//./b", "x" * 500, "日" * 100, "nul\0"]
)
def test_where_it_is_kept(run, make_media, key):
    run.log({key: Image(np.zeros((2, 2)), caption=5)}, step=7)
    [(step, record)] = run.journal().rows
    [value] = record.values()
    assert step == 7
    assert value["caption"] == "5"
    assert value["path"].startswith("media/images/")
    assert ".." not in value["path"].split("/")
    assert "_7_" in value["path"]
    [asked] = run.journal().of("save")
    assert (run._place.folder / asked["raw"]).stat().st_size == 4
    assert list(make_media()) == [value["path"]]
    assert not (run._place.folder / "raw").exists()


def test_the_files_place_is_the_rows(run):
    run.log({"a": 1}, step=3)
    run.log({"image": Image(np.zeros((2, 2)))}, step=9)
    run.log({"image": Image(np.zeros((2, 2)))}, step=2)
    data = (run._place.folder / "main.journal").read_bytes()
    header, start = reader.read_header(data)
    steps = [
        reader.record(frame.body)[0]
        for frame in reader.frames(data[start:], start, header.seed)
        if frame.kind == f.SAVE
    ]
    assert steps == [9, 2]


def test_several_and_bare_ones(run, make_media):
    picture = PIL.Image.new("L", (3, 2))
    run.log({"list": [Image(picture, caption="a"), Image(np.zeros((4, 5)))], "figure": Figure(), "picture": picture})
    [(_, record)] = run.journal().rows
    value = record["list"]
    assert (value["_type"], value["count"], value["width"], value["height"], value["format"]) == (
        "images/separated", 2, 3, 2, "png",
    )  # fmt: skip
    assert value["captions"] == ["a", None]
    assert value["sizes"] == [[3, 2], [5, 4]]
    assert record["figure"]["_type"] == record["picture"]["_type"] == "image-file"
    assert set(make_media()) == {*value["filenames"], record["figure"]["path"], record["picture"]["path"]}


def test_lists_are_of_one_kind_and_not_endless(run, monkeypatch, capsys):
    image = Image(np.zeros((2, 2)))
    with pytest.raises(UsageError, match="one kind"):
        run.log({"list": [image, 5]})
    monkeypatch.setattr(row, "MAX_MEDIA_LIST", 3)
    run.log({"list": [image] * 5})
    assert run.journal().rows[-1][1]["list"]["count"] == 3
    assert capsys.readouterr().err.count("MAX_MEDIA_LIST") == 1


MASK = {"mask_data": np.array([[0, 1, 2], [0, 1, 2]]), "class_labels": {1: "cat", 2: "dog"}}
BOX = {"position": {"minX": 0.1, "maxX": 0.2, "minY": 0.3, "maxY": np.float32(0.5)}, "class_id": np.int64(1), "box_caption": "a cat",
       "scores": {"sure": 0.9}}  # fmt: skip
PIXELS = {"position": {"middle": (1, 2), "width": 3, "height": 4}, "domain": "pixel", "class_id": 2}


def test_masks_and_boxes(logged):
    image = Image(
        np.zeros((2, 3)), masks={"truth": MASK, "guess": {"mask_data": MASK["mask_data"]}}, classes=[{"id": 1, "name": "Katze"}],
        boxes={"found": {"box_data": [BOX, PIXELS], "class_labels": {1: "cat"}}},
    )  # fmt: skip
    value, files = logged(image)
    truth, guess = value["masks"]["truth"], value["masks"]["guess"]
    assert (truth["_type"], truth["class_labels"], guess["class_labels"]) == (
        "mask",
        {"1": "cat", "2": "dog"},
        {"1": "Katze"},
    )
    assert np.asarray(read(files[truth["path"]])).tolist() == MASK["mask_data"].tolist()
    assert truth["path"].startswith("media/images/mask/")
    found = value["boxes"]["found"]
    assert found["_type"] == "boxes2D"
    assert files[found["path"]].decode() == (
        '{"box_data": [{"position": {"minX": 0.1, "maxX": 0.2, "minY": 0.3, "maxY": 0.5}, "class_id": 1, "box_caption": "a cat", '
        '"scores": {"sure": 0.9}}, {"position": {"middle": [1, 2], "width": 3, "height": 4}, "domain": "pixel", "class_id": 2}], '
        '"class_labels": {"1": "cat"}}'
    )
    listed, _ = logged([image, Image(np.zeros((2, 3)))], "list")
    assert [None if one is None else sorted(one) for one in listed["all_masks"]] == [["guess", "truth"], None]
    assert listed["all_boxes"][1] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"masks": {"a": MASK["mask_data"]}},
        {"masks": {"a": {"mask_data": np.zeros((3, 2), int)}}},
        {"masks": {"a": {"mask_data": np.full((2, 3), 256)}}},
        {"masks": {"a": {"mask_data": np.full((2, 3), -1)}}},
        {"masks": {"a": {"mask_data": np.full((2, 3), 0.5)}}},
        {"masks": {"a": {**MASK, "class_labels": ["cat"]}}},
        {"boxes": {"a": [BOX]}},
        {"boxes": {"a": {"box_data": [{"class_id": 1}]}}},
        {"boxes": {"a": {"box_data": [{**BOX, "position": {"minX": 1}}]}}},
        {"boxes": {"a": {"box_data": [{**BOX, "position": {**BOX["position"], "minX": np.nan}}]}}},
        {"boxes": {"a": {"box_data": [{**BOX, "domain": "page"}]}}},
        {"boxes": {"a": {"box_data": [{**BOX, "scores": {"sure": "very"}}]}}},
        {"classes": [{"name": "cat"}]},
        {"classes": 5},
    ],
)
def test_what_is_no_mask_or_box(wrong):
    with pytest.raises(UsageError):
        Image(np.zeros((2, 3)), **wrong)


def test_classes():
    assert Classes([{"id": 1, "name": "cat"}]).labels == {"1": "cat"}


def test_a_full_disk_costs_the_image_only(run, monkeypatch, capsys):
    def full(path):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shelf, "_opened", full)
        run.log({"image": Image(np.zeros((2, 2))), "b": 2})
        run.log({"image": Image(np.zeros((2, 2)))})
    run.log({"a": 1})
    assert run.journal().rows == [(0, {"b": 2}), (2, {"a": 1})]
    assert run.journal().of("meta") == [{"dropped": 1}]
    assert capsys.readouterr().err.count("No space left") == 1


def test_beyond_max_raw_the_training_encodes_itself(run, monkeypatch, make_media):
    monkeypatch.setattr(shelf, "MAX_RAW", 10)
    for number in range(4):
        run.log({"image": Image(np.full((2, 2), number, "uint8"))})
    assert len([*(run._place.folder / "raw").iterdir()]) == 2
    files = make_media()
    shown = [np.asarray(read(files[values["image"]["path"]]))[0, 0] for _, values in run.journal().rows]
    assert shown == [0, 1, 2, 3]
    run.log({"image": Image(np.zeros((2, 2)))})
    assert len([*(run._place.folder / "raw").iterdir()]) == 1  # there is room again


def test_what_cannot_be_made_is_told(run, make_media):
    for _ in range(3):
        run.log({"image": Image(np.zeros((2, 2)))})
    first, second, third = (values["image"]["path"] for _, values in run.journal().rows)
    raw = sorted((run._place.folder / "raw").iterdir())
    raw[0].unlink()
    raw[1].write_bytes(b"x")
    assert list(make_media()) == [third]
    assert make_media.lost.keys() == {first, second}
    assert "No such file" in make_media.lost[first]
    assert "not enough image data" in make_media.lost[second]
