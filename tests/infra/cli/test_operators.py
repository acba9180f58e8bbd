"""How `operators` words tokens, and what its options ask for."""

from datetime import UTC, datetime

import msgspec
import pytest

from infra.cli.operator_client import OperatorDetails, TokenDetails
from infra.cli.operators import state_of, tenant_of, wanted_token
from infra.errors import StackError

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
TOKEN = TokenDetails("t1", "ada", "", "2026-01-01T00:00:00.000Z", None, None, None, None, None, None)


@pytest.mark.parametrize(
    ("expires_at", "revoked_at", "state"),
    [
        (None, None, "active"),
        ("2026-01-31T12:00:01.000Z", None, "until 2026-01-31"),
        ("2026-01-31T12:00:00.000Z", None, "expired 2026-01-31"),
        ("2020-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z", "revoked 2026-01-02"),
    ],
)
def test_a_token_is_active_until_it_expires_or_is_revoked(
    expires_at: str | None, revoked_at: str | None, state: str
) -> None:
    token = msgspec.structs.replace(TOKEN, expires_at=expires_at, revoked_at=revoked_at)
    assert state_of(token, NOW) == state


def test_only_what_was_said_is_asked_for() -> None:
    assert wanted_token(None, None) == {}
    assert wanted_token("ci", "2027-01-31") == {"name": "ci", "expires_at": "2027-01-31T00:00:00+00:00"}
    for wrong in ("never", "soon"):
        with pytest.raises(StackError):
            wanted_token(None, wrong)


def test_an_operator_of_no_tenant_is_of_all() -> None:
    operator = OperatorDetails("ada", None, "viewer", "", "", None)
    assert tenant_of(operator) == "all"
    assert tenant_of(msgspec.structs.replace(operator, tenant_id="acme")) == "acme"
