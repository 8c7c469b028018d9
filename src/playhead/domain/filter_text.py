"""The filter language of page, command line and API: `config.lr < 0.01 and state = "finished"`. Errors point at the character."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, NoReturn

from playhead.domain import pattern, places
from playhead.domain.errors import FilterError
from playhead.domain.facts import Fact, Kind
from playhead.domain.filter import (
    NULL,
    Compare,
    Contains,
    Exists,
    Filter,
    Matches,
    Not,
    Op,
    Place,
    among,
    checked,
    equals,
    every,
    some,
)
from playhead.domain.filter_values import Ago, WrongValueError, is_text, moment, seconds, value_of
from playhead.domain.limits import MAX_CHOICES, MAX_FILTER, MAX_NESTING

_SPACE = re.compile(r"\s*")
_OPERATOR = re.compile(r"==|!=|<>|<=|>=|!~|=~|[=<>~]")
_KEYWORD = re.compile(r"(and|or|not|in|contains|exists)(?![^\s()\[\],=!<>~\"'])", re.IGNORECASE)
_NAME = re.compile(r"[^\s()\[\]{},=!<>~\"'.]+")
_BARE = re.compile(r"[^\s()\[\]{},=!<>~\"']+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_WORDS: dict[str, Any] = {
    "true": True, "false": False, "null": None, "none": None, "nan": float("nan"), "inf": float("inf"),
    "+inf": float("inf"), "-inf": float("-inf"), "infinity": float("inf"), "-infinity": float("-inf"),
}  # fmt: skip
_COMPARE = {"<": Op.LT, "<=": Op.LE, ">": Op.GT, ">=": Op.GE}
_MOST_DIGITS = 400


def parse(text: str, *, now: float | None = None) -> Filter:
    """The filter that `text` says; an empty text means all runs. `now` (seconds since 1970) is what `7d ago` counts from. FilterError."""
    if len(text) > MAX_FILTER:
        raise FilterError(f"A filter has at most {MAX_FILTER:,} characters.")
    return checked(_Parser(text, time.time() if now is None else now).whole())


class _Parser:
    """Goes through the text from left to right; `at` is where it is."""

    def __init__(self, text: str, now: float) -> None:
        self.text = text
        self.now = now
        self.at = 0
        self.depth = 0

    def whole(self) -> Filter:
        self.skip()
        if self.at == len(self.text):
            return every(())
        tree = self.either()
        if self.at < len(self.text):
            self.fail('There is no "(" to this ")"' if self.text[self.at] == ")" else 'Expected "and" or "or"')
        return tree

    # what is inside what

    def either(self) -> Filter:
        parts = [self.both()]
        while self.keyword("or"):
            parts.append(self.both())
        return some(parts)

    def both(self) -> Filter:
        parts = [self.negated()]
        while self.keyword("and"):
            parts.append(self.negated())
        return every(parts)

    def negated(self) -> Filter:
        if self.keyword("not"):
            return Not(self.deeper(self.negated))
        begin = self.at
        if not self.take("("):
            return self.condition()
        tree = self.deeper(self.either)
        if not self.take(")"):
            if self.at < len(self.text):
                self.fail('Expected "and", "or" or ")"')
            self.fail('This "(" has no ")"', begin)
        return tree

    def deeper(self, rule: Callable[[], Filter]) -> Filter:
        self.depth += 1
        if self.depth > MAX_NESTING:
            self.fail(f"More than {MAX_NESTING} conditions are inside one another")
        tree = rule()
        self.depth -= 1
        return tree

    # conditions

    def condition(self) -> Filter:
        place = self.place()
        if self.keyword("exists"):
            return Exists(place)
        begin = self.at
        if self.keyword("not"):
            for word, rule in (("in", self.choices), ("contains", self.part), ("exists", Exists)):
                if self.keyword(word):
                    return Not(rule(place))
            self.fail('Expected "in", "contains" or "exists" after "not"')
        if self.keyword("in"):
            return self.choices(place)
        if self.keyword("contains"):
            return self.part(place)
        found = _OPERATOR.match(self.text, self.at)
        if found is None:
            self.fail("Expected an operator, such as =, !=, <, <=, >, >=, ~, in, contains or exists", begin)
        self.move(found.end())
        return self.compared(place, found[0])

    def compared(self, place: Place, operator: str) -> Filter:
        if operator in {"~", "=~", "!~"}:
            matches = self.pattern(place)
            return Not(matches) if operator == "!~" else matches
        begin = self.at
        value = self.value(place)
        if operator in _COMPARE:
            if value.kind not in {Kind.NUMBER, Kind.STRING, Kind.BOOL}:
                self.fail(f"Nothing is larger or smaller than this: {operator} takes a number, a text or a date", begin)
            return Compare(place, _COMPARE[operator], value)
        same = equals(place, value)
        return Not(same) if operator in {"!=", "<>"} else same

    def choices(self, place: Place) -> Filter:
        begin = self.at
        end = next((close for opening, close in ("[]", "()") if self.take(opening)), None)
        if end is None:
            self.fail("Expected values in brackets: [1, 2]")
        values: list[Fact] = []
        while not self.take(end):
            if values and not self.take(","):
                if self.at == len(self.text):
                    self.fail(f'This has no "{end}"', begin)
                self.fail(f'Expected "," or "{end}"')
            if values and self.take(end):
                break
            values.append(self.value(place))
            if len(values) > MAX_CHOICES:
                self.fail(f'"in" takes at most {MAX_CHOICES:,} values', begin)
        return among(place, tuple(dict.fromkeys(values)))

    def part(self, place: Place) -> Filter:
        begin = self.at
        value = self.value(place)
        if value == NULL:
            self.fail('"contains" takes a text or an element of a list', begin)
        return Contains(place, value)

    def pattern(self, place: Place) -> Filter:
        begin = self.at
        value = self.value(None)
        if not is_text(value):
            self.fail("Expected a regular expression in quotes", begin)
        if place.name in places.TIMES | places.NUMBERS:
            self.fail(f"{place} is no text", begin)
        text = value.text + value.rest
        try:
            return Matches(place, pattern.parse(text))
        except FilterError as error:
            said = error.message.split("\n", 1)[0].removesuffix(".")
            quoted = self.text[begin : begin + 1] in {'"', "'"}
            inside = error.position or 0
            if "\\" in self.text[begin : begin + 1 + inside]:  # escapes have moved it
                inside = 0
            self.fail(said, begin + quoted + inside)

    # names and values

    def place(self) -> Place:
        begin = self.at
        if self.at == len(self.text):
            self.fail("Expected a condition here")
        if _KEYWORD.match(self.text, self.at):
            self.fail("Expected the name of a value, such as config.lr or state")
        parts = [self.name(begin)]
        while self.text.startswith(".", self.at):
            self.at += 1
            parts.append(self.name(begin))
        self.skip()
        found = places.place(parts)
        if found is None:
            self.fail(places.unknown(parts[0] if len(parts) == 1 else ".".join(parts)).removesuffix("."), begin)
        return found

    def name(self, begin: int) -> str:
        quoted = _QUOTED.match(self.text, self.at)
        if quoted is not None:
            self.at = quoted.end()
            return _unquoted(quoted)
        bare = _NAME.match(self.text, self.at)
        if bare is None:
            if self.text[self.at : self.at + 1] in {'"', "'"}:
                self.fail("This quote is not closed")
            self.fail(
                "Expected the name of a value, such as config.lr or state"
                if begin == self.at
                else "Expected a key here"
            )
        self.at = bare.end()
        return bare[0]

    def value(self, place: Place | None) -> Fact:
        """A value, to be compared with what is at `place`."""
        begin = self.at
        value = self.literal()
        try:
            return value_of(place or Place(places.SPACES["config"], ""), value, self.now)
        except WrongValueError as error:
            self.fail(str(error)[:1].upper() + str(error)[1:], begin)

    def literal(self) -> Any:
        quoted = _QUOTED.match(self.text, self.at)
        if quoted is not None:
            self.move(quoted.end())
            return _unquoted(quoted)
        bare = _BARE.match(self.text, self.at)
        if bare is None or _KEYWORD.match(self.text, self.at):
            if self.text[self.at : self.at + 1] in {'"', "'"}:
                self.fail("This quote is not closed")
            self.fail("Expected a value here")
        begin = self.at
        self.move(bare.end())
        return self.meaning(bare[0], begin)

    def meaning(self, word: str, begin: int) -> Any:
        """What a word without quotes means."""
        if word.lower() in _WORDS:
            return _WORDS[word.lower()]
        if _NUMBER.fullmatch(word):
            if len(word) > _MOST_DIGITS:
                self.fail(f"A number has at most {_MOST_DIGITS} characters", begin)
            return int(word) if word.lstrip("+-").isdecimal() else float(word)
        length = seconds(word)
        if length is not None:
            return Ago(length) if self.word("ago") else length
        if moment(word) is None and (word[0].isdigit() or word[0] in "+-."):
            self.fail("This is no number, date or duration; a text needs quotes", begin)
        return word

    # the text

    def keyword(self, name: str) -> bool:
        found = _KEYWORD.match(self.text, self.at)
        if found is None or found[1].lower() != name:
            return False
        self.move(found.end())
        return True

    def word(self, name: str) -> bool:
        found = _BARE.match(self.text, self.at)
        if found is None or found[0].lower() != name:
            return False
        self.move(found.end())
        return True

    def take(self, char: str) -> bool:
        if not self.text.startswith(char, self.at):
            return False
        self.move(self.at + len(char))
        return True

    def move(self, to: int) -> None:
        self.at = to
        self.skip()

    def skip(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def fail(self, message: str, at: int | None = None) -> NoReturn:
        raise FilterError(f"{message}.", text=self.text, position=self.at if at is None else at)


def _unquoted(found: re.Match[str]) -> str:
    inner = found[1] if found[1] is not None else found[2]
    return _ESCAPED.sub(_unescaped, inner)


def _unescaped(found: re.Match[str]) -> str:
    """A quote or a backslash behind a backslash is itself; any other backslash stays, so that regular expressions need no second one."""
    return found[1] if found[1] in "\"'\\" else found[0]
