"""Scalars of the schema: only JSON is not simply what it is in Python."""

from __future__ import annotations

import math
from typing import Any

from ariadne import ScalarType


def finite(value: Any) -> Any:
    """`value` as JSON that every reader understands: NaN and infinities as the texts that W&B's client takes for them."""
    if isinstance(value, float):
        return value if math.isfinite(value) else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(inner) for inner in value]
    return value


BINDABLES = (ScalarType("JSON", serializer=finite),)
