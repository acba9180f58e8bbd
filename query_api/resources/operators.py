"""Operators, their tokens, and who one is."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from query_api.operator_registrar import TokenWish
from query_api.resources.keys import FutureMoment, KeyName, Rotation
from query_api.resources.values import Id, Moment, Parameters, from_milliseconds
from schemas.operators import Operator, OperatorToken, Role

_DEFAULT_DAYS = 90
_MOST_DAYS = 366
_SECOND_MS = 1000

TokenRotation = Rotation


def _check_soon_enough(moment: datetime) -> datetime:
    if moment > datetime.now(UTC) + timedelta(days=_MOST_DAYS):
        raise ValueError(f"must be within {_MOST_DAYS} days: a token ends, and is rotated before it does")
    return moment


class OperatorParameters(Parameters):
    """Which tenant's operators are meant."""

    tenant: Id | None = Field(default=None, description="operators of this tenant only; of all if left out")


class NewToken(BaseModel):
    """A token to be made: unless said otherwise good for 90 days."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "laptop"}]})

    name: KeyName = ""
    expires_at: Annotated[FutureMoment, AfterValidator(_check_soon_enough)] | None = Field(
        default=None, description=f"within {_MOST_DAYS} days; after {_DEFAULT_DAYS} days if left out"
    )

    def wish(self) -> TokenWish:
        """The same, for the registrar."""
        if self.expires_at is None:
            span = timedelta(days=_DEFAULT_DAYS)
        else:
            span = self.expires_at - datetime.now(UTC)
        return TokenWish(name=self.name, lifetime_ms=max(1, int(span.total_seconds() * _SECOND_MS)))


class NewOperator(BaseModel):
    """An operator to be created, and their first token; of the tenant of `?tenant=` unless of all."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"operator_id": "ada", "role": "analyst", "name": "Ada Lovelace"}]},
    )

    operator_id: Id
    role: Role
    name: KeyName = ""
    all_tenants: bool = Field(default=False, description="only who is so themselves may say so")
    token: NewToken = NewToken()


class OperatorChange(BaseModel):
    """What is to change of an operator; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"role": "viewer"}]})

    # By factories, because a default in the schema would promise that it takes the place of what stands.
    role: Role = Field(default_factory=lambda: Role.VIEWER)
    name: KeyName = Field(default_factory=str)

    def changes(self) -> dict[str, Any]:
        """The fields that were sent, as the record has them."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class OperatorDetails(BaseModel):
    """An operator; `tenant_id` null means all tenants."""

    operator_id: str = Field(examples=["ada"])
    tenant_id: str | None
    role: Role
    name: str
    created_at: Moment
    created_by: str | None

    @classmethod
    def of(cls, operator: Operator) -> Self:
        """The details of a control record."""
        return cls(
            operator_id=operator.operator_id,
            tenant_id=operator.tenant_id,
            role=operator.role,
            name=operator.name,
            created_at=from_milliseconds(operator.created_at),
            created_by=operator.created_by,
        )


class OperatorList(BaseModel):
    """Operators by id."""

    operators: list[OperatorDetails]


class TokenDetails(BaseModel):
    """A token without its text; `last_used_at` is true to about a minute, `expires_at` null means never."""

    token_id: str = Field(examples=["01890a5d-ac96-774b-bcce-b302099a8057"])
    operator_id: str
    name: str
    created_at: Moment
    created_by: str | None
    expires_at: Moment | None
    last_used_at: Moment | None
    revoked_at: Moment | None
    revoked_by: str | None
    rotated_from: str | None

    @classmethod
    def of(cls, operator: Operator, token: OperatorToken, last_used_at: int | None) -> Self:
        """The details of a token of an operator; `last_used_at` in milliseconds."""
        return cls(
            token_id=token.token_id,
            operator_id=operator.operator_id,
            name=token.name,
            created_at=from_milliseconds(token.created_at),
            created_by=token.created_by,
            expires_at=_moment(token.expires_at),
            last_used_at=_moment(last_used_at),
            revoked_at=_moment(token.revoked_at),
            revoked_by=token.revoked_by,
            rotated_from=token.rotated_from,
        )


class CreatedToken(TokenDetails):
    """A new token with its text, which is shown here and never again."""

    token: str = Field(examples=["promethios-operator_3Zk…"])


class RotatedToken(CreatedToken):
    """The successor with its text, which is shown here and never again, and the token that it succeeds."""

    predecessor: TokenDetails


class CreatedOperator(OperatorDetails):
    """A new operator with their first token, whose text is shown here and never again."""

    first_token: CreatedToken


class TokenList(BaseModel):
    """An operator's tokens, oldest first; of those that are over, the latest."""

    tokens: list[TokenDetails]


class WhoAmI(BaseModel):
    """Who the token of the request says that one is."""

    operator_id: str
    tenant_id: str | None
    role: Role
    rights: list[str] = Field(examples=[["read"]])


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_milliseconds(milliseconds)
