"""Scalars of the schema: only JSON is not simply what it is in Python."""

from __future__ import annotations

import json
import math
from typing import Any

from ariadne import ScalarType

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def finite(value: Any) -> Any:
    """`value` as JSON that every reader understands: NaN and infinities as the texts that W&B's client takes for them."""
    if isinstance(value, float):
        return value if math.isfinite(value) else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(inner) for inner in value]
    return value


def finite_text(value: Any) -> str:
    """The same as a text. What is all finite is gone over once."""
    try:
        return _encode(value)
    except ValueError:
        return _encode(finite(value))


BINDABLES = (ScalarType("JSON", serializer=finite),)
