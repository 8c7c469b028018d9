"""What a training asks to go on with: `resume=`, `resume_from=`, `fork_from=` read into one plan, contradictions refused."""

from __future__ import annotations

import json
import math
import os
import re
from pathlib import Path
from typing import Any, NamedTuple

from playhead.domain.errors import UsageError

_RESUMES = ("allow", "must", "never")
_POINT = re.compile(r"(?P<run>[^?#]+)\?(?P<metric>[^=#?]+)=(?P<value>[^#?]*)")


class Plan(NamedTuple):
    """How a run begins. All empty: a new one, of which nobody has to be asked."""

    resume: str | None = None
    """`allow`, `must` or `never`."""
    auto: bool = False
    """Go on with the unfinished run of this folder."""
    run: str | None = None
    """Rewind or fork this one: id, name or path."""
    step: int | None = None
    """The last step of it to keep."""
    fork: bool = False
    inherit_config: bool = True
    shared: bool = False
    label: str = ""
    wait: float = 0.0
    """Seconds to wait for another writer's end."""

    @property
    def needs_answer(self) -> bool:
        """Whether nothing can begin before it is known what is there."""
        return self.resume in {"allow", "must", "never"} or self.run is not None or self.shared


def plan(
    *, resume: str | None, run_id: str | None, resume_from: str | None, fork_from: str | None, step: int | None,
    resume_step: int | None, inherit_config: bool, shared: bool, label: str, wait: float,
) -> tuple[Plan, str | None]:  # fmt: skip
    """The plan, and the run's id. UsageError for what contradicts itself."""
    given = {"resume": resume, "resume_from": resume_from, "fork_from": fork_from}
    several = [name for name, value in given.items() if value]
    if len(several) > 1:
        raise UsageError(f"Give only one of {', '.join(several)}.")
    if step is not None and not (resume_from or fork_from):
        raise UsageError("step= belongs to resume_from or fork_from: which run is to be seen as of that step?")
    if resume_step is not None and not resume:
        raise UsageError('resume_step= belongs to resume=: say resume="allow", resume_step=500.')
    common = Plan(inherit_config=inherit_config, shared=shared, label=label, wait=wait)
    if resume_from or fork_from:
        name = "resume_from" if resume_from else "fork_from"
        run, at = moment(str(resume_from or fork_from), step, name)
        if fork_from and run_id is not None and run == run_id:
            raise UsageError(
                f"The run {run_id!r} cannot be forked into itself: leave id out, give another one, or use resume_from."
            )
        return common._replace(run=run, step=at, fork=bool(fork_from)), run_id
    kind, run_id = _resume(resume, run_id)
    keep = None if resume_step is None else whole_step(resume_step, "resume_step")
    return common._replace(resume=kind if kind != "auto" else None, auto=kind == "auto", step=keep), run_id


def _resume(told: str | None, run_id: str | None) -> tuple[str | None, str | None]:
    """`resume=` as a word and the run's id: it may be an id itself, which is to be gone on with if it is there."""
    if not told:
        return None, run_id
    word = told.strip().lower()
    if word in _RESUMES:
        if run_id is None and word == "must":
            raise UsageError('resume="must" needs the id of a run: init(id=…), or PLAYHEAD_RUN_ID.')
        return word, run_id
    if word in {"auto", "true", "1", "yes"}:
        return "auto", run_id
    if run_id not in {None, told}:
        raise UsageError(f"resume={told!r} and id={run_id!r} are two runs: which one is meant?")
    return "allow", told


def moment(told: str, step: int | None, name: str) -> tuple[str, int]:
    """Run and step of `RUN?_step=N`, or of `RUN` with `step`. UsageError."""
    if "?" not in told and "#" not in told:
        if step is None:
            raise UsageError(f'{name}={told!r} does not say from which step: write {name}="{told}?_step=500".')
        return told, whole_step(step, "step")
    found = _POINT.fullmatch(told)
    if found is None:
        raise UsageError(f'{name}={told!r} cannot be read: write {name}="RUN?_step=500".')
    if found["metric"] != "_step":
        raise UsageError(
            f"{name}={told!r}: only the run's own counter can be the point, as in ?_step=500. Another metric, made with "
            "define_metric, may go back and forth, and history and system metrics would lose their order in time."
        )
    try:
        value = float(found["value"])
    except ValueError:
        raise UsageError(f"{name}={told!r}: {found['value']!r} is no step.") from None
    if step is not None and step != value:
        raise UsageError(f"{name}={told!r} and step={step!r} are two steps: which one is meant?")
    if not math.isfinite(value) or value < 0:
        raise UsageError(f"{name}={told!r}: a step is 0 or more.")
    return found["run"], int(value)


def whole_step(step: Any, name: str) -> int:
    """`step` as a whole number. UsageError."""
    try:
        number: int = math.floor(step)
    except (TypeError, ValueError, OverflowError):
        raise UsageError(f"{name}={step!r}: a step is a whole number.") from None
    if number < 0:
        raise UsageError(f"{name}={step!r}: a step is 0 or more.")
    return number


class AutoFile:
    """Which run of this folder has not come to a clean end: what `resume=True` goes on with."""

    def __init__(self, root: Path, project: str) -> None:
        self._path = root / "resume.json"
        self._project = project

    def read(self) -> str | None:
        """The run's id, if it is of the same project."""
        try:
            told = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return None
        if not isinstance(told, dict) or told.get("project") != self._project:
            return None
        run_id = told.get("run_id")
        return run_id if isinstance(run_id, str) else None

    def write(self, run_id: str) -> None:
        """This one has begun. A folder that takes no file goes without."""
        fresh = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            fresh.write_text(json.dumps({"run_id": run_id, "project": self._project}))
            fresh.replace(self._path)
        except OSError:
            return

    def forget(self) -> None:
        """It came to a clean end."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return
