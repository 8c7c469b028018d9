"""Artifacts: their names, what is in them, and when two are the same."""

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playhead.domain import manifest
from playhead.domain.artifact import (
    CollectionName,
    Entry,
    check_aliases,
    check_collection,
    check_ttl,
    digest_of,
    parse_name,
    version_number,
)
from playhead.domain.errors import LimitError, UsageError


def a_file(path, content=b"", **more):
    md5 = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
    told = {"digest": md5, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return Entry(path, **(told | more))


FILES = [a_file("b/ü.txt", b"two"), a_file("a.txt", b"one")]
REFERENCE = Entry("raw", digest="etag-1", size=9, ref="s3://bucket/raw", extra={"etag": "etag-1"})


def test_the_digest_is_that_of_the_content_whatever_its_order():
    told = "wandb-artifact-manifest-v1\n" + "".join(f"{one.path}:{one.digest}\n" for one in (FILES[1], FILES[0]))
    assert digest_of(FILES) == digest_of(reversed(FILES)) == hashlib.md5(told.encode()).hexdigest()
    assert digest_of([*FILES, REFERENCE]) != digest_of(FILES)
    assert digest_of([]) == hashlib.md5(b"wandb-artifact-manifest-v1\n").hexdigest()


def test_a_manifest_comes_back():
    text = manifest.to_json([*FILES, REFERENCE])
    assert manifest.parse(text) == sorted([*FILES, REFERENCE], key=lambda one: one.path)
    assert manifest.to_json(manifest.parse(text)) == text
    assert json.loads(text)["entries"]["a.txt"].keys() == {"digest", "sha256", "size"}
    assert manifest.parse(manifest.to_json([])) == []


PATHS = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters="/\\:"), min_size=1).filter(
    lambda text: text not in {".", ".."}
)


@given(st.dictionaries(PATHS, st.binary()))
def test_any_files_come_back(files):
    entries = [a_file(path, content) for path, content in files.items()]
    assert {one.path: one for one in manifest.parse(manifest.to_json(entries))} == {one.path: one for one in entries}


GOOD = {"digest": FILES[0].digest, "sha256": FILES[0].sha256, "size": 3}


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", '{"version": 2, "entries": {}}', '{"version": 1, "entries": []}', '{"version": 1', "[" * 100_000,
        *(
            json.dumps({"version": 1, "entries": entries})
            for entries in (
                {"../a": GOOD}, {"/a": GOOD}, {"": GOOD}, {"a": 1}, {"a": {**GOOD, "size": -1}}, {"a": {**GOOD, "size": True}},
                {"a": {**GOOD, "sha256": "A" * 64}}, {"a": {**GOOD, "digest": "x"}}, {"a": {**GOOD, "digest": None}},
                {"a": {**GOOD, "ref": "s3://b/k"}}, {"a": {"digest": "e", "ref": ""}}, {"a": {**GOOD, "extra": []}}, {"a": {"digest": "e"}},
            )
        ),
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_told(text):
    with pytest.raises(UsageError):
        manifest.parse(text.encode())


def test_a_manifest_has_a_limit(monkeypatch):
    monkeypatch.setattr(manifest, "MAX_ENTRIES", 1)
    with pytest.raises(LimitError, match="MAX_ENTRIES"):
        manifest.to_json(FILES)
    with pytest.raises(UsageError, match="MAX_ENTRIES"):
        manifest.parse(json.dumps({"version": 1, "entries": {"a": GOOD, "b": GOOD}}).encode())


@pytest.mark.parametrize(
    ("text", "path", "alias"),
    [
        ("model", "ada/p/model", "latest"), ("model:best", "ada/p/model", "best"), ("q/model:v12", "ada/q/model", "v12"),
        ("eve/q/my model.pt:a b", "eve/q/my model.pt", "a b"),
    ],
)  # fmt: skip
def test_names(text, path, alias):
    assert parse_name(text, "ada", "p") == (CollectionName(*path.split("/")), alias)


@pytest.mark.parametrize(
    "text", ["", "a/b/c/d", "/", "a//b", ":v1", "model:a:b", "model:a/b", "a\0", "q#/model", " /x"]
)
def test_what_is_no_name_is_told(text):
    with pytest.raises(UsageError):
        parse_name(text, "ada", "p")


def test_a_name_alone_does_not_say_whose_it_is():
    with pytest.raises(UsageError, match="whose"):
        parse_name("model")


def test_versions_are_no_aliases():
    assert [version_number(text) for text in ("v0", "v12", "v", "V1", "v1x", "v٣", "latest")] == [0, 12, *[None] * 5]
    assert check_aliases(["best", "best", "v1.0"]) == ("best", "v1.0")
    for alias in ("v0", "v12", "a/b", "a:b", "", "x" * 129, 7):
        with pytest.raises(UsageError):
            check_aliases([alias])
    with pytest.raises(UsageError, match="at most"):
        check_aliases([f"a{number}" for number in range(101)])


def test_names_of_collections():
    for name in ("model", "run-8s2k-table", "source-p-train.py", "über 1", "a?b#c%"):
        assert check_collection(name) == name
    for name in ("", "a/b", "a:b", " a", "a\n", "x" * 129, ".."):
        with pytest.raises(UsageError):
            check_collection(name)


def test_how_long_versions_are_kept():
    assert (check_ttl(None), check_ttl(60)) == (None, 60)
    for seconds in (0, -1, True, 1.5, 1 << 60):
        with pytest.raises(UsageError):
            check_ttl(seconds)
