"""The table of rights, written out once more: a change of it is a decision."""

import pytest

from query_api.rights import Right, may
from schemas.operators import Role

OF_VIEWERS = {Right.READ}
OF_ANALYSTS = OF_VIEWERS | {Right.READ_CONTENT, Right.READ_ACCESSES, Right.SQL}
OF_OPERATORS = OF_ANALYSTS | {Right.GOVERN, Right.MANAGE_AGENTS}
OF_ADMINS = OF_OPERATORS | {Right.PRIVACY, Right.MANAGE_OPERATORS}


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        (Role.VIEWER, OF_VIEWERS),
        (Role.ANALYST, OF_ANALYSTS),
        (Role.OPERATOR, OF_OPERATORS),
        (Role.ADMIN, OF_ADMINS),
    ],
)
def test_each_role_has_these_rights_and_no_other(role: Role, rights: set[Right]) -> None:
    assert {right for right in Right if may(role, right)} == rights


def test_admins_may_do_everything() -> None:
    assert set(Right) == OF_ADMINS
