"""Which lines of a numbered file have been taken, so that each is taken once, in whatever pieces and however often it comes. Pure."""

from __future__ import annotations

from collections.abc import Iterator

Spans = tuple[tuple[int, int], ...]
"""Spans of numbers, each from its first to before its second; in order, without two that touch."""

MAX_SPANS = 1_000
"""Spans of one file. Beyond it the gap between the two nearest is taken as told: who leaves so many never fills them."""


def new(taken: Spans, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """The spans of [start, stop) that are not taken yet."""
    for first, end in taken:
        if end <= start:
            continue
        if first >= stop:
            break
        if start < first:
            yield start, first
        start = end
    if start < stop:
        yield start, stop


def taking(taken: Spans, start: int, stop: int) -> Spans:
    """With [start, stop) too."""
    if start >= stop:
        return taken
    before = [span for span in taken if span[1] < start]
    after = [span for span in taken if span[0] > stop]
    within = taken[len(before) : len(taken) - len(after)]
    joined = (min([start, *(first for first, _ in within)]), max([stop, *(end for _, end in within)]))
    spans = [*before, joined, *after]
    if len(spans) > MAX_SPANS:
        at = min(range(len(spans) - 1), key=lambda number: spans[number + 1][0] - spans[number][1])
        spans[at : at + 2] = [(spans[at][0], spans[at + 1][1])]
    return tuple(spans)
