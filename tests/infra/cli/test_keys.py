"""How `keys list` words a key."""

from datetime import UTC, datetime

import pytest

from infra.cli.client import KeyDetails
from infra.cli.keys import rights_of, state_of
from schemas.permissions import Permission

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def key(permissions: list[str], expires_at: str | None = None, revoked_at: str | None = None) -> KeyDetails:
    return KeyDetails(
        "k", "scout", "default", permissions, "2026-01-01T00:00:00.000Z", expires_at, revoked_at
    )


@pytest.mark.parametrize(
    ("expires_at", "revoked_at", "state"),
    [
        (None, None, "active"),
        ("2026-01-31T12:00:01.000Z", None, "until 2026-01-31"),
        ("2026-01-31T12:00:00.000Z", None, "expired 2026-01-31"),
        (None, "2026-01-02T00:00:00.000Z", "revoked 2026-01-02"),
        ("2020-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z", "revoked 2026-01-02"),
    ],
)
def test_a_key_is_active_until_it_expires_or_is_revoked(
    expires_at: str | None, revoked_at: str | None, state: str
) -> None:
    assert state_of(key([], expires_at, revoked_at), NOW) == state


def test_rights_are_named_unless_there_are_all() -> None:
    assert rights_of(key([*Permission])) == "everything"
    assert rights_of(key(["logs.write"])) == "logs.write"
