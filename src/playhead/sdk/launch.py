"""The steps that begin one run: server, folder, journal, sidecar."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playhead.client import local
from playhead.client.settings import data_dir
from playhead.domain.errors import AuthenticationError, CommError, LaunchError, PermissionDeniedError
from playhead.domain.ids import check_run_id, generate_id, generate_name
from playhead.journal.format import Header
from playhead.sdk import _current, exits, media, rundir
from playhead.sdk.companion import Companion
from playhead.sdk.run import Place, Run
from playhead.sdk.settings import Settings, script_arguments
from playhead.sdk.talk import Talk
from playhead.wire.tokens import LINK_LIFETIME, mint


class Launch:
    """Begins one run with these settings; see `run`."""

    def __init__(self, settings: Settings, config: Mapping[str, Any], talk: Talk, *, force: bool) -> None:
        self.settings = settings
        self.config = config
        self.talk = talk
        self.force = force

    def run(self) -> Run:
        """The run, recording. AuthenticationError, LaunchError, InitStartError, UsageError; CommError with `force`."""
        settings = self.settings
        run_id = check_run_id(settings.run_id) if settings.run_id else generate_id()
        server, entity, is_local = self._server()
        root, warning = rundir.root_of(settings.root_dir)
        if warning:
            self.talk.warn(warning)
        name = settings.run_name or generate_name(rundir.count_runs(root) + 1)
        folder = rundir.make(root, run_id, offline=server is None, symlink=settings.symlink)
        project = settings.project or rundir.default_project(Path.cwd())
        companion = self._companion(folder)
        place = Place(folder, entity, project, run_id, os.urandom(8).hex(), server["url"] if server else None, self._link(server, entity, project, run_id, is_local))
        header = Header(
            stream=os.urandom(8).hex(), run_id=run_id, segment=place.segment, role="main", project=project,
            entity=settings.entity, created_at=time.time_ns() // 1000,
        )  # fmt: skip
        start = {
            "name": name, "group": settings.run_group, "job_type": settings.run_job_type, "tags": list(settings.run_tags),
            "notes": settings.run_notes, "pid": os.getpid(), "mode": settings.mode,
        }  # fmt: skip
        run = Run(place, header, settings, start, companion, media.describe)
        exits.install()
        run._begin(self.config)  # noqa: SLF001 the launch is part of the run
        companion.add_run(self._message(folder, server, is_local))
        if server is not None and (not is_local or settings.entity not in {None, entity}):
            self._await_answer(run, companion, str(folder))
        self._greet(run, place)
        return run

    def _server(self) -> tuple[dict[str, str] | None, str | None, bool]:
        """({"url", "key"} or None, whose the run will be if that is known, whether the server is this machine's own)."""
        settings = self.settings
        if settings.mode == "offline":
            return None, settings.entity, False
        if settings.base_url is not None:
            return {"url": settings.base_url, "key": self._key(settings.base_url)}, settings.entity, False
        try:
            found = local.find_or_start(data_dir())
        except (OSError, CommError) as error:
            if self.force:
                raise CommError(f"The local server cannot be started: {error}.") from error
            self.talk.warn(f"The local server cannot be started ({error}): recording on this disk only, for `playhead sync`.")
            return None, settings.entity, False
        return {"url": found.url, "key": found.key}, settings.entity or found.entity, True

    def _key(self, url: str) -> str:
        from playhead.client.credentials import stored_key  # noqa: PLC0415 the netrc reader is for named servers only

        key = self.settings.api_key or stored_key(url)
        if key is None:
            raise AuthenticationError(f"There is no API key for {url} on this machine. Run: playhead login --host {url}")
        return key

    def _companion(self, folder: Path) -> Companion:
        if _current.companion is None:
            _current.set_companion(Companion(self.settings.start_method, folder / "logs" / "sidecar.log"))
        assert _current.companion is not None
        return _current.companion

    def _link(self, server: Mapping[str, str] | None, entity: str | None, project: str, run_id: str, is_local: bool) -> str | None:  # noqa: FBT001 private
        if server is None or not is_local:
            return None
        token = mint(server["key"], int(time.time()) + LINK_LIFETIME)
        return f"{server['url']}/{entity}/{project}/runs/{run_id}?token={token}"

    def _message(self, folder: Path, server: Mapping[str, str] | None, is_local: bool) -> dict[str, Any]:  # noqa: FBT001 private
        settings = self.settings
        arguments = script_arguments()
        git = {"commit": settings.git_commit, "remote": settings.git_remote_url, "root": settings.git_root}
        meta = {
            "program": settings.program or (sys.argv[0] if sys.argv else None),
            "args": arguments.split() if arguments else sys.argv[1:], "executable": sys.executable, "cwd": str(Path.cwd()), "pid": os.getpid(),
            "host": settings.host, "python": sys.version.split()[0], "docker": settings.docker, "notebook": settings.notebook_name,
            "sweep_id": settings.sweep_id, "git": {key: value for key, value in git.items() if value},
        }  # fmt: skip
        return {
            "op": "run", "dir": str(folder), "server": server, "local": str(data_dir()) if is_local else None,
            "stats_interval": settings.stats_interval, "disable_stats": settings.disable_stats, "disable_git": settings.disable_git,
            "meta": {key: value for key, value in meta.items() if value},
        }  # fmt: skip

    def _await_answer(self, run: Run, companion: Companion, folder: str) -> None:
        """The server was named, or another's entity: whether it takes the run must be known before hours are spent on it."""
        answer = companion.wait(folder, frozenset({"registered", "refused", "trouble"}), self.settings.init_timeout) or {}
        match answer.get("op"):
            case "registered":
                run._hear(answer)  # noqa: SLF001 as above
            case "refused":
                companion.drop_run(folder)
                run._discard()  # noqa: SLF001 as above
                raise _refusal(str(answer.get("code")), str(answer.get("message")))
            case _:
                reason = answer.get("message", f"no answer within {self.settings.init_timeout:g} s")
                self.talk.warn(f"The server cannot be reached ({reason}). The run is recorded on this disk and shipped as soon as it answers.")

    def _greet(self, run: Run, place: Place) -> None:
        where = place.link or run.url
        self.talk.say(f"Recording {run.name} ({run.path})" + (f": {where}" if where else f" in {place.folder}, offline"))


def _refusal(code: str, message: str) -> Exception:
    if code == "authentication":
        return AuthenticationError(message)
    return PermissionDeniedError(message) if code == "permission" else LaunchError(message)
