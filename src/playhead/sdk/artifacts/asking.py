"""The server that a run is recorded on, asked by the training itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playhead.client import credentials
from playhead.client.server import Server

if TYPE_CHECKING:
    from playhead.sdk.run import Run


def server_of(run: Run) -> Server:
    """CommError if there is none to be had."""
    settings = run.settings
    address = credentials.find(settings.base_url, settings.api_key)
    return Server.at(address.url, address.key)
