"""What operators may say of a key, and how it becomes a record and is shown."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from query_api.key_registrar import KeyWish
from query_api.resources.keys import KeyChange, KeyDetails, NewKey, Rotation
from schemas.control import ApiKey
from schemas.permissions import DEFAULT_PERMISSIONS, Permission

TOMORROW = datetime.now(UTC) + timedelta(days=1)


def test_without_wishes_a_key_may_do_all_but_read() -> None:
    assert NewKey().wish() == KeyWish(permissions=DEFAULT_PERMISSIONS)


def test_a_wish_is_made_canonical() -> None:
    wanted: dict[str, Any] = {
        "permissions": ["logs.read", "logs.read"],
        "allowed_networks": ["2001:DB8::/32", "10.0.0.1", "10.0.0.1/32"],
        "expires_at": TOMORROW.isoformat(),
    }
    wish = NewKey.model_validate(wanted).wish()
    assert wish.permissions == (Permission.LOGS_READ,)
    assert wish.allowed_networks == ("2001:db8::/32", "10.0.0.1/32")
    assert wish.expires_at == int(TOMORROW.timestamp() * 1000)


@pytest.mark.parametrize(
    ("sent", "changes"),
    [
        ({}, {}),
        ({"expires_at": None}, {"expires_at": None}),
        ({"name": "x", "allowed_networks": []}, {"name": "x", "allowed_networks": ()}),
        ({"permissions": ["logs.read"]}, {"permissions": (Permission.LOGS_READ,)}),
    ],
)
def test_a_change_is_of_what_was_sent(sent: dict[str, Any], changes: dict[str, Any]) -> None:
    assert KeyChange.model_validate(sent).changes() == changes


@pytest.mark.parametrize(
    "sent", [{"name": None}, {"permissions": None}, {"permissions": []}, {"key_hash": "x"}]
)
def test_what_cannot_be_changed_so_is_refused(sent: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        KeyChange.model_validate(sent)


def test_the_schema_of_a_change_promises_no_defaults() -> None:
    properties = KeyChange.model_json_schema()["properties"]
    assert not any("default" in described for described in properties.values())


def test_an_overlap_is_a_day_unless_said_otherwise_and_at_most_a_year() -> None:
    assert Rotation().overlap_seconds == 86_400
    with pytest.raises(ValidationError):
        Rotation(overlap_seconds=367 * 86_400)


def test_details_hold_nothing_of_the_text() -> None:
    key = ApiKey(
        "k1", "acme", "scout", "gov-1", "f" * 64, DEFAULT_PERMISSIONS, 5, revoked_at=7, revoked_by="ada"
    )
    shown = KeyDetails.of(key, last_used_at=6).model_dump(mode="json")
    assert (shown["last_used_at"], shown["revoked_by"]) == ("1970-01-01T00:00:00.006Z", "ada")
    assert key.key_hash not in str(shown)
