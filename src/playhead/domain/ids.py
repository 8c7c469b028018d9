"""Ids, names and paths: how they are made and what they may look like."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

from playhead.domain.errors import UsageError
from playhead.domain.limits import MAX_NAME, MAX_RUN_ID, MAX_TAG

_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_NOT_WORD = re.compile(r"[^\w-]")
SIGNS = "/ \\ # ? % : ; , ' \""
"""What no run id has in it."""
_UNFIT = re.compile(r"[/\\#?%:;,'\"\x00-\x1f\x7f-\x9f\ud800-\udfff]|^\s|\s$|^\.\.?$")
_NAME = re.compile(r"[^/\\#?%:\x00-\x1f]+")

_ADJECTIVES = (
    "amber bold brisk calm clear cool crisp dawn deep eager early fair fine fresh gentle glad golden grand happy "
    "keen kind light lively lucky mellow merry mild misty neat noble pale plain prime proud quick quiet rapid ready "
    "rosy royal sharp silent silver smooth snowy soft solar still sunny swift tidy vivid warm wild wise young"
).split()
_NOUNS = (
    "arch bay beacon birch bloom breeze bridge brook canyon cedar cliff cloud comet coral cove crane creek delta dune "
    "elm ember falcon fern field fjord forest garden glade grove harbor haven heron hill island lake lark leaf maple "
    "meadow mesa moon moss oak ocean orchid otter owl peak pine planet pond prairie reef ridge river robin shore sky "
    "spring star stone stream sun tide trail valley wave willow wind wood wren"
).split()


class RunPath(NamedTuple):
    """`entity/project/run_id`."""

    entity: str
    project: str
    run_id: str

    def __str__(self) -> str:
        return f"{self.entity}/{self.project}/{self.run_id}"


def generate_id(length: int = 8) -> str:
    """A random id of `length` characters from a-z and 0-9 (8 of them: 2.8e12 ids)."""
    return "".join(_ALPHABET[int.from_bytes(os.urandom(4)) % 36] for _ in range(length))


def generate_name(number: int) -> str:
    """A name for people, such as `calm-river-7`."""
    a, b = os.urandom(2)
    return f"{_ADJECTIVES[a % len(_ADJECTIVES)]}-{_NOUNS[b % len(_NOUNS)]}-{number}"


def sanitize_id(text: str) -> str:
    """`text` as a run id: every character outside words becomes a dash; at most 64 characters stay."""
    return _NOT_WORD.sub("-", text.strip())[:MAX_RUN_ID]


def check_run_id(text: str) -> str:
    """`text`, if it can be a run id; UsageError else."""
    if not 1 <= len(text) <= MAX_RUN_ID or _UNFIT.search(text):
        raise UsageError(
            f"{text!r} cannot be a run id: use 1 to {MAX_RUN_ID} letters, digits and signs, but none of {SIGNS}, and no space at "
            "either end."
        )
    return text


def fit_run_id(text: str) -> str:
    """`text` as a run id: what no run id can have becomes a dash. UsageError if it is empty or too long."""
    return check_run_id(_UNFIT.sub("-", text))


def check_name(text: str, what: str) -> str:
    """`text`, if it can name an entity, a project or a group; UsageError else."""
    if not _NAME.fullmatch(text) or len(text) > MAX_NAME or text != text.strip() or text in {".", ".."}:
        raise UsageError(f"{text!r} cannot be the name of {what}: 1 to {MAX_NAME} characters, none of / \\ # ? % :")
    return text


def check_tags(tags: Iterable[object]) -> tuple[str, ...]:
    """`tags` without repetitions; UsageError if one is no string, empty or longer than 64 characters."""
    good: dict[str, None] = {}
    for tag in tags:
        if not isinstance(tag, str) or not 1 <= len(tag) <= MAX_TAG:
            raise UsageError(f"{tag!r} cannot be a tag: use 1 to {MAX_TAG} characters.")
        good[tag] = None
    return tuple(good)


def parse_run_path(text: str, entity: str | None = None) -> RunPath:
    """`entity/project/id`, or `project/id` of this entity. UsageError if that is not enough."""
    parts = [part for part in text.strip().strip("/").split("/") if part != "runs"]
    if not 1 <= len(parts) <= 3 or not all(parts):
        raise UsageError(f"{text!r} is not the path of a run: write entity/project/id.")
    full = [*[entity, None][: 3 - len(parts)], *parts]
    if not all(full):
        raise UsageError(f"{text!r} does not say which entity and project the run is in: write entity/project/id.")
    return RunPath(*(str(part) for part in full))
