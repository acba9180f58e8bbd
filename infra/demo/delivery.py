"""What became of an agent's reports: counts by route, and what an answer means for the next try; pure."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

_RETRIED = frozenset({408, 429, 500, 502, 503, 504})
_ACCEPTED = 202
_UNAUTHORIZED = 401

_FIRST_WAIT = 0.2
_LONGEST_WAIT = 5.0
# Exponents beyond this change nothing, as the longest wait is reached long before.
_LAST_DOUBLING = 10


class Verdict(StrEnum):
    """What to do after an answer."""

    ACCEPTED = "accepted"
    RETRY = "retry"
    REFUSED = "refused"


@dataclass(slots=True)
class RouteCounts:
    """Events of one route.

    An event is accepted, refused, or dropped (the queue was full, so it was never sent); the others are
    unanswered: still queued, on their way, or given up on.
    """

    reported: int = 0
    accepted: int = 0
    refused: int = 0
    dropped: int = 0

    @property
    def unanswered(self) -> int:
        """Events that may or may not have been taken."""
        return self.reported - self.accepted - self.refused - self.dropped


@dataclass(slots=True)
class Delivery:
    """The counts of one agent; `repeats` are requests sent again with their key."""

    routes: dict[str, RouteCounts] = field(default_factory=dict)
    requests: int = 0
    repeats: int = 0
    problems: list[str] = field(default_factory=list)

    def of(self, route: str) -> RouteCounts:
        """The counts of a route, made when they are first asked for."""
        return self.routes.setdefault(route, RouteCounts())

    def total(self) -> RouteCounts:
        """All routes together."""
        return sum_of(self.routes.values())


def sum_of(counts: Collection[RouteCounts]) -> RouteCounts:
    """Several counts together."""
    return RouteCounts(
        reported=sum(c.reported for c in counts),
        accepted=sum(c.accepted for c in counts),
        refused=sum(c.refused for c in counts),
        dropped=sum(c.dropped for c in counts),
    )


def verdict(status: int, *, ever_accepted: bool) -> Verdict:
    """What a status means: retry what may pass later, with the same key.

    A 401 before anything was accepted is retried: a new key reaches a restarted gateway a moment later.
    """
    if status == _ACCEPTED:
        return Verdict.ACCEPTED
    if status in _RETRIED or (status == _UNAUTHORIZED and not ever_accepted):
        return Verdict.RETRY
    return Verdict.REFUSED


def seconds_until_retry(attempt: int, retry_after: str | None) -> float:
    """How long to wait after the try numbered `attempt` (from 0); the server's Retry-After wins if longer."""
    backoff: float = _FIRST_WAIT * 2 ** min(attempt, _LAST_DOUBLING)
    asked = (
        float(retry_after)
        if retry_after is not None and retry_after.isascii() and retry_after.isdigit()
        else 0.0
    )
    return min(_LONGEST_WAIT, max(backoff, asked))
