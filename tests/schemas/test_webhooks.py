"""Webhooks' records: what must not be shown is not, and a delivery is a row."""

import msgspec

from schemas.derived import DERIVED_TYPES
from schemas.webhooks import TEST_TYPE, DeliveryOutcome, SigningSecret, Webhook, WebhookDelivery


def test_no_text_of_a_webhook_holds_its_secret() -> None:
    webhook = Webhook("w1", "acme", "https://example.com", (SigningSecret("whsec_c2VjcmV0", 5),), 1, 1, 1)
    assert "c2VjcmV0" not in f"{webhook!r}{webhook!s}{webhook.secrets}"
    assert b"c2VjcmV0" in msgspec.json.encode(webhook)


def test_a_test_event_is_of_no_type_that_is_derived() -> None:
    assert TEST_TYPE not in {derived.name for derived in DERIVED_TYPES}


def test_a_delivery_reads_back() -> None:
    delivery = WebhookDelivery(
        "acme", "", "w1", "e1", TEST_TYPE, 1, DeliveryOutcome.FAILED, 0, "timeout", 15_000, None
    )
    assert msgspec.json.decode(msgspec.json.encode(delivery), type=WebhookDelivery) == delivery
