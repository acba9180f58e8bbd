"""API keys of agents."""

from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from query_api.resources.values import AskedMoment, Moment, from_milliseconds
from schemas.control import ApiKey
from schemas.permissions import DEFAULT_PERMISSIONS, Permission


def _check_future(moment: datetime) -> datetime:
    if moment <= datetime.now(UTC):
        raise ValueError("must be in the future")
    return moment


class NewKey(BaseModel):
    """A key to be created: unless said otherwise it may do all but read logs, and does not expire."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"permissions": ["logs.write", "heartbeat.write"]}]}
    )

    permissions: list[Permission] = Field(default=list(DEFAULT_PERMISSIONS), min_length=1)
    expires_at: Annotated[AskedMoment, AfterValidator(_check_future)] | None = None


class KeyDetails(BaseModel):
    """A key without its text."""

    key_id: str
    agent_id: str
    tenant_id: str
    permissions: list[Permission]
    created_at: Moment
    expires_at: Moment | None
    revoked_at: Moment | None

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """The details of a control record."""
        return cls(
            key_id=key.key_id,
            agent_id=key.agent_id,
            tenant_id=key.tenant_id,
            permissions=list(key.permissions),
            created_at=from_milliseconds(key.created_at),
            expires_at=None if key.expires_at is None else from_milliseconds(key.expires_at),
            revoked_at=None if key.revoked_at is None else from_milliseconds(key.revoked_at),
        )


class CreatedKey(KeyDetails):
    """A new key with its text, which is shown here and never again."""

    governance_id: str
    api_key: str = Field(examples=["promethios_scout-1_3Zk…"])


class KeyList(BaseModel):
    """All keys of an agent, oldest first, revoked and expired ones too."""

    keys: list[KeyDetails]
