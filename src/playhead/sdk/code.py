"""`log_code` and `save_code`: which files are the code of a training. They are saved with the run, below `code/`.

What git keeps of the repository's state is another matter, see `playhead.sidecar.code`.
"""

from __future__ import annotations

import builtins
import inspect
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playhead.client import git
from playhead.domain.code import FOLDER, is_secret
from playhead.domain.errors import UsageError
from playhead.domain.file import matches, wrong_with
from playhead.sdk import rundir, saving
from playhead.sdk.settings import kernel_notebook

if TYPE_CHECKING:
    from playhead.sdk.run import Run

Choose = Callable[..., Any]
"""Of a path, or of a path and the root: both absolute."""

MAX_FILES = 10_000
"""Files of one `log_code`."""
MAX_SIZE = 10 << 20
"""Bytes of one file."""
_PATIENCE = 30.0
_SOURCES = frozenset(
    ".py .pyi .pyx .pxd .ipynb .sh .r .jl .lua .scala .java .go .rs .c .cc .cpp .cxx .h .hh .hpp .cu .cuh .proto".split()
)
_NAMES = ("requirements*.txt", "pyproject.toml", "setup.cfg", "Dockerfile*", "Makefile", "CMakeLists.txt")
_NO_CODE = frozenset(("__pycache__", "node_modules", "site-packages"))
_RECORDED = frozenset(("playhead", "wandb"))


def log_code(run: Run, root: Any, name: str | None, include: Choose | None, exclude: Choose | None) -> saving.Saved:
    """Have the code below `root` saved; see Run.log_code."""
    top = _folder(root)
    below = "code" if name is None else f"code/{name}"
    wanted, unwanted = _asker(include or _is_code, top), _asker(exclude or _is_nothing, top)
    found = {path.relative_to(top).as_posix(): path for path in _files(run, top) if wanted(path) and not unwanted(path)}
    for path in _ignored_by_git(top, found):
        found.pop(path, None)
    if not found:
        run._guard.talk.warn(f"log_code() has found no code in {top}.")  # noqa: SLF001 this is the run's own call
    return _keep(run, {f"{below}/{inner}": path for inner, path in found.items()}, "log_code()")


def keep_main(run: Run) -> None:
    """Have the script that is running saved, or the notebook: that once more when the run ends, as it is by then."""
    if hasattr(builtins, "get_ipython"):
        notebook = _notebook(run.settings.notebook_name)
        if notebook is not None:
            found = {f"code/{notebook.name}": notebook}
            _keep(run, found, "save_code")
            _keep(run, found, "save_code", policy="end")
        return
    told = getattr(sys.modules.get("__main__"), "__file__", None)
    if told is not None:
        script, here = Path(told).absolute(), rundir.working_folder().absolute()
        inner = script.relative_to(here).as_posix() if script.is_relative_to(here) else script.name
        _keep(run, {f"code/{inner}": script}, "save_code")


def _notebook(told: str | None) -> Path | None:
    """The file that the kernel runs, as far as somebody says which it is."""
    space = getattr(builtins.get_ipython(), "user_ns", {})  # type: ignore[attr-defined]  # IPython puts it there
    for name in (told, kernel_notebook(), space.get("__vsc_ipynb_file__")):
        if name and (path := rundir.working_folder() / name).suffix == ".ipynb" and path.is_file():
            return path.absolute()
    return None


def _folder(root: Any) -> Path:
    try:
        top = (rundir.working_folder() / Path(os.fsdecode(root)).expanduser()).resolve()
    except TypeError:
        raise UsageError(f"log_code(root=…) wants the path of a folder, not a {type(root).__name__}.") from None
    if not top.is_dir():
        raise UsageError(f"log_code({str(root)!r}): there is no such folder.")
    return top


def _asker(choose: Choose, top: Path) -> Callable[[Path], bool]:
    """`choose`, which takes a path, or a path and the root."""
    try:
        kinds = [one.kind for one in inspect.signature(choose).parameters.values()]
    except (TypeError, ValueError):  # some builtins do not say what they take
        kinds = []
    parameter = inspect.Parameter
    by_place = (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    if parameter.VAR_POSITIONAL in kinds or sum(kind in by_place for kind in kinds) > 1:
        return lambda path: bool(choose(str(path), str(top)))
    return lambda path: bool(choose(str(path)))


def _is_code(path: str) -> bool:
    name = os.path.basename(path)  # noqa: PTH119 quick
    return os.path.splitext(name)[1].lower() in _SOURCES or matches(name, _NAMES)  # noqa: PTH122 as above


def _is_nothing(_: str) -> bool:
    return False


def _files(run: Run, top: Path) -> Iterator[Path]:
    """Files that may be code: not in hidden folders, environments and folders of recorded runs."""
    own = run._place.folder.parent  # noqa: SLF001 this is the run's own call
    for parent, folders, files in os.walk(top):
        place = Path(parent)
        folders[:] = sorted(name for name in folders if not _is_left_out(place / name, own))
        yield from (place / name for name in sorted(files))


def _is_left_out(folder: Path, own: Path) -> bool:
    if folder.name.startswith(".") or folder.name in _NO_CODE or folder == own:
        return True
    try:
        inside = os.listdir(folder)  # noqa: PTH208 names are enough
    except OSError:
        return True
    return "pyvenv.cfg" in inside or (folder.name in _RECORDED and any(map(rundir.is_of_a_run, inside)))


def _ignored_by_git(top: Path, names: Iterable[str]) -> list[str]:
    """Those of `names` that git ignores. OSError if there is a repository, and git does not say."""
    if not any((folder / ".git").exists() for folder in (top, *top.parents)):
        return []
    given = b"".join(os.fsencode(name) + b"\0" for name in names)
    try:
        answer = git.Git(top).call("check-ignore", "-z", "--stdin", given=given, timeout=_PATIENCE)
    except UsageError as error:
        raise OSError(f"git does not say which files it ignores: {error.message}") from error
    if answer.status not in {0, 1}:  # 1: none of them
        raise OSError(f"git does not say which files it ignores: {answer.error}")
    return git.names(answer.out)


def _keep(run: Run, files: dict[str, Path], call: str, policy: str = "now") -> saving.Saved:
    found: dict[str, str] = {}
    wrong = []
    for name, path in files.items():
        if matches(name, run.settings.ignore_globs):
            continue
        reason = _unfit(name, path)
        if reason is not None:
            wrong.append(f"{name!r} ({reason})")
        elif len(found) == MAX_FILES:
            wrong.append(f"{len(files) - len(found) - len(wrong)} files or more (at most {MAX_FILES:,} are kept)")
            break
        else:
            found[name] = str(path)
    return saving.keep(run, found, wrong, policy, call)


def _unfit(name: str, path: Path) -> str | None:
    if is_secret(name):
        return "its name is one of secrets"
    if name.startswith(f"{FOLDER}/"):
        return "what git keeps has this name"
    try:
        size = path.stat().st_size
    except OSError:
        size = 0  # `saving` finds out
    return f"it is larger than {MAX_SIZE:,} bytes" if size > MAX_SIZE else wrong_with(name) or saving.unfit(path)
