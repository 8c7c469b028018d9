"""The steps that begin one run: server, folder, journal, sidecar."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from playhead.client import local
from playhead.client.settings import data_dir, no_key
from playhead.domain.errors import (
    AuthenticationError,
    CommError,
    InitStartError,
    LaunchError,
    PermissionDeniedError,
    PlayheadError,
)
from playhead.domain.ids import RunPath, generate_name
from playhead.journal.format import Header
from playhead.sdk import _current, exits, rundir
from playhead.sdk.about import Place, run_url
from playhead.sdk.beginning import begin
from playhead.sdk.companion import THREAD_INSTEAD, Companion
from playhead.sdk.media.shelf import Shelves
from playhead.sdk.outset import Beginning, Where
from playhead.sdk.plan import AutoFile, Plan
from playhead.sdk.recorder import Before
from playhead.sdk.run import Run
from playhead.sdk.settings import Settings, script_arguments
from playhead.sdk.talk import Talk
from playhead.wire.tokens import LINK_LIFETIME, mint


class _Server(NamedTuple):
    """Where the run goes. `entity` is None until the server says it; `is_local`: this machine's own."""

    url: str
    key: str
    entity: str | None
    is_local: bool


class Launch:
    """Begins one run with these settings; see `run`."""

    def __init__(self, settings: Settings, plan: Plan, config: Mapping[str, Any], talk: Talk, *, force: bool) -> None:
        self.settings = settings
        self.plan = plan
        self.config = config
        self.talk = talk
        self.force = force
        self._begun: Beginning | None = None

    def run(self) -> Run:
        """The run, recording. AuthenticationError, LaunchError, InitStartError, UsageError; CommError with `force`."""
        server = self._server()
        try:
            run = self._open(server)
        except (PermissionDeniedError, AuthenticationError) as error:
            assert server is not None
            raise self._refusal(
                "permission" if isinstance(error, LaunchError) else "authentication", error.message, server.url
            ) from error
        folder = run._place.folder  # noqa: SLF001 the launch is part of the run
        companion = run._companion  # noqa: SLF001 as above
        exits.install()
        try:
            run._begin(self.config)  # noqa: SLF001 as above
            companion.add_run(self._message(folder, server))
        except BaseException:
            run._discard()  # noqa: SLF001 as above
            raise
        known = run._place.entity is not None and self._begun is not None and self._begun.entity is not None  # noqa: SLF001 as above
        if (
            server is not None
            and not known
            and (not server.is_local or self.settings.entity not in {None, server.entity})
        ):
            self._await_answer(run, companion, str(folder), server.url)
        if self.settings.symlink:
            rundir.point_to(folder)
        self._greet(run)
        if self.settings.save_code and not self.settings.disable_code:
            run._keep_main()  # noqa: SLF001 as above
        return run

    def _server(self) -> _Server | None:
        settings = self.settings
        if settings.mode == "offline":
            return None
        if settings.base_url is not None:
            return _Server(settings.base_url, self._key(settings.base_url), settings.entity, is_local=False)
        try:
            found = local.find_or_start(data_dir())
        except (OSError, CommError) as error:
            if self.force:
                raise CommError(f"The local server cannot be started: {error}.") from error
            self.talk.warn(
                f"The local server cannot be started ({error}): recording on this disk only, for `playhead sync`."
            )
            return None
        return _Server(found.url, found.key, settings.entity or found.entity, is_local=True)

    def _key(self, url: str) -> str:
        from playhead.client.credentials import stored_key  # noqa: PLC0415 the netrc reader is for named servers only

        key = self.settings.api_key or stored_key(url)
        if key is None:
            raise AuthenticationError(no_key(url))
        return key

    def _open(self, server: _Server | None) -> Run:
        """The run in a new folder; among the temporary ones if it cannot be where it was to be."""
        try:
            return self._open_in(rundir.root_of(self.settings.root_dir), server)
        except OSError as error:
            wanted, reason = self.settings.root_dir or rundir.working_folder(), error.strerror or str(error)
        try:
            fallback = rundir.fallback_root()
            self.talk.warn(
                f"{wanted} cannot be used ({reason}): recording into {fallback}. "
                "Set dir= or PLAYHEAD_DIR to choose another place."
            )
            return self._open_in(fallback, server)
        except OSError as error:
            raise LaunchError(
                f"The run can be recorded neither in {wanted} ({reason}) nor elsewhere: {error}."
            ) from error

    def _open_in(self, root: Path, server: _Server | None) -> Run:
        settings = self.settings
        project = settings.project or rundir.default_project(rundir.working_folder())
        auto = AutoFile(root, project)
        begun = self._begin(root, project, server, auto)
        start = self._start(root, begun)
        folder = rundir.make(root, begun.run_id, offline=server is None)
        try:
            companion = self._companion(folder)
            entity = begun.entity or (settings.entity if server is None else server.entity)
            url = None if server is None else server.url
            link = self._link(server, project, begun.run_id)
            place = Place(folder, entity, project, begun.run_id, begun.segment, url, link, begun.resumed, begun.step)
            header = Header(
                stream=begun.stream, run_id=begun.run_id, segment=begun.segment, role="main", project=project,
                entity=settings.entity, created_at=begun.created_at, label=begun.label, parent=begun.parent,
                parent_step=begun.parent_step, step=begun.step, shared=begun.shared, inherit_config=begun.inherit_config,
                host=self._host(), pid=os.getpid(), fork_of=begun.fork_of,
            )  # fmt: skip
            before = Before(
                begun.config,
                begun.about,
                self._summary_before(begun, project, server),
                auto if self.plan.auto else None,
                begun.metrics,
                begun.axes,
            )
            run = Run(place, header, settings, start, companion, Shelves, before)
        except BaseException:
            rundir.remove(folder)
            raise
        if self.plan.auto:
            auto.write(begun.run_id)
        for sentence in begun.told:
            self.talk.warn(sentence)
        return run

    def _begin(self, root: Path, project: str, server: _Server | None, auto: AutoFile) -> Beginning:
        """Where it begins: asked once, even if the folder for it turns out to be unusable."""
        if self._begun is not None:
            return self._begun
        plan, run_id = self.plan, self.settings.run_id
        if plan.auto:
            unfinished = auto.read()
            if unfinished and run_id and unfinished != run_id:
                self.talk.warn(f"The unfinished run here is {unfinished}, but {run_id} was asked for, and is taken.")
            run_id = run_id or unfinished
            plan = plan._replace(resume="allow" if run_id else None)
        elif plan.resume is None and plan.run is None:
            auto.forget()
        url, key, entity = (
            (server.url, server.key, server.entity) if server is not None else (None, None, self.settings.entity)
        )
        where = Where(root, project, self.settings.entity or entity, url, key, self._host())
        self._begun = begin(plan, run_id, self.settings.run_name, where, self.talk.say)
        return self._begun

    def _start(self, root: Path, begun: Beginning) -> dict[str, Any]:
        """What the run says of itself. One that goes on says only what it was given now: the rest is known."""
        settings = self.settings
        told = {
            "name": settings.run_name, "group": settings.run_group, "job_type": settings.run_job_type,
            "tags": list(settings.run_tags), "notes": settings.run_notes, "pid": os.getpid(), "mode": settings.mode,
        }  # fmt: skip
        if begun.about:
            return {name: value for name, value in told.items() if value}
        return {**told, "name": settings.run_name or begun.name or generate_name(rundir.count_runs(root) + 1)}

    def _summary_before(
        self, begun: Beginning, project: str, server: _Server | None
    ) -> Callable[[], tuple[Mapping[str, Any], Mapping[str, int]]] | None:
        """Asks for the summary that the run had when it began, the first time that somebody wants to see it."""
        if not begun.resumed or server is None or begun.entity is None:
            return (lambda: (begun.summary, {})) if begun.summary else None
        path = RunPath(begun.entity, project, begun.run_id)

        def ask() -> tuple[Mapping[str, Any], Mapping[str, int]]:
            from playhead.client.server import Server  # noqa: PLC0415 few ask

            asked = Server.at(server.url, server.key, 10.0)
            try:
                summary = asked.run(path, segment=begun.segment).summary
                if not begun.step or not any(isinstance(told, dict) and "mean" in told for told in summary.values()):
                    return summary, {}
                keys = asked.keys(path, segment=begun.segment, step=begun.step - 1)
                return summary, {one.key: one.count for one in keys}
            except PlayheadError as error:
                self.talk.warn(f"The summary of before cannot be read: {error.message}")
                return {}, {}
            finally:
                asked.close()

        return ask

    def _host(self) -> str:
        return self.settings.host or os.uname().nodename

    def _companion(self, folder: Path) -> Companion:
        if _current.companion is None:
            _current.set_companion(Companion(self.settings.start_method, folder / "logs" / "sidecar.log"))
        assert _current.companion is not None
        _current.companion.listen()
        return _current.companion

    def _link(self, server: _Server | None, project: str, run_id: str) -> Callable[[], str] | None:
        if server is None or not server.is_local or server.entity is None:
            return None
        address, key = run_url(server.url, server.entity, project, run_id), server.key
        return lambda: f"{address}?token={mint(key, int(time.time()) + LINK_LIFETIME)}"

    def _message(self, folder: Path, server: _Server | None) -> dict[str, Any]:
        """What the sidecar must know, see `playhead.sidecar.orders`."""
        settings = self.settings
        arguments = script_arguments()
        git = {"commit": settings.git_commit, "remote": settings.git_remote_url, "root": settings.git_root}
        meta = {
            "program": settings.program or _program(),
            "args": arguments.split() if arguments else sys.argv[1:], "executable": sys.executable,
            "cwd": str(rundir.working_folder()), "pid": os.getpid(), "host": settings.host,
            "python": sys.version.split()[0], "docker": settings.docker, "notebook": settings.notebook_name,
            "sweep_id": settings.sweep_id, "git": {key: value for key, value in git.items() if value},
        }  # fmt: skip
        return {
            "op": "run", "dir": str(folder), "server": server and {"url": server.url, "key": server.key},
            "local": str(data_dir()) if server is not None and server.is_local else None,
            "stats_interval": settings.stats_interval, "disable_stats": settings.disable_stats,
            "ignore_globs": list(settings.ignore_globs), "disable_git": settings.disable_git, "disable_code": settings.disable_code,
            "disable_meta": settings.disable_meta,
            "meta": {key: value for key, value in meta.items() if value},
        }  # fmt: skip

    def _await_answer(self, run: Run, companion: Companion, folder: str, url: str) -> None:
        """The server was named, or another's entity: whether it takes the run must be known before hours are spent on it."""
        ops = frozenset({"registered", "refused", "trouble"})
        answer = companion.wait(folder, ops, self.settings.init_timeout) or {}
        if answer.get("op") == "registered":
            run._hear(answer)  # noqa: SLF001 as above
            return
        reason = str(answer.get("message", f"no answer within {self.settings.init_timeout:g} s"))
        if answer.get("op") in {"refused", "dead"} or self.force:
            companion.drop_run(folder)
            run._discard()  # noqa: SLF001 as above
            raise self._refusal(str(answer.get("code", answer.get("op", ""))), reason, url)
        self.talk.warn(
            f"The server cannot be reached ({reason}). The run is recorded on this disk and shipped as soon as it answers."
        )

    def _refusal(self, code: str, message: str, url: str) -> Exception:
        """The error for what the server, or the sidecar, said."""
        login = f"playhead login --host {url}"
        match code:
            case "authentication":
                return AuthenticationError(message)
            case "permission":  # the server names user, entity and the possible causes
                return PermissionDeniedError(f"permission denied: {message} To log in: {login}")
            case "dead":
                return InitStartError(f"{message}. {THREAD_INSTEAD}")
            case "trouble" | "":  # with `force`
                return CommError(message)
            case _:
                return LaunchError(message)

    def _greet(self, run: Run) -> None:
        where = run._where()  # noqa: SLF001 as above
        folder = run._place.folder  # noqa: SLF001 as above
        self.talk.say(f"Recording {run.name} ({run.path})" + (f": {where}" if where else f" in {folder}, offline"))


def _program() -> str | None:
    """What was started: a file, or `-m` and a module."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    if spec is not None:
        return f"-m {spec.name.removesuffix('.__main__')}"
    return sys.argv[0] if sys.argv else None
