"""Numbers of bytes, for people. Pure."""

from __future__ import annotations

_UNITS = ("kB", "MB", "GB", "TB", "PB")


def size_text(size: int) -> str:
    """`size` bytes with three digits at most, such as `512 bytes`, `3.4 kB`, `120 MB`."""
    if abs(size) < 1000:
        return "1 byte" if size == 1 else f"{size} bytes"
    number, power = size / 1000, 0
    while abs(number) >= 999.5 and power + 1 < len(_UNITS):
        number, power = number / 1000, power + 1
    return f"{number:.{0 if abs(number) >= 99.95 else 1}f} {_UNITS[power]}"


def progress_text(done: int, whole: int) -> str:
    """How far it is, both in the unit of the whole: `1.2 of 3.4 GB`."""
    number, unit = size_text(whole).split(" ")
    power = 1000 ** (_UNITS.index(unit) + 1) if unit in _UNITS else 1
    digits = len(number.partition(".")[2])
    return f"{done / power:.{digits}f} of {number} {unit}"


def count_text(count: int, noun: str) -> str:
    """`1 file`, `2,000 files`."""
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"
