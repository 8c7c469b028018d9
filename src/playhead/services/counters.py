"""Counts what a server does, for whoever watches it: text as Prometheus reads it. Safe to call from any thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TypeAlias

Labels: TypeAlias = tuple[tuple[str, str], ...]

COUNTED: Mapping[str, tuple[str, str]] = {
    "playhead_request_seconds": ("histogram", "Requests by `method`, `route` and `status`, and how long they took."),
    "playhead_ingested_bytes_total": ("counter", "Bytes of journals that were stored."),
    "playhead_ingested_points_total": (
        "counter",
        "Points of metrics that were stored, by `source`: history or system.",
    ),
    "playhead_ingested_stretches_total": ("counter", "Stretches of journals that were stored."),
    "playhead_ingest_lag_seconds": ("histogram", "From when the last of a stretch was logged until it was stored."),
    "playhead_ingest_waiting": ("gauge", "Requests that wait to be stored."),
    "playhead_ingest_waiting_bytes": ("gauge", "Their bytes."),
    "playhead_refused_total": ("counter", "Stretches that were not stored, by `reason`."),
    "playhead_damaged_frames_total": ("counter", "Frames of journals that could not be read."),
    "playhead_dropped_values_total": ("counter", "Values that trainings said they could not record."),
    "playhead_alerts_sent_total": ("counter", "Alerts that webhooks took."),
    "playhead_alerts_not_sent_total": (
        "counter",
        "Alerts that a webhook did not get, by `reason`: no_room, refused or given_up.",
    ),
    "playhead_alerts_waiting": ("gauge", "Alerts that wait for webhooks."),
    "playhead_wandb_unknown_total": (
        "counter",
        "Questions of W&B's client for what is not here, by `what`: a type, field or argument of GraphQL.",
    ),
    "playhead_swept_contents_total": ("counter", "Contents that were thrown away because nothing referred to them."),
    "playhead_swept_bytes_total": ("counter", "Their bytes."),
    "playhead_artifacts_committed_total": (
        "counter",
        "Artifacts whose content arrived; `new`: false where a version with the same content was there.",
    ),
    "playhead_artifacts_failed_total": ("counter", "Artifacts that were logged and can be no version."),
    "playhead_artifacts_expired_total": ("counter", "Versions of artifacts whose time was over."),
    "playhead_event_listeners": ("gauge", "Open streams of live events."),
}
"""Name -> type and meaning of all that is counted."""
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper ends of a histogram's buckets, in seconds."""
MAX_SERIES = 2_000
"""Different labels of one name; what comes with others is counted under none."""


class Counters:
    """Counters and histograms since the server began, and gauges as they are now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, dict[Labels, float]] = {name: {} for name in COUNTED}
        self._histograms: dict[str, dict[Labels, list[float]]] = {name: {} for name in COUNTED}
        self._gauges: dict[str, Callable[[], float]] = {}

    def add(self, name: str, amount: float = 1.0, **labels: str) -> None:
        """Count so many more."""
        with self._lock:
            known = self._counts[name]
            key = _key(known, labels)
            known[key] = known.get(key, 0.0) + amount

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Something took so long."""
        with self._lock:
            known = self._histograms[name]
            key = _key(known, labels)
            row = known.setdefault(key, [0.0] * (len(BUCKETS) + 2))
            place = next((place for place, end in enumerate(BUCKETS) if seconds <= end), len(BUCKETS))
            row[place] += 1
            row[-1] += seconds

    def gauge(self, name: str, read: Callable[[], float]) -> None:
        """Ask `read` whenever somebody looks."""
        self._gauges[name] = read

    def text(self) -> str:
        """All of it, in Prometheus' text format."""
        gauges = {name: read() for name, read in self._gauges.items()}
        with self._lock:
            counts = {name: dict(known) for name, known in self._counts.items()}
            histograms = {
                name: {key: list(row) for key, row in known.items()} for name, known in self._histograms.items()
            }
        lines: list[str] = []
        for name, (kind, about) in COUNTED.items():
            lines += [f"# HELP {name} {about}", f"# TYPE {name} {kind}"]
            if kind == "gauge":
                lines.append(f"{name} {gauges.get(name, 0):g}")
            elif kind == "counter":
                lines += [f"{name}{_labels(key)} {value:.17g}" for key, value in (counts[name] or {(): 0.0}).items()]
            for key, row in histograms[name].items():
                lines += _histogram(name, key, row)
        return "\n".join(lines) + "\n"


def _histogram(name: str, key: Labels, row: list[float]) -> list[str]:
    total, lines = 0.0, []
    for end, count in zip((*(f"{end:g}" for end in BUCKETS), "+Inf"), row[:-1], strict=True):
        total += count
        lines.append(f"{name}_bucket{_labels((*key, ('le', end)))} {total:.17g}")
    return [*lines, f"{name}_sum{_labels(key)} {row[-1]:.17g}", f"{name}_count{_labels(key)} {total:.17g}"]


def _key(known: Mapping[Labels, object], labels: Mapping[str, str]) -> Labels:
    key = tuple(sorted(labels.items()))
    return key if key in known or len(known) < MAX_SERIES else ()


def _labels(key: Labels) -> str:
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in key)
    return f"{{{told}}}" if told else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
