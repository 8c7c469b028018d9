"""One value a key: the last that was logged, unless the script sets another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from playhead.sdk.values import scalar

Write = Callable[[dict[str, Any]], int]
"""Writes a record and answers its time."""
Logged = Callable[[], dict[str, tuple[int, Any]]]
"""What was logged last: key -> (time, value)."""


class Summary(MutableMapping[str, Any]):
    """`summary["best"] = 0.9`, `summary.update({...})`; reading gives what was logged or set last. Attributes work too."""

    def __init__(self, write: Write, logged: Logged, before: Callable[[], Mapping[str, Any]] | None = None) -> None:
        """`before` finds what the run's summary was when it was gone on with; it is asked once, if somebody looks."""
        object.__setattr__(self, "_before", before)
        object.__setattr__(self, "_write", write)
        object.__setattr__(self, "_logged", logged)
        object.__setattr__(self, "_told", {})

    def update(self, given: Mapping[str, Any] | None = None, **more: Any) -> None:  # type: ignore[override]  # pairs are not taken
        """Set several keys. TypeError for a value that cannot be kept."""
        values = {str(key): scalar(str(key), value) for key, value in {**(given or {}), **more}.items()}
        time = self._write({"set": values})
        self._told.update({key: (time, value) for key, value in values.items()})

    def as_dict(self) -> dict[str, Any]:
        """A copy as a plain dict."""
        if self._before is not None:
            told = {key: (-1, value) for key, value in self._before().items() if not key.startswith("_")}
            object.__setattr__(self, "_told", {**told, **self._told})
            object.__setattr__(self, "_before", None)
        merged = dict(self._logged())
        for key, (time, value) in dict(self._told).items():
            if key not in merged or merged[key][0] <= time:
                merged[key] = (time, value)
        return {key: value for key, (_, value) in merged.items() if value is not _GONE}

    def __getitem__(self, key: str) -> Any:
        return self.as_dict()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __delitem__(self, key: str) -> None:
        self[key]  # KeyError if it is not there
        self._told[key] = (self._write({"delete": [key]}), _GONE)

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):  # copy and pickle look for their protocols
            raise AttributeError(key)
        try:
            return self[key]
        except KeyError:
            raise AttributeError(f"The summary has no {key!r}.") from None

    def __setattr__(self, key: str, value: Any) -> None:
        self[key] = value

    def __delattr__(self, key: str) -> None:
        if key not in self:
            raise AttributeError(f"The summary has no {key!r}.")
        del self[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.as_dict())

    def __len__(self) -> int:
        return len(self.as_dict())

    def __contains__(self, key: object) -> bool:
        return key in self.as_dict()

    def __repr__(self) -> str:
        return repr(self.as_dict())

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self.as_dict(),)


_GONE = object()
