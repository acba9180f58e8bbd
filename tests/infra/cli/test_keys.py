"""How `keys list` words a key, and what the options of `create` and `change` ask for."""

from datetime import UTC, datetime

import msgspec
import pytest

from infra.cli.client import KeyDetails
from infra.cli.keys import last_use_of, rights_of, state_of, wanted_fields
from infra.errors import StackError
from schemas.permissions import DEFAULT_PERMISSIONS, Permission

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def key(permissions: list[str], **fields: str | None) -> KeyDetails:
    known: dict[str, str | None] = dict.fromkeys(KeyDetails.__struct_fields__)
    found = {**known, "permissions": permissions, "allowed_networks": [], **fields}
    return msgspec.convert(
        found
        | {
            "key_id": "k",
            "agent_id": "scout",
            "tenant_id": "default",
            "name": "",
            "created_at": "2026-01-01T00:00:00.000Z",
        },
        KeyDetails,
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
    assert state_of(key([], expires_at=expires_at, revoked_at=revoked_at), NOW) == state


def test_rights_are_named_unless_there_are_all() -> None:
    assert rights_of(key([*Permission])) == "everything"
    assert rights_of(key([*DEFAULT_PERMISSIONS])) == "all but read"
    assert rights_of(key(["logs.write"])) == "logs.write"


def test_the_last_use_is_said_to_the_minute() -> None:
    assert last_use_of(key([])) == "-"
    assert last_use_of(key([], last_used_at="2026-01-31T12:34:56.789Z")) == "2026-01-31 12:34Z"


def test_only_what_was_said_is_asked_for() -> None:
    assert wanted_fields(None, None, None, None) == {}
    assert wanted_fields("ci", [Permission.LOGS_READ], ["10.0.0.0/8", "::1"], "2027-01-31") == {
        "name": "ci",
        "permissions": ["logs.read"],
        "allowed_networks": ["10.0.0.0/8", "::1"],
        "expires_at": "2027-01-31T00:00:00+00:00",
    }
    assert wanted_fields("", None, ["anywhere"], "never") == {
        "name": "",
        "allowed_networks": [],
        "expires_at": None,
    }
    with pytest.raises(StackError):
        wanted_fields(None, None, None, "soon")
