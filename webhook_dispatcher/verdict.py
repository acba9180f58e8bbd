"""What an answer means for the notification and its endpoint, by Standard Webhooks; pure."""

from dataclasses import dataclass
from enum import Enum, auto

_GONE = 410
# The receiver has understood and wants no such body. Not 400 and 401, by which receivers answer a signature
# that they cannot verify: that is mended, and the notification wanted then.
_REFUSALS = frozenset({413, 415, 422})


class Verdict(Enum):
    """Taken; not taken and perhaps later; this body never; nothing any more."""

    DELIVERED = auto()
    FAILED = auto()
    REFUSED = auto()
    GONE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: a status, or 0 and the error that kept it away; `retry_after` in seconds."""

    status: int = 0
    error: str = ""
    duration_ms: int = 0
    retry_after: float | None = None


def verdict_of(answer: Answer) -> Verdict:
    """A redirect is a failure as any other: where it leads nobody has subscribed."""
    if 200 <= answer.status < 300:
        return Verdict.DELIVERED
    if answer.status == _GONE:
        return Verdict.GONE
    return Verdict.REFUSED if answer.status in _REFUSALS else Verdict.FAILED
