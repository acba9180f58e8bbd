"""What is asked of operators, and what is said of them."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from query_api.resources.operators import NewOperator, NewToken, OperatorChange, OperatorDetails, TokenDetails
from schemas.operators import Operator, OperatorToken, Role

DAY_MS = 86_400_000


def test_a_token_is_good_for_ninety_days_unless_said_otherwise() -> None:
    assert NewToken().wish().lifetime_ms == 90 * DAY_MS
    asked = NewToken(name="ci", expires_at=datetime.now(UTC) + timedelta(days=2)).wish()
    assert (asked.name, round(asked.lifetime_ms / DAY_MS, 3)) == ("ci", 2)


@pytest.mark.parametrize("days", [-1, 367])
def test_a_token_has_an_end_that_is_not_far(days: int) -> None:
    with pytest.raises(ValidationError):
        NewToken(expires_at=datetime.now(UTC) + timedelta(days=days))


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "viewer"},
        {"operator_id": "a/b", "role": "viewer"},
        {"operator_id": "ada", "role": "root"},
        {"operator_id": "ada", "role": "viewer", "tenant_id": "acme"},
        {"operator_id": "ada", "role": "viewer", "token": {"expires_at": "2000-01-01"}},
    ],
    ids=str,
)
def test_an_operator_needs_an_id_and_a_role_that_is_one(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NewOperator.model_validate(wrong)


def test_only_what_was_sent_is_changed() -> None:
    assert OperatorChange.model_validate({}).changes() == {}
    assert OperatorChange.model_validate({"role": "analyst"}).changes() == {"role": Role.ANALYST}
    assert OperatorChange.model_validate({"name": ""}).changes() == {"name": ""}


def test_neither_hash_nor_text_is_told() -> None:
    token = OperatorToken("t1", "the-hash", 1, expires_at=2, name="ci", created_by="bob")
    operator = Operator("ada", Role.VIEWER, 1, tokens=(token,))
    told = (
        OperatorDetails.of(operator).model_dump_json() + TokenDetails.of(operator, token, 5).model_dump_json()
    )
    assert "the-hash" not in told
    assert '"last_used_at":"1970-01-01T00:00:00.005Z"' in told
