"""Erasures: what is asked for, how far it is, and the report."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from query_api.resources.keys import KeyName
from query_api.resources.values import Id, Moment, from_milliseconds
from schemas.erasures import Erasure, ErasureMode, ErasureState

_LEAST_CHARACTERS = 5
_MOST_CHARACTERS = 1000


def _check_value(text: str) -> str:
    if text != text.strip() or not text.isprintable():
        raise ValueError("must be printable, without spaces at its ends")
    if not any(character.isalpha() for character in text) and len(text) < _LEAST_CHARACTERS + 2:
        raise ValueError("must be longer, or hold a letter: it would be found in figures")
    return text


class NewErasure(BaseModel):
    """What is to be gone: an agent with all that it has sent, or a value in the texts of all agents.

    `erase` takes all rows of the agent, or those that hold the value; `anonymise` leaves the agent's figures
    under a random pseudonym, without its texts, or puts `[erased]` in the place of the value, which is found
    in any case.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"value": "bob@example.com", "mode": "anonymise"}, {"agent_id": "scout-1"}]
        },
    )

    agent_id: Id | None = None
    value: (
        Annotated[
            str,
            # First, so that what is wrong is said of a text.
            Field(min_length=_LEAST_CHARACTERS, max_length=_MOST_CHARACTERS),
            AfterValidator(_check_value),
        ]
        | None
    ) = None
    mode: ErasureMode = ErasureMode.ERASE
    reason: KeyName = ""

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if (self.agent_id is None) == (self.value is None):
            raise ValueError("name either agent_id or value")
        return self


class ErasedTable(BaseModel):
    """How many rows a table had of it, and how many it has."""

    table: str
    found: int
    left: int


class ErasureRemainder(BaseModel):
    """Where something may still be; `until` null where Kafka's compaction or ClickHouse decides."""

    place: str
    until: Moment | None
    why: str


class ErasureDetails(BaseModel):
    """An erasure without the value itself; it is good for what was received up to `up_to`."""

    erasure_id: str = Field(examples=["01890a5d-ac96-774b-bcce-b302099a8057"])
    tenant_id: str
    agent_id: str | None
    value_characters: int | None
    mode: ErasureMode
    reason: str
    state: ErasureState
    requested_at: Moment
    requested_by: str
    up_to: Moment | None
    waits_for: str
    finished_at: Moment | None
    tables: list[ErasedTable]
    remains: list[ErasureRemainder]

    @classmethod
    def of(cls, erasure: Erasure) -> Self:
        """The details of a control record."""
        return cls(
            erasure_id=erasure.erasure_id,
            tenant_id=erasure.tenant_id,
            agent_id=erasure.agent_id,
            value_characters=None if erasure.value is None else len(erasure.value),
            mode=erasure.mode,
            reason=erasure.reason,
            state=erasure.state,
            requested_at=from_milliseconds(erasure.requested_at),
            requested_by=erasure.requested_by,
            up_to=from_milliseconds(erasure.up_to) if erasure.up_to else None,
            waits_for=erasure.waits_for,
            finished_at=None if erasure.finished_at is None else from_milliseconds(erasure.finished_at),
            tables=[ErasedTable(table=t.table, found=t.found, left=t.left) for t in erasure.tables],
            remains=[
                ErasureRemainder(
                    place=r.place, until=None if r.until is None else from_milliseconds(r.until), why=r.why
                )
                for r in erasure.remains
            ],
        )


class ErasureList(BaseModel):
    """A tenant's erasures, oldest first."""

    erasures: list[ErasureDetails]
