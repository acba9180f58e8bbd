"""Two simple scores to compare with: a moving average over events, and a Beta over the whole life."""

from benchmarks.trust.streams import Request
from schemas.block import Kind

_STEP = 0.1
_VIOLATION_FACTOR = 0.9


class EventAverage:
    """An exponential moving average over calls, with a factor for each violation."""

    def __init__(self) -> None:
        """Begin with full trust."""
        self.score = 100.0

    def absorb(self, request: Request) -> None:
        """Take the agent's next request."""
        if request.failed is not None:
            self.score += _STEP * ((0.0 if request.failed else 100.0) - self.score)
        elif request.kind is Kind.VIOLATION:
            self.score *= _VIOLATION_FACTOR


class LifetimeBeta:
    """The share of successes, and of requests that are no violation, since the beginning."""

    def __init__(self) -> None:
        """Begin with a uniform prior."""
        self._good = self._bad = 1.0

    @property
    def score(self) -> float:
        """0 to 100."""
        return 100.0 * self._good / (self._good + self._bad)

    def absorb(self, request: Request) -> None:
        """Take the agent's next request."""
        if request.failed or request.kind is Kind.VIOLATION:
            self._bad += 1.0
        elif request.failed is False:
            self._good += 1.0
