"""Who has read what."""

from typing import Self

from pydantic import BaseModel, Field

from query_api.database import Row
from query_api.resources.values import Id, Moment, RangeParameters
from schemas.accesses import AccessAction, ActorKind


class AccessParameters(RangeParameters):
    """Which accesses."""

    agent: Id | None = Field(default=None, description="accesses to the whole tenant are shown too")
    actor: str | None = Field(default=None, max_length=256, description="an operator's id, or a key's")
    action: AccessAction | None = None


class AccessSummary(BaseModel):
    """An access without what was asked for; `agent_id` is null where the whole tenant was read.

    `rows` counts what was handed over or, for a download, was about to be.
    """

    access_id: str
    time: Moment
    agent_id: str | None
    actor_kind: ActorKind
    actor_id: str
    action: AccessAction
    address: str | None = Field(examples=["203.0.113.7"])
    rows: int

    @classmethod
    def of(cls, row: Row) -> Self:
        """A row of the table."""
        return cls.model_validate(
            {
                **row,
                "access_id": row["event_id"],
                "time": row["event_time"],
                "agent_id": row["agent_id"] or None,
                "address": row["address"] or None,
            }
        )


class AccessDetails(AccessSummary):
    """An access; `query` is JSON of the parameters, or SQL."""

    query: str = Field(examples=['{"text":"timeout"}'])


class AccessPage(BaseModel):
    """A page of accesses, newest first."""

    accesses: list[AccessDetails]
    next_cursor: str | None
