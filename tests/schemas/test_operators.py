"""Roles are a ladder; tokens have an end."""

import msgspec
import pytest

from schemas.operators import Operator, OperatorToken, Role, leaves_no_admin


def test_each_role_includes_itself_and_those_before_it() -> None:
    roles = [Role.VIEWER, Role.ANALYST, Role.OPERATOR, Role.ADMIN]
    for rank, role in enumerate(roles):
        assert [other for other in roles if role.includes(other)] == roles[: rank + 1]


@pytest.mark.parametrize(
    ("token", "in_force"),
    [
        (OperatorToken("t", "h", 1), True),
        (OperatorToken("t", "h", 1, expires_at=11), True),
        (OperatorToken("t", "h", 1, expires_at=10), False),
        (OperatorToken("t", "h", 1, revoked_at=20), False),
        (OperatorToken("t", "h", 1, expires_at=11, revoked_at=1), False),
    ],
)
def test_a_token_is_in_force_until_it_expires_or_is_revoked(token: OperatorToken, in_force: bool) -> None:
    assert token.in_force(10) is in_force


ADA = Operator("ada", Role.ADMIN, 1, tokens=(OperatorToken("t", "h", 1),))
BOB = msgspec.structs.replace(ADA, operator_id="bob")
REMOVED = msgspec.structs.replace(ADA, tokens=(), removed_at=5)


def test_nobody_is_left_when_the_last_admin_goes() -> None:
    assert leaves_no_admin(ADA, REMOVED, [], 10)
    assert leaves_no_admin(ADA, REMOVED, [msgspec.structs.replace(BOB, tenant_id="acme")], 10)
    assert not leaves_no_admin(ADA, REMOVED, [BOB], 10)
    assert not leaves_no_admin(REMOVED, REMOVED, [], 10)
    assert not leaves_no_admin(ADA, msgspec.structs.replace(ADA, name="Ada"), [], 10)
