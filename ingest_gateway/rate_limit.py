"""How much a key may send: requests, events and bytes a second, each a token bucket of one second; pure.

The generic cell rate algorithm (ITU-T I.371): of each bucket only the time is kept at which it will be full
again. A request passes while no bucket is empty, and is charged what it turns out to be; it may overdraw a
bucket once, and those behind it wait until that is paid off. docs/decisions/0007 says why no library does it.
"""

import math
import time
from collections.abc import Callable
from enum import StrEnum

from ingest_gateway.errors import RATE_LIMITED
from ingest_gateway.limits import Limits
from runtime.problems import ProblemError

# What a key that was silent may send at once, in seconds of its rate.
_BURST_SECONDS = 1.0
_FEW_ACCOUNTS = 1024
_ROUNDING_SECONDS = 1e-9


class Policy(StrEnum):
    """What is counted; the names of the limits towards clients."""

    REQUESTS = "requests"
    EVENTS = "events"
    BYTES = "bytes"


class Account:
    """When each bucket of a key will be full, and when a request of it began last, on the limiter's clock."""

    __slots__ = ("bytes", "entered", "events", "requests")

    def __init__(self) -> None:
        """All buckets are full."""
        self.requests = self.events = self.bytes = self.entered = 0.0


class RateLimiter:
    """The accounts of the keys that were used of late; a full one is the same as none and is forgotten."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds that never go backwards."""
        self._clock = clock
        self._request_seconds = _BURST_SECONDS / limits.requests_per_second
        self._event_seconds = _BURST_SECONDS / limits.events_per_second
        self._byte_seconds = _BURST_SECONDS / limits.bytes_per_second
        self._policy = _policy_field(limits)
        self._accounts: dict[str, Account] = {}
        self._sweep_at = _FEW_ACCOUNTS

    def __len__(self) -> int:
        return len(self._accounts)

    def enter(self, key_id: str) -> Account:
        """Let a request of a key begin, and charge it as a request.

        Raises:
            ProblemError: a bucket of the key is empty.
        """
        now = self._clock()
        account = self._accounts.get(key_id)
        if account is None:
            account = self._open(key_id, now)
        edge = now + _BURST_SECONDS
        # A request is counted before it begins, so that the last one has to fit.
        paid = max(account.requests, now) + self._request_seconds
        if paid > edge + _ROUNDING_SECONDS or account.events > edge or account.bytes > edge:
            raise self._refusal(account, edge)
        account.requests = paid
        account.entered = now
        return account

    def charge_bytes(self, account: Account, size: int) -> None:
        """Charge a body that has been read and unpacked, as of when a request began last.

        Raises:
            ProblemError: other requests have emptied the bucket since this one began.
        """
        now = account.entered
        if account.bytes > now + _BURST_SECONDS:
            raise self._refusal(account, now + _BURST_SECONDS)
        account.bytes = max(account.bytes, now) + size * self._byte_seconds

    def charge_events(self, account: Account, count: int) -> None:
        """Charge the rows that are about to be stored, likewise.

        Raises:
            ProblemError: other requests have emptied the bucket since this one began.
        """
        now = account.entered
        if account.events > now + _BURST_SECONDS:
            raise self._refusal(account, now + _BURST_SECONDS)
        account.events = max(account.events, now) + count * self._event_seconds

    def _open(self, key_id: str, now: float) -> Account:
        if len(self._accounts) >= self._sweep_at:
            self._accounts = {
                key: account
                for key, account in self._accounts.items()
                if max(account.requests, account.events, account.bytes) > now
            }
            self._sweep_at = max(_FEW_ACCOUNTS, 2 * len(self._accounts))
        account = self._accounts[key_id] = Account()
        return account

    def _refusal(self, account: Account, edge: float) -> ProblemError:
        full_at = {
            Policy.REQUESTS: account.requests + self._request_seconds - _ROUNDING_SECONDS,
            Policy.EVENTS: account.events,
            Policy.BYTES: account.bytes,
        }
        waits = {
            policy: max(1, math.ceil(moment - edge)) for policy, moment in full_at.items() if moment > edge
        }
        return ProblemError(
            RATE_LIMITED,
            "nothing was stored: wait, then send again",
            members={"violated-policies": list(waits)},
            extra_headers={
                "retry-after": str(max(waits.values())),
                "ratelimit": ", ".join(f'"{policy}";r=0;t={wait}' for policy, wait in waits.items()),
                "ratelimit-policy": self._policy,
            },
        )


def _policy_field(limits: Limits) -> str:
    """The field as draft-ietf-httpapi-ratelimit-headers-10 has it; it registers no unit for events."""
    return ", ".join(
        (
            f'"{Policy.REQUESTS}";q={limits.requests_per_second};w=1',
            f'"{Policy.EVENTS}";q={limits.events_per_second};w=1;qu="events"',
            f'"{Policy.BYTES}";q={limits.bytes_per_second};w=1;qu="content-bytes"',
        )
    )
