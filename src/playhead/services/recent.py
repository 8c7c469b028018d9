"""A small memory of answers that many requests ask for at nearly the same time. Bounded in number and in age; safe to call from any thread."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """At most `size` answers, none older than `seconds`."""

    def __init__(self, size: int, seconds: float) -> None:
        self._size = size
        self._seconds = seconds
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """The answer, if it is at hand and not too old."""
        with self._lock:
            found = self._kept.get(key)
            if found is None or found[0] < time.monotonic():
                return None
            return found[1]

    def put(self, key: K, value: V) -> None:
        """Remember an answer."""
        with self._lock:
            self._kept[key] = (time.monotonic() + self._seconds, value)
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def ask(self, key: K, find: Callable[[], V]) -> V:
        """The answer at hand, or what `find` says."""
        known = self.get(key)
        if known is None:
            known = find()
            self.put(key, known)
        return known

    def drop(self, which: Callable[[K], bool]) -> None:
        """Forget some answers."""
        with self._lock:
            for key in [key for key in self._kept if which(key)]:
                del self._kept[key]

    def clear(self) -> None:
        """Forget all answers."""
        with self._lock:
            self._kept.clear()
