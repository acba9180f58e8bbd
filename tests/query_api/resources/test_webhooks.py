"""Webhooks as they are asked for, and as they are shown."""

import pytest
from pydantic import BaseModel, ValidationError

from query_api.resources.webhooks import NewWebhook, SecretRotation, WebhookChange, WebhookDetails
from schemas.derived import DERIVED_TYPES
from schemas.webhooks import BodyFormat, SigningSecret, Webhook

URL = "https://example.com/hook"
WEBHOOK = Webhook(
    "w1",
    "acme",
    URL,
    (SigningSecret("whsec_bmV3"), SigningSecret("whsec_b2xk", 86_400_000)),
    1000,
    2000,
    1000,
)


@pytest.mark.parametrize("event_type", [derived.name for derived in DERIVED_TYPES])
def test_every_derived_type_can_be_asked_for(event_type: str) -> None:
    new = NewWebhook.model_validate({"url": URL, "event_types": [event_type, event_type]})
    assert new.wish()["event_types"] == (event_type,)


def test_unsaid_means_everything() -> None:
    wish = NewWebhook(url=URL).wish()
    assert Webhook("w1", "acme", secrets=(), created_at=1, changed_at=1, starts_at=1, **wish) == Webhook(
        "w1", "acme", URL, (), 1, 1, 1
    )
    assert wish["body_format"] is BodyFormat.CLOUDEVENTS


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"event_types": ["alerts"]}, "must be one of io.promethios"),
        ({"agent_ids": ["a b"]}, "1 to 128 letters"),
        ({"agent_ids": ["a"] * 101}, "at most 100"),
        ({"name": "a\nb"}, "printable"),
        ({"name": "a" * 101}, "at most 100"),
        ({"min_severity": "worst"}, "'low', 'medium', 'high' or 'critical'"),
        ({"body_format": "teams"}, "'cloudevents' or 'slack'"),
        ({"secret": "whsec_bWluZQ=="}, "Extra inputs"),
        ({"starts_at": 0}, "Extra inputs"),
    ],
)
@pytest.mark.parametrize("model", [NewWebhook, WebhookChange])
def test_what_cannot_be_is_refused(model: type[BaseModel], fields: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        model.model_validate({"url": URL, **fields})


def test_a_change_is_what_was_sent() -> None:
    assert WebhookChange().changes() == {}
    change = WebhookChange.model_validate({"min_severity": None, "enabled": False})
    assert change.changes() == {"min_severity": None, "enabled": False}


@pytest.mark.parametrize("seconds", [-1, 31 * 86_400])
def test_an_overlap_has_bounds(seconds: int) -> None:
    with pytest.raises(ValidationError):
        SecretRotation(overlap_seconds=seconds)


def test_no_secret_is_shown() -> None:
    shown = WebhookDetails.of(WEBHOOK).model_dump_json()
    assert "whsec_" not in shown
    assert '"secrets_expire_at":["1970-01-02T00:00:00.000Z"]' in shown
