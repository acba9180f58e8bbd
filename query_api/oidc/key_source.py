"""The issuer's keys, fetched now and then: a hanging issuer costs a moment, made-up ids hardly that."""

import asyncio
import contextlib
import time
from collections.abc import Callable

import httpx
from jwt import PyJWK

from query_api.oidc.key_set import MAX_BYTES, KeySet, KeySetError, parse_key_set
from runtime.logging import get_logger

_log = get_logger(__name__)

# Keys that the issuer withdraws are taken no longer than that, while it answers.
_FRESH_SECONDS = 600.0
# While it does not answer, its last keys are taken for a day.
_STALE_SECONDS = 24 * 3600.0
# Whoever makes up key ids has it asked no more often.
_PAUSE_SECONDS = 10.0
_FETCH_SECONDS = 3.0


class KeysAwayError(Exception):
    """There are no keys, because the issuer does not give any."""


class UnknownKeyError(Exception):
    """The issuer has no such key."""


class KeySource:
    """The keys of one URL; a known key is given at once, whatever the issuer does."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is fetched before the first question."""
        self._url = url
        self._clock = clock
        self._keys: KeySet | None = None
        self._fetched_at = 0.0
        self._tried_at: float | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def stop(self) -> None:
        """Give up what is being fetched."""
        if self._fetching is not None:
            self._fetching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._fetching

    async def key(self, key_id: str | None) -> PyJWK:
        """The key of this id; one that is not known is asked for, but not more often than every ten seconds.

        Raises:
            UnknownKeyError: the issuer has no such key, as far as is known.
            KeysAwayError: nothing is known.
        """
        found = self._known(key_id)
        if found is not None:
            if self._clock() - self._fetched_at > _FRESH_SECONDS:
                self._begin_to_fetch()
            return found
        self._begin_to_fetch()
        if self._fetching is not None:
            # Others wait for the same: who stops waiting does not end it.
            await asyncio.shield(self._fetching)
        found = self._known(key_id)
        if found is not None:
            return found
        raise KeysAwayError if self._current is None else UnknownKeyError

    @property
    def _current(self) -> KeySet | None:
        is_over = self._clock() - self._fetched_at > _STALE_SECONDS
        return None if is_over else self._keys

    def _known(self, key_id: str | None) -> PyJWK | None:
        keys = self._current
        return None if keys is None else keys.find(key_id)

    def _begin_to_fetch(self) -> None:
        if self._fetching is not None and not self._fetching.done():
            return
        now = self._clock()
        if self._tried_at is not None and now - self._tried_at < _PAUSE_SECONDS:
            self._fetching = None
            return
        self._tried_at = now
        self._fetching = asyncio.create_task(self._fetch(), name="issuer's keys")

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(_FETCH_SECONDS):
                keys = parse_key_set(await _body(self._url))
        except (httpx.HTTPError, OSError, TimeoutError, KeySetError) as error:
            _log.warning("issuers_keys_not_fetched", url=self._url, reason=str(error) or type(error).__name__)
            return
        self._keys, self._fetched_at = keys, self._clock()


async def _body(url: str) -> bytes:
    body = b""
    async with (
        httpx.AsyncClient(timeout=_FETCH_SECONDS, follow_redirects=False) as client,
        client.stream("GET", url, headers={"accept": "application/json"}) as answer,
    ):
        if answer.status_code != httpx.codes.OK:
            raise KeySetError(f"it answered {answer.status_code}")
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > MAX_BYTES:
                raise KeySetError(f"it is larger than {MAX_BYTES} bytes")
    return body
