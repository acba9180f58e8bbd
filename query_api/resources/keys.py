"""API keys of agents."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from query_api.key_registrar import KeyWish
from query_api.resources.values import AskedMoment, Moment, from_milliseconds
from schemas.control import ApiKey
from schemas.networks import parse_network
from schemas.permissions import DEFAULT_PERMISSIONS, Permission
from schemas.timestamps import from_datetime

_DAY_SECONDS = 24 * 60 * 60
_MOST_NETWORKS = 100


def _check_future(moment: datetime) -> datetime:
    if moment <= datetime.now(UTC):
        raise ValueError("must be in the future")
    return moment


def _check_printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable text on one line")
    return text


FutureMoment = Annotated[AskedMoment, AfterValidator(_check_future), Field(examples=["2100-01-31T12:00:00Z"])]

KeyName = Annotated[
    str,
    AfterValidator(_check_printable),
    Field(max_length=100, description="what it is for, for people", examples=["build agents, Frankfurt"]),
]
Permissions = Annotated[
    list[Permission], AfterValidator(lambda found: list(dict.fromkeys(found))), Field(min_length=1)
]
Networks = Annotated[
    list[Annotated[str, AfterValidator(lambda text: str(parse_network(text)))]],
    Field(
        max_length=_MOST_NETWORKS,
        description="CIDRs or addresses that it may be used from; none means anywhere",
        examples=[["203.0.113.0/24", "2001:db8::/32"]],
    ),
    AfterValidator(lambda found: list(dict.fromkeys(found))),
]


class NewKey(BaseModel):
    """A key to be created: unless said otherwise it may do all but read logs, from anywhere, for ever."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "build agents, Frankfurt",
                    "permissions": ["logs.write", "heartbeat.write"],
                    "allowed_networks": ["203.0.113.0/24"],
                }
            ]
        },
    )

    name: KeyName = ""
    permissions: Permissions = list(DEFAULT_PERMISSIONS)
    allowed_networks: Networks = []
    expires_at: FutureMoment | None = None

    def wish(self) -> KeyWish:
        """The same, for the registrar."""
        return KeyWish(**_for_record(self))


class KeyChange(BaseModel):
    """What is to change of a key; what is left out stays. An `expires_at` of null means never."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"allowed_networks": ["203.0.113.0/24"]}]}
    )

    # By factories, because a default in the schema would promise that it takes the place of what stands.
    name: KeyName = Field(default_factory=str)
    permissions: Permissions = Field(default_factory=list)
    allowed_networks: Networks = Field(default_factory=list)
    expires_at: FutureMoment | None = Field(default_factory=lambda: None)

    def changes(self) -> dict[str, Any]:
        """The fields that were sent, as the key's record has them."""
        return {name: value for name, value in _for_record(self).items() if name in self.model_fields_set}


class Rotation(BaseModel):
    """How long the key is good beside its successor."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"overlap_seconds": 3600}]})

    overlap_seconds: int = Field(
        default=_DAY_SECONDS, ge=0, le=366 * _DAY_SECONDS, description="0 ends it at once"
    )


class KeyDetails(BaseModel):
    """A key without its text.

    `last_used_at` is true to about a minute; `rotated_from` is the key that it succeeds; operators are named
    by their ids.
    """

    key_id: str = Field(examples=["01890a5d-ac96-774b-bcce-b302099a8057"])
    agent_id: str
    tenant_id: str
    name: str
    permissions: list[Permission]
    allowed_networks: list[str]
    created_at: Moment
    created_by: str | None
    expires_at: Moment | None
    last_used_at: Moment | None
    revoked_at: Moment | None
    revoked_by: str | None
    rotated_from: str | None

    @classmethod
    def of(cls, key: ApiKey, last_used_at: int | None) -> Self:
        """The details of a control record; `last_used_at` in milliseconds."""
        return cls(
            key_id=key.key_id,
            agent_id=key.agent_id,
            tenant_id=key.tenant_id,
            name=key.name,
            permissions=list(key.permissions),
            allowed_networks=list(key.allowed_networks),
            created_at=from_milliseconds(key.created_at),
            created_by=key.created_by,
            expires_at=_moment(key.expires_at),
            last_used_at=_moment(last_used_at),
            revoked_at=_moment(key.revoked_at),
            revoked_by=key.revoked_by,
            rotated_from=key.rotated_from,
        )


class CreatedKey(KeyDetails):
    """A new key with its text, which is shown here and never again."""

    governance_id: str
    api_key: str = Field(examples=["promethios_scout-1_3Zk…"])


class RotatedKey(CreatedKey):
    """The successor with its text, which is shown here and never again, and the key that it succeeds."""

    predecessor: KeyDetails


class KeyList(BaseModel):
    """All keys of an agent, oldest first, revoked and expired ones too."""

    keys: list[KeyDetails]


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_milliseconds(milliseconds)


def _for_record(wanted: NewKey | KeyChange) -> dict[str, Any]:
    return {
        "name": wanted.name,
        "permissions": tuple(wanted.permissions),
        "allowed_networks": tuple(wanted.allowed_networks),
        "expires_at": None if wanted.expires_at is None else from_datetime(wanted.expires_at),
    }
