"""`restore()`: a file that a run has saved, on this disk again."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING

from playhead.domain.errors import UsageError
from playhead.sdk import rundir

if TYPE_CHECKING:
    from playhead.sdk.run import Run


def restore(
    run: Run | None, name: str, run_path: str | None, root: str | Path | None, step: int | None, version: int | None
) -> IO[str] | None:  # fmt: skip
    """See `playhead.restore`."""
    if run is not None and run.disabled:
        return None
    if step is not None and version is not None:
        raise UsageError("Give `step` or `version`: each names a version of its own.")
    if run_path is None:
        if run is None:
            raise UsageError("There is no run: call playhead.init() before restore(), or give run_path=.")
        if not run.resumed:
            raise UsageError(
                "restore() without run_path= gives files of the run that is gone on with, and this one begins anew: "
                'use init(resume="must"), resume_from= or fork_from=, or give run_path=.'
            )
        if run.offline:
            raise UsageError(
                "An offline run cannot ask for its files. Give run_path= and a server, or read them from the disk."
            )
        run_path = run.path
    from playhead.client.api import Api  # noqa: PLC0415 the HTTP library is loaded only by those who ask

    settings = None if run is None else run.settings
    api = Api() if settings is None else Api(settings.base_url, settings.api_key)
    try:
        found = api.run(run_path)
        file = (found if step is None else found.at(step)).file(name, version)
        folder = root or (rundir.working_folder() if run is None else run.dir)
        return file.download(folder)
    finally:
        api.close()
