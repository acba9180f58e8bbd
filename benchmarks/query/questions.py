"""What is asked of the query API, and what it must keep; pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from benchmarks.query.filling import COMMON_WORD, OFTEN_WORD, RARE_WORD, SELDOM_WORD

_AIM_MS = 60.0
_MUST_MS = 150.0
_MUST_TEXT_MS = 500.0
MUST_MANY_MS = 1_500.0


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the path of an agent's form of it, and the p95 that it must keep with one client."""

    name: str
    path: Callable[[str], str]
    must_ms: float = _MUST_MS

    @property
    def aim_ms(self) -> float:
        """The p95 that is aimed at."""
        return _AIM_MS


def questions(now: datetime) -> Sequence[Question]:
    """All of them; a month is what ends now."""
    month = f"from={(now - timedelta(days=30)).strftime('%Y-%m-%dT%H:%M:%SZ')}"
    agents = "/api/v1/agents"
    return (
        Question("status of an agent", lambda agent: f"{agents}/{agent}/status"),
        Question("the fleet at a glance", lambda _: "/api/v1/fleet"),
        Question("50 agents by trust", lambda _: f"{agents}?sort=trust&limit=50"),
        Question("trust history, 100 scores", lambda agent: f"{agents}/{agent}/trust"),
        Question("last 100 log entries of an agent", lambda agent: f"{agents}/{agent}/logs"),
        Question("a word in an agent's log", lambda agent: f"{agents}/{agent}/logs?text={COMMON_WORD}"),
        Question("a rare word in the tenant", lambda _: f"/api/v1/logs?text={RARE_WORD}", _MUST_TEXT_MS),
        Question("a word of 1 in 3,000", lambda _: f"/api/v1/logs?text={SELDOM_WORD}", _MUST_TEXT_MS),
        Question("a word of 1 in 430", lambda _: f"/api/v1/logs?text={OFTEN_WORD}", _MUST_TEXT_MS),
        Question("a common word in the tenant", lambda _: f"/api/v1/logs?text={COMMON_WORD}", _MUST_TEXT_MS),
        Question("last 100 log entries of the tenant", lambda _: "/api/v1/logs"),
        Question("last 100 errors of the tenant", lambda _: "/api/v1/logs?level=error"),
        Question("metrics over 30 days", lambda agent: f"{agents}/{agent}/metrics/series?{month}"),
        Question("spend by day over 30 days", lambda _: f"/api/v1/costs?{month}"),
    )
