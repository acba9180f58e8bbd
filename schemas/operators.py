"""Operators: who asks the query API, in which role, and by which tokens."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec


class Role(StrEnum):
    """What an operator may do, from least to most: each may do all that those before it may."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    OPERATOR = "operator"
    ADMIN = "admin"

    def includes(self, other: "Role") -> bool:
        """Whether this role may do all that `other` may."""
        return _RANK[self] >= _RANK[other]


_RANK = {role: rank for rank, role in enumerate(Role)}


class OperatorToken(msgspec.Struct, frozen=True):
    """A token of an operator; of its text only the SHA-256 is kept.

    Times in milliseconds; `expires_at` None means never. `lifetime_ms` is how long it was made for, and so
    its successor: a rotation changes only `expires_at`. `rotated_from` is the token that it succeeds.
    """

    token_id: str
    token_hash: str
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None
    name: str = ""
    lifetime_ms: int | None = None
    created_by: str | None = None
    revoked_by: str | None = None
    rotated_from: str | None = None

    def in_force(self, now: int) -> bool:
        """Whether it lets its operator in at `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class Operator(msgspec.Struct, frozen=True):
    """Somebody who asks the query API; `tenant_id` None means every tenant.

    One that was removed has no tokens; its id may be taken again.
    """

    operator_id: str
    role: Role
    created_at: int
    tenant_id: str | None = None
    tokens: tuple[OperatorToken, ...] = ()
    name: str = ""
    created_by: str | None = None
    removed_at: int | None = None
    removed_by: str | None = None


def administers(operator: Operator, now: int) -> bool:
    """Whether somebody with a token of this operator can administer all tenants."""
    return (
        operator.role is Role.ADMIN
        and operator.tenant_id is None
        and any(token.in_force(now) for token in operator.tokens)
    )


def leaves_no_admin(before: Operator, after: Operator, others: Iterable[Operator], now: int) -> bool:
    """Whether by a change of one operator nobody would be left who administers all tenants."""
    if not administers(before, now) or administers(after, now):
        return False
    return not any(administers(found, now) for found in others)
