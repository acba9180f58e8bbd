"""Component V: how often what an agent claims of its calls is contradicted by what came of them.

A claim and an outcome meet by the id of their span, or of their run. Each agent keeps the latest few of those
that have not met yet, so the join is bounded; what is pushed out is neither confirmed nor contradicted. Only
a claim of success that turns out a failure counts against an agent: to be too modest is no lie.
"""

from collections.abc import Sequence
from enum import Enum
from zlib import crc32

import msgspec

from stream_processors.rules.calibration import Calibration
from stream_processors.rules.context import Context
from stream_processors.rules.decay import decay_factor
from stream_processors.rules.elementary import natural_log
from stream_processors.rules.evidence import EventRef

# As many calls may be under way, or wait for their outcome, before the oldest is given up.
REMEMBERED = 16

_CLAIMED_FAILURE, _CLAIMED_SUCCESS, _TURNED_OUT_BAD, _TURNED_OUT_WELL, _ERRED = range(5)
_CLAIMS = (_CLAIMED_FAILURE, _CLAIMED_SUCCESS)
_OUTCOMES = (_TURNED_OUT_BAD, _TURNED_OUT_WELL)


# The place of a row by which a claim and its outcome met, and whether the outcome contradicts the claim.
Met = tuple[int, bool]


class Verdict(Enum):
    """What a row adds to what is known of its call."""

    FIRST = "first"
    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    REPEATED = "repeated"


class VeracityState(msgspec.Struct, array_like=True):
    """Decayed weights of claims as of `at` (ms), and what has not met its other half, by hash, oldest first.

    `offered` is the recent evidence within which weights saturate. Claims of success are remembered only for
    agents of whose calls an outcome was ever reported: `checked`.
    """

    at: int = 0
    confirmed: float = 0.0
    contradicted: float = 0.0
    offered: float = 0.0
    checked: bool = False
    waiting: dict[int, int] = msgspec.field(default_factory=dict)
    last_contradicted: EventRef | None = None


def hear_claim(state: VeracityState, subject: str, *, success: bool) -> Verdict:
    """What the caller says of a call; `subject` is the id that the outcome will name."""
    if success and not state.checked:
        return Verdict.FIRST
    key = crc32(subject.encode())
    known = state.waiting.get(key)
    if known in _OUTCOMES:
        del state.waiting[key]
        return Verdict.CONTRADICTED if success and known == _TURNED_OUT_BAD else Verdict.CONFIRMED
    _remember(state, key, _CLAIMED_SUCCESS if success else _CLAIMED_FAILURE)
    return Verdict.REPEATED if known == _ERRED and not success else Verdict.FIRST


def hear_outcome(state: VeracityState, subject: str, *, success: bool) -> Verdict:
    """What its surroundings say of a call."""
    state.checked = True
    key = crc32(subject.encode())
    known = state.waiting.get(key)
    if known in _CLAIMS:
        del state.waiting[key]
        return Verdict.CONTRADICTED if known == _CLAIMED_SUCCESS and not success else Verdict.CONFIRMED
    _remember(state, key, _TURNED_OUT_WELL if success else _TURNED_OUT_BAD)
    return Verdict.REPEATED if known == _ERRED and not success else Verdict.FIRST


def hear_error(state: VeracityState, subject: str) -> Verdict:
    """An error within a call, from which the call may recover, so that it contradicts no claim.

    Of one failure often both the error and the call are reported; it counts once.
    """
    key = crc32(subject.encode())
    known = state.waiting.get(key)
    if known is None:
        _remember(state, key, _ERRED)
    return Verdict.FIRST if known in (None, _CLAIMED_SUCCESS, _TURNED_OUT_WELL) else Verdict.REPEATED


def _remember(state: VeracityState, key: int, what: int) -> None:
    waiting = state.waiting
    waiting.pop(key, None)
    waiting[key] = what
    if len(waiting) > REMEMBERED:
        del waiting[next(iter(waiting))]


def absorb_verdicts(state: VeracityState, context: Context, met: Sequence[Met]) -> None:
    """Add claims that met their outcome, in their order."""
    model, now = context.model, context.clock
    left = decay_factor(state.at, now, model.veracity_half_life)
    state.confirmed *= left
    state.contradicted *= left
    state.offered *= decay_factor(state.at, now, model.class_half_life)
    state.at = now
    saturation = model.parameters.outcomes.saturation
    for seq, against in met:
        weight = saturation / (saturation + state.offered)
        state.offered += 1.0
        if against:
            state.contradicted += weight
            state.last_contradicted = EventRef(context.batch_id, seq)
        else:
            state.confirmed += weight


def contradicted_share(state: VeracityState, model: Calibration, now: int) -> float:
    """The estimated share of claims that do not hold, the tolerated one where none is known; reads only."""
    parameters = model.parameters.veracity
    left = decay_factor(state.at, now, model.veracity_half_life)
    against = parameters.prior * parameters.tolerated_share + state.contradicted * left
    return against / (parameters.prior + (state.confirmed + state.contradicted) * left)


def contradiction_cost(state: VeracityState, model: Calibration, now: int) -> float:
    """V in nats as of `now`; reads only."""
    parameters = model.parameters.veracity
    held = (1.0 - contradicted_share(state, model, now)) / (1.0 - parameters.tolerated_share)
    return -parameters.exponent * natural_log(held) if held < 1.0 else 0.0
