"""Who is asking: an API key (Bearer, or Basic as `api:KEY`) or a browser's session cookie.

A cookie comes along whatever page the browser shows, so a request that changes something by cookie must say that it comes from our own page.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from playhead.domain.account import ANONYMOUS, Actor
from playhead.domain.errors import AuthenticationError, PermissionDeniedError
from playhead.server.errors import TooManyFailuresError
from playhead.server.sessions import LIFETIME, Sessions
from playhead.services.accounts import AccountService
from playhead.services.recent import Recent
from playhead.wire import tokens

MAX_FAILURES = 20
"""Failed logins a minute from one address."""
MAX_ADDRESSES = 4_096
"""Addresses whose failures are remembered."""
MAX_KEY_LENGTH = 512
"""Characters of what can be a key."""
_REMEMBERED = 5.0
"""Seconds that a key or session, once found good, is not looked up again."""
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Auth:
    """Reads credentials of requests. Used by the event loop only, but for the lookups in the catalog."""

    def __init__(self, *, accounts: AccountService, sessions: Sessions, local_key: str | None) -> None:
        """`local_key`: whose tokens log in; None where links do not."""
        self._accounts = accounts
        self._sessions = sessions
        self._local_key = local_key
        self._known: Recent[str, Actor] = Recent(4_096, _REMEMBERED)
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    async def actor(self, request: Request) -> Actor:
        """Who asks; nobody if there are no credentials. AuthenticationError for wrong ones."""
        header = request.headers.get("authorization")
        if header is not None:
            return await self._by_header(request, header)
        cookie = request.cookies.get(self._sessions.cookie)
        user = self._sessions.user(cookie, int(time.time())) if cookie else None
        if user is None:
            return ANONYMOUS
        if request.method not in _READING:
            check_origin(request)
        return await self._remembered("user:" + user, lambda: self._accounts.by_name(user))

    async def _by_header(self, request: Request, header: str) -> Actor:
        try:
            key = _key_in(header)
            digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
            return await self._remembered("key:" + digest, lambda: self._accounts.by_key(key))
        except AuthenticationError:
            self._failed(request)
            raise

    async def log_in(self, request: Request, key: str | None, token: str | None) -> Actor:
        """The owner of a key, or of the key that made the token. AuthenticationError."""
        check_origin(request, needed=False)
        try:
            if key:
                good = key.strip()[: MAX_KEY_LENGTH + 1]
                return await run_in_threadpool(self._accounts.by_key, good)
            return await self.by_token(token or "")
        except AuthenticationError:
            self._failed(request)
            raise

    async def by_token(self, token: str) -> Actor:
        """The owner of the local key. AuthenticationError if it did not make this token, or not lately."""
        if self._local_key is None or not tokens.valid(token, self._local_key, int(time.time())):
            raise AuthenticationError(
                "This link has expired. Get a new one with `playhead ui`, or log in with your API key."
            )
        return await run_in_threadpool(self._accounts.by_key, self._local_key)

    def forget(self) -> None:
        """A key was taken back: whoever comes next is looked up anew. Other processes know it within `_REMEMBERED` seconds."""
        self._known.clear()

    def begin(self, response: Response, actor: Actor, *, secure: bool) -> None:
        """Give the browser a session."""
        text = self._sessions.mint(actor.user or "", int(time.time()))
        response.set_cookie(
            self._sessions.cookie, text, max_age=LIFETIME, path="/", httponly=True, samesite="strict", secure=secure
        )

    def end(self, response: Response) -> None:
        """Take the session back."""
        response.delete_cookie(self._sessions.cookie, path="/", httponly=True, samesite="strict")

    async def _remembered(self, name: str, find: Callable[[], Actor]) -> Actor:
        known = self._known.get(name)
        if known is not None:
            return known
        found = await run_in_threadpool(find)
        self._known.put(name, found)
        return found

    def _failed(self, request: Request) -> None:
        """Count; TooManyFailuresError from the limit on."""
        address = request.client.host if request.client else ""
        now = time.monotonic()
        times = self._failures.setdefault(address, deque(maxlen=MAX_FAILURES))
        self._failures.move_to_end(address)
        if len(self._failures) > MAX_ADDRESSES:
            self._failures.popitem(last=False)
        if len(times) == MAX_FAILURES and now - times[0] < 60:
            error = TooManyFailuresError()
            error.retry_after = 60 - (now - times[0])
            raise error
        times.append(now)


def check_origin(request: Request, *, needed: bool = True) -> None:
    """PermissionDeniedError if a browser says that another site's page sent this; with `needed` also if it says nothing."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        good = site == "same-origin" or (site == "none" and not needed)
    elif origin is not None:
        good = origin.partition("://")[2].lower() == request.headers.get("host", "").lower()
    else:
        good = not needed
    if not good:
        raise PermissionDeniedError("This came from another site's page. Use this server's own page, or an API key.")


def _key_in(header: str) -> str:
    """The key in an Authorization header. AuthenticationError if there is none that could be one."""
    scheme, _, rest = header.partition(" ")
    user, key = "api", rest.strip()
    if scheme.lower() == "basic":
        try:
            user, _, key = base64.b64decode(key, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            user = ""
    if scheme.lower() not in {"basic", "bearer"} or user != "api" or not 1 <= len(key) <= MAX_KEY_LENGTH:
        raise AuthenticationError
    return key
