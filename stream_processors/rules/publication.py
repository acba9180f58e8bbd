"""When a trust score is published, and what it says then."""

from math import floor

import msgspec

from schemas.derived import TrustScore
from schemas.timestamps import to_rfc3339
from stream_processors.rules.calibration import Calibration
from stream_processors.rules.confidence import confidence, score_interval
from stream_processors.rules.levels import LEVELS
from stream_processors.rules.reasons import (
    Points,
    codes_mask,
    contributions,
    explained,
    principal,
    rounded,
)
from stream_processors.rules.state import AgentState
from stream_processors.rules.trust_score import Measurement, in_tenths

# Once a second of the log's clock, counted by whole seconds so that a tick a millisecond early loses no turn.
_TURN = 1000


class Explanation(msgspec.Struct, frozen=True, gc=False):
    """What each cause costs, the codes of the principal ones, and these as bits."""

    points: Points
    codes: list[str]
    mask: int


def explain(state: AgentState, measurement: Measurement) -> Explanation:
    """Why the agent's value is not 100."""
    points = contributions(measurement, state.score.value)
    codes = principal(points)
    return Explanation(points, codes, codes_mask(codes))


def is_news(state: AgentState, measurement: Measurement, explanation: Explanation) -> bool:
    """Whether a reader would see a difference: another figure, status or set of reasons."""
    score = state.score
    return (
        score.published_tenths != in_tenths(score.value)
        or score.published_status is not measurement.status
        or score.published_codes != explanation.mask
    )


def has_turn(state: AgentState, now: int) -> bool:
    """Whether the agent has not published in this second yet."""
    return now // _TURN != state.score.published_at // _TURN


def published(
    state: AgentState, model: Calibration, measurement: Measurement, explanation: Explanation
) -> TrustScore:
    """The trust score to publish at the agent's clock, noted in the state as the last one."""
    score = state.score
    tenths = in_tenths(score.value)
    score.published_at = state.clock
    score.published_tenths = tenths
    score.published_status = measurement.status
    score.published_codes = explanation.mask
    low, high = score_interval(measurement, model, score.value)
    causes = rounded(explanation.points, score.value)
    return TrustScore(
        tenant_id=state.tenant_id,
        agent_id=state.agent_id,
        score=tenths / 10,
        level=LEVELS[score.shown],
        status=measurement.status,
        confidence=floor(confidence(measurement.outcomes.evidence) * 1000 + 0.5) / 1000,
        low=in_tenths(low) / 10,
        high=in_tenths(high) / 10,
        as_of=to_rfc3339(state.as_of),
        reasons=explained(explanation.codes, causes, state, model, measurement),
        ceilings=[ceiling.name for ceiling in measurement.ceilings],
        reported_trust=state.reported_trust,
        claim_gap=_claim_gap(state.reported_trust, tenths),
        model_version=model.version,
    )


def _claim_gap(reported: float | None, tenths: int) -> float | None:
    """How many points the claim lies above the score; a claim of at most 1 is read as a share."""
    if reported is None or not 0.0 <= reported <= 100.0:
        return None
    claimed = reported * 100.0 if reported <= 1.0 else reported
    return floor(claimed * 10.0 - tenths + 0.5) / 10
