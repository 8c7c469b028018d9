r"""Regular expressions that every catalog understands in the same way and searches for in bounded time.

`.` any character but a line break, `[a-z]` `[^a-z]` `\d` `\w` `\s` `\D` `\W` `\S` `\b` `^` `$` `*` `+` `?` `{2,3}` `(…)` `(?:…)` `|`; `(?i)` in
front: in any case. `\d`, `\w` and `\s` mean ASCII. No look-around and no references, which is what never ends.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from pydantic_core import SchemaValidator

from playhead.domain.errors import FilterError
from playhead.domain.limits import MAX_PATTERN

_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": " \\t\\n\\r\\f\\v"}
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_SPECIAL = frozenset("\\.^$*+?{}()[]|-&~#/")
_TOLD = frozenset("tnrfv")
_REPEATS = frozenset("*+?{")
MAX_TIMES = 255
"""How often `{n}` repeats at most."""


class Spelling(NamedTuple):
    """One pattern as each engine writes it."""

    rust: str
    """That of SQLite's engine, which is linear in the text, and of the one in memory."""
    posix: str
    """PostgreSQL's."""


class Pattern(NamedTuple):
    """A checked pattern: what to search for."""

    text: str
    """As it was written, without `(?i)`."""
    spelling: Spelling
    any_case: bool = False


class _Node(NamedTuple):
    """A part of a pattern; `size`: how many parts it has when repetitions are written out."""

    spelling: Spelling
    size: int = 1
    repeatable: bool = True


def _same(text: str) -> Spelling:
    return Spelling(text, text)


_EMPTY = _Node(_same("(?:)"))
_ANCHORS = {"^": Spelling("\\A", "\\A"), "$": Spelling("\\z", "\\Z")}
# Without Unicode's idea of words, which PostgreSQL does not share.
_BOUNDARY = Spelling("(?-u:\\b)", "\\y")


def _join(nodes: list[_Node], between: str = "") -> _Node:
    spellings = zip(*(node.spelling for node in nodes), strict=True)
    return _Node(Spelling(*(between.join(parts) for parts in spellings)), sum(node.size for node in nodes))


def _grouped(node: _Node, sign: str = "", times: int = 1) -> _Node:
    return _Node(Spelling(*(f"(?:{text}){sign}" for text in node.spelling)), node.size * times)


def parse(text: str, *, any_case: bool = False) -> Pattern:
    """`text`, checked. FilterError at the character that is wrong."""
    if text.startswith("(?i)"):
        return parse(text[4:], any_case=True)
    if len(text) > MAX_PATTERN:
        raise FilterError(f"A regular expression has at most {MAX_PATTERN} characters.")
    parser = _Parser(text)
    node = parser.choices(0)
    if parser.at < len(text):
        parser.fail("There is no ( to this )")
    return Pattern(text, node.spelling, any_case)


def finds(rust: str, text: str, *, any_case: bool) -> bool:
    """Whether something in the text matches the pattern, of which this is Rust's spelling."""
    return _validator(rust, any_case).isinstance_python(text)


