"""Silences: which alerts tell nobody, and until when."""

from datetime import UTC, datetime, timedelta
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from query_api.resources.alert_rules import IdPatterns
from query_api.resources.labels import Labels
from query_api.resources.values import AskedMoment, Id, Moment, from_milliseconds
from schemas.alert_rules import AlertSilence, SilenceTerms
from schemas.policy import ANYTHING
from schemas.timestamps import from_datetime

_LONGEST = timedelta(days=366)
_EXAMPLE: dict[str, Any] = {
    "comment": "the payment provider is being moved",
    "rules": ["error_rate", "latency_*"],
    "agents": ["pay-*"],
    "labels": {"stage": "prod"},
    "starts_at": "2026-01-31T12:00:00Z",
    "ends_at": "2026-01-31T14:00:00Z",
}


def _now() -> datetime:
    return datetime.now(UTC)


class SilenceBody(BaseModel):
    """Alerts of these rules and agents, that have all these labels; what is left out means any."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    starts_at: AskedMoment = Field(default_factory=_now, description="now, if left out")
    ends_at: AskedMoment
    comment: str = Field(default="", max_length=1000)
    rules: IdPatterns = [ANYTHING]
    agents: IdPatterns = [ANYTHING]
    labels: Labels = {}

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if not timedelta(0) < self.ends_at - self.starts_at <= _LONGEST:
            raise ValueError("ends_at: must be after starts_at, by a year at most")
        return self

    def terms(self) -> SilenceTerms:
        """The same, for a control record."""
        return SilenceTerms(
            starts_at=from_datetime(self.starts_at),
            ends_at=from_datetime(self.ends_at),
            comment=self.comment,
            rules=tuple(self.rules),
            agents=tuple(self.agents),
            labels=self.labels,
        )


class NewSilence(SilenceBody):
    """A silence to be created, under an id of your choice."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"silence_id": "provider-move", **_EXAMPLE}]}
    )

    silence_id: Id = Field(examples=["provider-move"])


class SilenceDetails(BaseModel):
    """A silence as it stands; operators are named by their ids."""

    silence_id: str = Field(examples=["provider-move"])
    tenant_id: str
    version: int = Field(description="counts its changes from 1")
    starts_at: Moment
    ends_at: Moment
    comment: str
    rules: list[str]
    agents: list[str]
    labels: dict[str, str]
    created_at: Moment
    created_by: str
    changed_at: Moment
    changed_by: str

    @classmethod
    def of(cls, silence: AlertSilence) -> Self:
        """The details of a control record."""
        terms = silence.terms
        return cls(
            silence_id=silence.silence_id,
            tenant_id=silence.tenant_id,
            version=silence.version,
            starts_at=from_milliseconds(terms.starts_at),
            ends_at=from_milliseconds(terms.ends_at),
            comment=terms.comment,
            rules=list(terms.rules),
            agents=list(terms.agents),
            labels=terms.labels,
            created_at=from_milliseconds(silence.created_at),
            created_by=silence.created_by,
            changed_at=from_milliseconds(silence.changed_at),
            changed_by=silence.changed_by,
        )


class SilenceList(BaseModel):
    """All silences of a tenant, by id, those that are over too."""

    silences: list[SilenceDetails]
