"""Text from elsewhere. Pure."""

from __future__ import annotations


def printable(text: str) -> str:
    """`text` without what could steer a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
