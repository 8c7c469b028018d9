"""Users of a server that does not run, straight in its data folder. Loads the catalog's side of the server: only when there is need."""

from __future__ import annotations

import os
from pathlib import Path

from playhead.client import local
from playhead.composition import accounts_of
from playhead.domain.errors import ServerRunningError
from playhead.server import settings as server_settings
from playhead.wire.views import UserMade, UserNew


def add(folder: Path, new: UserNew, database: str | None) -> UserMade:
    """Add a user. ServerRunningError if a server was started in the meantime."""
    lock = local.take_lock(folder)
    if lock is None:
        raise ServerRunningError("A server was started on this data folder just now. Try again.")
    try:
        settings = server_settings.read(folder, {"database": database})
        accounts, close = accounts_of(settings)
        try:
            owner = accounts.ensure(local.user_name(), local.local_key(folder))
            user, key = accounts.add_user(owner, new.name, admin=new.admin, key=new.api_key)
        finally:
            close()
    finally:
        os.close(lock)
    return UserMade(name=user.name, admin=user.admin, api_key=key)
