"""One HTTP request to an endpoint: never redirected, never longer than its time, its answer hardly read."""

import asyncio
import email.utils
import ssl
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpcore

from runtime.outgoing import Reach
from webhook_dispatcher.body import Body
from webhook_dispatcher.guarded_network import ForbiddenAddressError, GuardedNetwork, Resolve
from webhook_dispatcher.verdict import Answer

_USER_AGENT = "Promethios-Webhooks/1"
# An answer's body is of no interest; a short one is read so that the connection can be used again.
_MAX_ANSWER_BYTES = 64 * 1024
_IDLE_SECONDS = 30.0
_MAX_ERROR = 500


class Sender:
    """Connections to all endpoints; each endpoint has one request at a time, so none waits for another's."""

    def __init__(self, reach: Reach, resolve: Resolve, timeout_seconds: float) -> None:
        """`timeout_seconds` is for the whole of a request, from the look-up of the name to the answer."""
        self._timeout = timeout_seconds
        tls = ssl.create_default_context()
        self._pools = {
            encrypted: httpcore.AsyncConnectionPool(
                ssl_context=tls,
                keepalive_expiry=_IDLE_SECONDS,
                max_connections=None,
                network_backend=GuardedNetwork(reach, resolve, encrypted=encrypted),
            )
            for encrypted in (True, False)
        }

    async def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            await pool.aclose()

    async def post(self, url: str, headers: Mapping[str, str], body: Body) -> Answer:
        """Send a request; whatever goes wrong is an answer too."""
        began = time.monotonic()
        status, error, retry_after = 0, "", None
        try:
            async with asyncio.timeout(self._timeout):
                status, retry_after = await self._exchange(url, headers, body)
        except TimeoutError:
            error = f"no answer within {self._timeout:g} s"
        except ForbiddenAddressError as forbidden:
            error = str(forbidden)
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            httpcore.UnsupportedProtocol,
            OSError,
            ValueError,
        ) as failure:
            error = f"{type(failure).__name__}: {failure}"
        duration_ms = int((time.monotonic() - began) * 1000)
        return Answer(
            status=status, error=error[:_MAX_ERROR], duration_ms=duration_ms, retry_after=retry_after
        )

    async def _exchange(self, url: str, headers: Mapping[str, str], body: Body) -> tuple[int, float | None]:
        pool = self._pools[urlsplit(url).scheme == "https"]
        own = {"content-type": body.content_type, "user-agent": _USER_AGENT, "accept": "*/*"}
        lines = list({**own, **headers}.items())
        async with pool.stream("POST", url, headers=lines, content=body.content) as answer:
            retry_after = parse_retry_after(dict(answer.headers).get(b"retry-after"), datetime.now(UTC))
            await _read_a_little(answer)
            return answer.status, retry_after


async def _read_a_little(answer: httpcore.Response) -> None:
    """To its end, or no further than is worth it: the connection is closed then."""
    size = 0
    pieces = answer.aiter_stream()
    while size <= _MAX_ANSWER_BYTES:
        piece = await anext(pieces, None)
        if piece is None:
            return
        size += len(piece)


def parse_retry_after(value: bytes | None, now: datetime) -> float | None:
    """The seconds of a Retry-After header (RFC 9110, 10.2.3), at least 0; None for none or nonsense."""
    if value is None:
        return None
    text = value.decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp())
