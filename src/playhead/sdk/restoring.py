"""`restore()`: a file that a run has saved, on this disk again. Where it comes from is found in `bringing`."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING

from playhead.domain.errors import UsageError
from playhead.sdk import rundir
from playhead.sdk.settings import Settings, resolve

if TYPE_CHECKING:
    from playhead.sdk.run import Run


def restore(
    run: Run | None, name: str, run_path: str | None, root: str | Path | None, step: int | None, version: int | None, *,
    replace: bool,
) -> IO[str] | None:  # fmt: skip
    """See `playhead.restore`."""
    if run is not None and run.disabled:
        return None
    if step is not None and version is not None:
        raise UsageError("Give `step` or `version`: each names a version of its own.")
    path = run_path or _own_path(run)
    from playhead.sdk import bringing  # noqa: PLC0415 the HTTP library is loaded only by those who ask

    settings = resolve(Settings(), {})[0] if run is None else run.settings
    folder = Path(root) if root else rundir.working_folder() if run is None else Path(run.dir)
    careless = replace or (run is not None and folder == Path(run.dir))
    wanted = bringing.Wanted(name, path, step, version, folder, careless)
    found = bringing.Bringer(run, settings, own=run_path is None).bring(wanted)
    return found.open(encoding="utf-8", errors="replace")


def _own_path(run: Run | None) -> str:
    """UsageError if there is nothing that is gone on with."""
    if run is None:
        raise UsageError("There is no run: call playhead.init() before restore(), or give run_path=.")
    if not run.resumed:
        raise UsageError(
            "restore() without run_path= gives files of the run that is gone on with, and this one begins anew: "
            'use init(resume="must"), resume_from= or fork_from=, or give run_path=.'
        )
    return run.path