@lru_cache(100)
def _validator(rust: str, any_case: bool) -> SchemaValidator:  # noqa: FBT001 a key of the cache
    return SchemaValidator(
        {"type": "str", "pattern": f"(?i){rust}" if any_case else rust, "regex_engine": "rust-regex"}
    )


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fail(self, message: str, at: int | None = None) -> None:
        raise FilterError(f"Regular expression: {message}.", text=self.text, position=self.at if at is None else at)

    def choices(self, depth: int) -> _Node:
        if depth > 30:
            self.fail("too many parentheses inside one another")
        nodes = [self._row(depth)]
        while self.text.startswith("|", self.at):
            self.at += 1
            nodes.append(self._row(depth))
        return _join(nodes, "|")

    def _row(self, depth: int) -> _Node:
        nodes = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            nodes.append(self._repeated(depth))
        return _join(nodes) if nodes else _EMPTY

    def _repeated(self, depth: int) -> _Node:
        node = self._one(depth)
        begin = self.at
        if self.text[begin : begin + 1] not in _REPEATS:
            return node
        if not node.repeatable:
            self.fail("this cannot be repeated")
        times, sign = self._times()
        if self.text.startswith("?", self.at):  # as few as possible: where it ends means nothing to a search
            self.at += 1
        if self.text[self.at : self.at + 1] in _REPEATS:
            self.fail("put what is repeated already into parentheses")
        if node.size * times > MAX_PATTERN:
            self.fail(f"with repetitions it has more than {MAX_PATTERN} parts", begin)
        return _grouped(node, sign, times)

    def _times(self) -> tuple[int, str]:
        """How often at most, and the sign for it."""
        char = self.text[self.at]
        begin, self.at = self.at, self.at + 1
        if char != "{":
            return 1, char
        end = self.text.find("}", begin)
        low, comma, high = self.text[begin + 1 : end].partition(",") if end > 0 else ("", "", "")
        whole = low.isdecimal() and low.isascii() and (not high or (high.isdecimal() and high.isascii()))
        if not whole or not int(low) <= int(high or low) <= MAX_TIMES:
            self.fail(f"write {{2}}, {{2,}} or {{2,5}} (at most {MAX_TIMES}), or \\{{ for the character", begin)
        self.at = end + 1
        return max(int(high or low), 1), "{" + low + comma + high + "}"

    def _one(self, depth: int) -> _Node:
        char = self.text[self.at]
        if char in _REPEATS:
            self.fail("there is nothing to repeat")
        if char == "(":
            return self._group(depth)
        if char == "[":
            return self._set()
        if char == "\\":
            return self._escaped()
        self.at += 1
        if char == ".":
            return _Node(_same("[^\\n]"))
        if char in _ANCHORS:
            return _Node(_ANCHORS[char], repeatable=False)
        return _literal(char)

    def _group(self, depth: int) -> _Node:
        begin = self.at
        self.at += 1
        if self.text.startswith("?", self.at):
            if not self.text.startswith("?:", self.at):
                self.fail("only (…) and (?:…) can be used, and (?i) in front of all")
            self.at += 2
        node = self.choices(depth + 1)
        if not self.text.startswith(")", self.at):
            self.fail("this ( has no )", begin)
        self.at += 1
        return _grouped(node)

    def _escaped(self) -> _Node:
        char = self.text[self.at + 1 : self.at + 2]
        if char == "b":
            self.at += 2
            return _Node(_BOUNDARY, repeatable=False)
        if char and char.lower() in _CLASSES:
            self.at += 2
            return _Node(_same(f"[{'^' if char.isupper() else ''}{_CLASSES[char.lower()]}]"))
        return _literal(self._escape())

    def _escape(self) -> str:
        """The character that is written with a backslash."""
        char = self.text[self.at + 1 : self.at + 2]
        if not char or (char.isalnum() and char not in _TOLD):
            self.fail(f"\\{char} is not known here")
        self.at += 2
        return _ESCAPES.get(char, char)

    def _set(self) -> _Node:
        begin = self.at
        self.at += 1
        negated = self.text.startswith("^", self.at)
        self.at += negated
        parts: list[str] = []
        while not self.text.startswith("]", self.at):
            if self.at >= len(self.text):
                self.fail("this [ has no ]", begin)
            parts.append(self._member())
        if not parts:
            self.fail("an empty set: write \\] for the character", begin)
        self.at += 1
        return _Node(_same(f"[{'^' if negated else ''}{''.join(parts)}]"))

    def _member(self) -> str:
        """A character, a range or a class of a set."""
        named = self.text[self.at + 1 : self.at + 2]
        if self.text[self.at] == "\\" and named and named in _CLASSES:
            self.at += 2
            return _CLASSES[named]
        begin = self.at
        first = self._character()
        if self.text.startswith("-", self.at) and self.text[self.at + 1 : self.at + 2] not in {"]", ""}:
            self.at += 1
            last = self._character()
            if last < first:
                self.fail("a range goes from the smaller to the larger character", begin)
            return f"{_quoted(first)}-{_quoted(last)}"
        return _quoted(first)

    def _character(self) -> str:
        if self.text[self.at] == "\\":
            return self._escape()
        self.at += 1
        return self.text[self.at - 1]


def _literal(char: str) -> _Node:
    return _Node(_same(_quoted(char)))


def _quoted(char: str) -> str:
    """The character as it can stand anywhere, sets included."""
    names = {value: name for name, value in _ESCAPES.items()}
    if char in names:
        return f"\\{names[char]}"
    return f"\\{char}" if char in _SPECIAL else char
