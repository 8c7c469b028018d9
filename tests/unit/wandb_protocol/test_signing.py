"""Addresses for uploads."""

import pytest

from playhead.domain.errors import PermissionDeniedError
from playhead.domain.ids import RunPath
from playhead.services import signed
from playhead.wandb_protocol.signing import Signer

PATH = RunPath("ada", "p", "r")


def test_a_token_says_what_it_was_made_for():
    grant = Signer(b"secret").read(Signer(b"secret").mint("ada", PATH, "media/é x.png", "client"))
    assert (grant.user, grant.run, grant.name, grant.client) == ("ada", PATH, "media/é x.png", "client")


def test_no_other_text_is_one(monkeypatch):
    signer = Signer(b"secret")
    for number in range(64):
        token = signer.mint("ada", PATH, "n" * number)
        for wrong in (
            "",
            ".",
            "é",
            token[1:],
            token[:-1],
            "." + token,
            token + "0",
            "=" + token,
            token.replace(".", ".."),
        ):
            with pytest.raises(PermissionDeniedError):
                signer.read(wrong)
    with pytest.raises(PermissionDeniedError):
        Signer(b"another").read(token)
    monkeypatch.setattr(signed, "LIFETIME", -1)
    with pytest.raises(PermissionDeniedError):
        signer.read(signer.mint("ada", PATH, "late"))
