"""What a failed answer means."""

import json

import pytest

from playhead.client import errors
from playhead.client.transport import Response
from playhead.domain.errors import (
    AuthenticationError,
    BusyError,
    CommError,
    LimitError,
    NotFoundError,
    OffsetError,
    PlayheadError,
)


def failed(status, error=None, headers=None):
    body = b"<html>" if error is None else json.dumps({"error": error}).encode()
    return errors.error_of(Response(status, headers or {}, body), "http://there")


def test_every_status_has_a_kind_with_a_sentence():
    for status, kind in errors.BY_STATUS.items():
        error = failed(status, {"code": "x", "message": "what happened"})
        assert type(error) is kind
        assert error.message.partition(" Run: ")[0] == "what happened"


def test_every_code_of_the_wire_comes_back():
    for kind, code in errors.CODES.items():
        assert errors.code_of(kind("x")) == code
    assert errors.code_of(OffsetError(3)) == "conflict"
    assert errors.code_of(CommError()) == "internal"


@pytest.mark.parametrize(
    ("status", "kind"), [(404, NotFoundError), (413, LimitError), (500, CommError), (301, CommError), (418, CommError)]
)
def test_answer_that_is_not_ours_names_the_server(status, kind):
    error = failed(status)
    assert type(error) is kind
    assert "http://there" in error.message
    assert str(status) in error.message


def test_unknown_key_says_what_to_do():
    for said in (None, {"code": "authentication", "message": AuthenticationError().message}):
        assert failed(401, said).message.count("playhead login") == 1
        assert failed(401, said).message.endswith("Run: playhead login --host http://there")


def test_offset():
    error = failed(409, {"code": "offset", "message": "go on", "offset": 17})
    assert isinstance(error, OffsetError)
    assert error.expected == 17
    assert not isinstance(failed(409, {"code": "conflict", "message": "no"}), OffsetError)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        ("0.5", 0.5),
        ("-1", 0.0),
        ("1e9", 300.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("nan", None),
        ("", None),
    ],
)
def test_retry_after(header, seconds):
    error = failed(503, {"code": "internal", "message": "later"}, {"retry-after": header})
    assert isinstance(error, BusyError)
    assert error.retry_after == seconds


def test_check():
    good = Response(200, {}, b"")
    assert errors.check(good, "x") is good
    with pytest.raises(AuthenticationError):
        errors.check(Response(401, {}, b""), "x")


def test_errors_of_the_table_are_of_the_tree():
    assert all(issubclass(kind, PlayheadError) for kind in errors.BY_STATUS.values())
