"""An agent's trust."""

from pydantic import BaseModel, Field

from query_api.resources.values import Moment
from schemas.derived import TrustLevel, TrustStatus


class TrustReason(BaseModel):
    """Why points are missing from 100; `events` are event ids.

    `observed` is the figure behind it, and `expected` what is usual or tolerated, in the same unit.
    """

    code: str
    points: float
    events: list[str] = []
    observed: float | None = None
    expected: float | None = None


class TrustPoint(BaseModel):
    """A published score, with its bounds and what it had absorbed."""

    time: Moment
    score: float = Field(ge=0, le=100)
    level: TrustLevel
    status: TrustStatus
    confidence: float = Field(ge=0, le=1)
    low: float
    high: float
    as_of: Moment


class CurrentTrust(TrustPoint):
    """The score as it stands; `reported_trust` is the agent's own claim, which counts for nothing.

    `claim_gap` is how many points the claim lies above the score, `model_version` the version of the tenant's
    trust model, 0 for the defaults.
    """

    reasons: list[TrustReason]
    ceilings: list[str]
    reported_trust: float | None
    claim_gap: float | None
    model_version: int


class TrustReport(BaseModel):
    """The score as it stands and a page of its history, newest first; null until there is a score."""

    agent_id: str
    tenant_id: str
    current: CurrentTrust | None
    history: list[TrustPoint]
    next_cursor: str | None
