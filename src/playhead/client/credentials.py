"""Which server is meant, and with which key. Keys are kept in ~/.netrc, by host and port, and nowhere else."""

from __future__ import annotations

import itertools
import netrc
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from playhead.client import local, settings
from playhead.domain.errors import AuthenticationError, UsageError

_LOGIN = "user"
_START = re.compile(r"^[ \t]*(machine|default|macdef)\b", re.MULTILINE)


class Address(NamedTuple):
    """A server, and the key to it."""

    url: str
    key: str | None
    local: Path | None = None
    """Data folder of the local server, if it is that."""


def find(url: str | None = None, key: str | None = None) -> Address:
    """The server at `url`, else the one that this user has chosen, else this machine's own, which is started if need be.

    CommError, OSError if that cannot be; AuthenticationError if the file of keys cannot be read.
    """
    url = check_url(url) if url else settings.base_url()
    if url is None:
        found = local.find_or_start(settings.data_dir())
        return Address(found.url, key or found.key, settings.data_dir())
    return Address(url, key or settings.api_key(url) or stored_key(url))


def check_url(url: str) -> str:
    """`url` without a slash at its end; UsageError if it is no address of a server."""
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"\s", url.strip()):
        raise UsageError(f"{url!r} is not the address of a server: write something like https://playhead.example.org.")
    return url.strip().rstrip("/")


def host_of(url: str) -> str:
    """Under which name the key for `url` is kept: host, and port if it is not the usual one."""
    return urlsplit(url).netloc.rpartition("@")[2]


def stored_key(url: str) -> str | None:
    """The key for `url` in ~/.netrc. AuthenticationError if that file is damaged."""
    path = settings.netrc_path()
    try:
        entry = netrc.netrc(str(path)).hosts.get(host_of(url))
    except (FileNotFoundError, PermissionError, IsADirectoryError):
        return None
    except (netrc.NetrcParseError, UnicodeDecodeError) as error:
        raise AuthenticationError(f"{path} cannot be read: {error}. Mend it, or set PLAYHEAD_API_KEY.") from error
    return entry[2] if entry and entry[2] else None


def store_key(url: str, key: str) -> Path:
    """Keep `key` for `url`, readable by this user only; what else the file holds stays. OSError."""
    path = settings.netrc_path()
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    block = f"machine {host_of(url)}\n  login {_LOGIN}\n  password {key}\n"
    local.write_private(path.resolve(), _without(text, host_of(url)) + block)
    return path


def _without(text: str, host: str) -> str:
    """`text` of a netrc file without the entry of `host`, ending in a newline."""
    starts = [match.start() for match in _START.finditer(text)]
    ends = [*starts, len(text)]
    pieces = [text[begin:end] for begin, end in itertools.pairwise([0, *ends])]
    kept = "".join(piece for piece in pieces if piece.split()[:2] != ["machine", host])
    return kept if not kept or kept.endswith("\n") else kept + "\n"


def login(
    key: str | None = None,
    host: str | None = None,
    *,
    relogin: bool | None = None,
    verify: bool = False,
    **_ignored: object,
) -> bool:
    """Log in to a server, so that later runs are recorded there. Without `host` it is the chosen server, else this machine's own,
    which needs no key. AuthenticationError if there is no key, or (with `verify`) the server does not know it.
    """
    url = check_url(host) if host else settings.base_url()
    if url is None:
        return True
    known = None if relogin else settings.api_key(url) or stored_key(url)
    chosen = key or known
    if chosen is None:
        raise AuthenticationError(settings.no_key(url))
    if re.search(r"\s", chosen):
        raise AuthenticationError("An API key has no spaces.")
    if verify:
        from playhead.client.server import Server  # noqa: PLC0415 the HTTP library is loaded into the training only on demand

        server = Server.at(url, chosen)
        server.viewer()
        server.close()
    if key is not None:
        store_key(url, key)
    if host is not None:
        settings.write_setting(settings.config_dir() / "settings", "base_url", url)
    return True
