"""Component A: the share of an agent's decisions that policy denied, as a discounted Beta.

A share and not a count, because a count would punish the busy; what is tolerated costs nothing, so an agent
of which no decision is known loses nothing either.
"""

from collections.abc import Sequence

import msgspec

from schemas.messages.event import ALLOWING_WORDS, DENYING_WORDS
from stream_processors.rules.calibration import Calibration
from stream_processors.rules.context import Context
from stream_processors.rules.decay import decay_factor
from stream_processors.rules.elementary import natural_log
from stream_processors.rules.evidence import EventRef, EventRow

# What waits for somebody's approval is neither.
_WORDS = {**dict.fromkeys(ALLOWING_WORDS, True), **dict.fromkeys(DENYING_WORDS, False)}

# A decision's place in its batch, and whether it allowed.
Decided = tuple[int, bool]


class DecisionState(msgspec.Struct, array_like=True):
    """Decayed weights of decisions as of `at` (ms); `offered` is what weights saturate within."""

    at: int = 0
    allowed: float = 0.0
    denied: float = 0.0
    offered: float = 0.0
    last_denied: EventRef | None = None


def decision_of(row: EventRow) -> bool | None:
    """Whether a decision allowed or denied; None when it counts for nothing.

    One that allowed a call which then failed earns no credit: that could let a failure raise the score.
    """
    allowed = _WORDS.get(row.decision.lower())
    return None if allowed and row.success is False else allowed


def absorb_decisions(state: DecisionState, context: Context, decided: Sequence[Decided]) -> bool:
    """Add decisions in their order; True when one was denied."""
    model, now = context.model, context.clock
    left = decay_factor(state.at, now, model.decision_half_life)
    state.allowed *= left
    state.denied *= left
    state.offered *= decay_factor(state.at, now, model.class_half_life)
    state.at = now
    saturation = model.parameters.outcomes.saturation
    denied = False
    for seq, allowed in decided:
        weight = saturation / (saturation + state.offered)
        state.offered += 1.0
        if allowed:
            state.allowed += weight
        else:
            state.denied += weight
            state.last_denied = EventRef(context.batch_id, seq)
            denied = True
    return denied


def denied_share(state: DecisionState, model: Calibration, now: int) -> float:
    """The estimated share of denials; the tolerated one where nothing is known; reads only."""
    parameters = model.parameters.decisions
    left = decay_factor(state.at, now, model.decision_half_life)
    denied = parameters.prior * parameters.tolerated_share + state.denied * left
    return denied / (parameters.prior + (state.allowed + state.denied) * left)


def denial_cost(state: DecisionState, model: Calibration, now: int) -> float:
    """A in nats as of `now`; reads only."""
    parameters = model.parameters.decisions
    held = (1.0 - denied_share(state, model, now)) / (1.0 - parameters.tolerated_share)
    return -parameters.exponent * natural_log(held) if held < 1.0 else 0.0
