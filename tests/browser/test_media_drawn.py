"""Models and figures of plotly are drawn by code that comes when there is one to draw; what cannot be drawn is told, and can be downloaded."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

SCRIPT = """
import base64, io, json, struct, sys, zlib
import playhead

corners = struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)
places = struct.pack("<6f", 0, 0, 1, 0, 0, 1)
chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
red = (b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
       + chunk(b"IDAT", zlib.compress(b"\\0\\xff\\0\\0")) + chunk(b"IEND", b""))
content = corners + places + red

def model(where, **texture):
    return {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "material": 0}]}],
        "materials": [{"doubleSided": True, "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "metallicFactor": 0}}],
        "textures": [{"source": 0}], "images": [{"mimeType": "image/png", **(texture or {"bufferView": 2})}],
        "buffers": [{"byteLength": len(content), **where}],
        "bufferViews": [{"buffer": 0, "byteOffset": 0, "byteLength": 36}, {"buffer": 0, "byteOffset": 36, "byteLength": 24},
                        {"buffer": 0, "byteOffset": 60, "byteLength": len(red)}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0]},
                      {"bufferView": 1, "componentType": 5126, "count": 3, "type": "VEC2"}],
    }

def glb(told):
    text, body = json.dumps(told).encode(), content
    text, body = text + b" " * (-len(text) % 4), body + b"\\0" * (-len(body) % 4)
    parts = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(body), 0x004E4942) + body
    return struct.pack("<III", 0x46546C67, 2, 12 + len(parts)) + parts

def kept(content, kind):
    return playhead.Object3D(io.BytesIO(content), file_type=kind)

inline = lambda kind, body: {"uri": f"data:{kind};base64," + base64.b64encode(body).decode()}
whole, beyond = glb(model({})), model({})
beyond["bufferViews"][0]["byteOffset"] = 9**9
owned = "<img src=x onerror=window.owned=1><a href='javascript:window.owned=1'>link</a><b>bold</b>"
run = playhead.init(project="media", name="drawn")
run.log({
    "packed": kept(whole, "glb"), "inline": kept(json.dumps(model(inline("application/octet-stream", content), **inline("image/png", red))).encode(), "gltf"),
    "elsewhere": kept(json.dumps(model({"uri": "/health"})).encode(), "gltf"), "damaged": kept(whole[:200], "glb"),
    "beyond": kept(glb(beyond), "glb"),
    "cloud": playhead.Object3D([[0, 0, 0], [1, 1, 1]]),
})
figures = {
    "figure": {"data": [{"type": "scatter", "y": [1, 3, 2], "name": owned}, {"type": "bar", "y": {"dtype": "i1", "bdata": "AQID"}}],
               "layout": {"title": {"text": owned}, "showlegend": True, "annotations": [{"text": owned, "x": 1, "y": 1}],
                          "images": [{"source": "https://example.com/seen.png", "sizex": 1, "sizey": 1}]}, "config": {"editable": True}},
    "space": {"data": [{"type": "scatter3d", "x": [1, 2], "y": [1, 2], "z": [1, 2]}]},
    "map": {"data": [{"type": "scattermap", "lat": [1], "lon": [2]}]}, "none": {"data": 5},
}
for key, figure in figures.items():
    run.log({key: playhead.Plotly(figure)})
print("done", f"/{run.entity}/media/runs/{run.id}")
run.finish()
"""


REFUSED = {
    "elsewhere": "parts in other files", "damaged": "damaged", "beyond": "cannot be drawn", "map": "Maps are not drawn", "none": "no figure of plotly",
}  # fmt: skip


@pytest.fixture(scope="session")
def drawn(recorded_by):
    return recorded_by(SCRIPT) + "/media"


def panel(seen, key):
    found = seen.page.locator(f"[data-media='{key}']")
    found.evaluate("card => card.scrollIntoView()")
    return found


def coming(seen):
    """The names of the scripts that come from now on."""
    scripts = set()
    seen.page.on("request", lambda asked: scripts.add(asked.url.rpartition("/")[2].partition("-")[0]))
    return scripts


def red(shot):
    """Whether many of the picture's pixels are red."""
    pixels = np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)
    return ((pixels[..., 0] > 90) & (pixels[..., 1:].max(2) < 60)).mean() > 0.05


def test_models_are_drawn_with_their_textures_and_turned(look, drawn):
    seen = look(drawn)
    for key in ("packed", "inline"):
        canvas = panel(seen, key).get_by_role("img", name=f"{key}, step 0: 1 triangles")
        expect(canvas).to_be_visible(timeout=60_000)
        for _ in range(120):
            if red(before := canvas.screenshot()):
                break
            seen.page.wait_for_timeout(500)
        assert red(before)
    address = seen.page.url
    canvas.focus()
    for _ in range(5):
        seen.page.keyboard.press("ArrowRight")
    seen.page.keyboard.press("+")
    assert canvas.screenshot() != before
    assert seen.page.url == address


def test_a_figure_is_drawn_and_its_texts_do_nothing(look, drawn):
    seen = look(drawn)
    figure = panel(seen, "figure").get_by_role("figure", name="figure, step 1")
    expect(figure.locator(".scatterlayer path.js-line")).to_be_visible()
    expect(figure.locator(".barlayer path")).to_have_count(3)
    expect(figure.locator(".gtitle")).to_contain_text("<img src=x onerror=window.owned=1>")
    assert figure.locator(".gtitle").bounding_box()["y"] < figure.locator(".barlayer").bounding_box()["y"]
    assert figure.locator("img").count() == 0
    assert [link for link in figure.locator("a").evaluate_all("all => all.map(one => one.href.baseVal)") if link] == []
    figure.locator(".gtitle a").first.click(force=True)
    expect(panel(seen, "space").locator("canvas")).to_be_visible()
    assert seen.page.evaluate("window.owned") is None


def test_what_cannot_be_drawn_is_told_and_can_be_downloaded(look, drawn):
    seen = look(drawn)
    asked = []
    seen.page.on("request", lambda request: asked.append(request.url))
    for key, told in REFUSED.items():
        expect(panel(seen, key)).to_contain_text(told, timeout=60_000)
        with seen.page.expect_download():
            panel(seen, key).get_by_role("link").click()
    assert [url for url in asked if not url.startswith((f"{seen.server.url}/a", "blob:", "data:"))] == []


def test_viewers_come_when_there_is_something_to_view(look, drawn):
    seen = look("/")
    scripts = coming(seen)
    seen.go(drawn.removesuffix("/media"))
    seen.page.locator("header.header").wait_for()
    assert not scripts & {"Model", "Figure", "Points"}
    seen.go(drawn)
    expect(panel(seen, "packed").get_by_role("img")).to_be_visible()
    assert "Model" in scripts


def test_without_webgl_a_model_is_a_download(launch, server, drawn):
    browser = launch("--disable-3d-apis")
    context = browser.new_context()
    context.request.post(f"{server.url}/api/v1/session", data={"key": server.key})
    page = context.new_page()
    page.goto(server.url + drawn)
    found = page.locator("[data-media='packed']")
    found.evaluate("card => card.scrollIntoView()")
    expect(found).to_contain_text("no WebGL")
    expect(found.get_by_role("link")).to_be_visible()
    browser.close()
