"""An agent's trust."""

from pydantic import BaseModel, Field

from query_api.resources.values import Moment
from schemas.derived import TrustLevel, TrustStatus


class TrustReason(BaseModel):
    """Why points are missing from 100; `events` are event ids."""

    code: str
    points: float
    events: list[str] = []


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
    """The score as it stands; `reported_trust` is the agent's own claim, which counts for nothing."""

    reasons: list[TrustReason]
    ceilings: list[str]
    reported_trust: float | None


class TrustReport(BaseModel):
    """The score as it stands and a page of its history, newest first; null until there is a score."""

    agent_id: str
    tenant_id: str
    current: CurrentTrust | None
    history: list[TrustPoint]
    next_cursor: str | None
