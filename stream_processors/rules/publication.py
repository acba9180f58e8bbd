"""When a trust score is published, and what it says then."""

from math import floor

import msgspec

from schemas.derived import TrustScore
from schemas.timestamps import to_rfc3339
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


def published(state: AgentState, measurement: Measurement, explanation: Explanation, now: int) -> TrustScore:
    """The trust score to publish, noted in the state as the last one."""
    score = state.score
    tenths = in_tenths(score.value)
    score.published_at = now
    score.published_tenths = tenths
    score.published_status = measurement.status
    score.published_codes = explanation.mask
    low, high = score_interval(measurement, score.value)
    causes = rounded(explanation.points, score.value)
    return TrustScore(
        tenant_id=state.tenant_id,
        agent_id=state.agent_id,
        score=tenths / 10,
        level=LEVELS[score.level.rank],
        status=measurement.status,
        confidence=floor(confidence(measurement.outcomes.evidence) * 1000 + 0.5) / 1000,
        low=in_tenths(low) / 10,
        high=in_tenths(high) / 10,
        as_of=to_rfc3339(state.as_of),
        reasons=explained(explanation.codes, causes, state),
        ceilings=[ceiling.name for ceiling in measurement.ceilings],
        reported_trust=state.reported_trust,
    )
