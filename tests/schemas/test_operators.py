"""Roles are a ladder; tokens have an end."""

import pytest

from schemas.operators import OperatorToken, Role


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
