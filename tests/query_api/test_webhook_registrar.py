"""Webhooks on a real broker, and what changes, rotations and deletions make of a record."""

import base64
import uuid
from collections.abc import AsyncIterator

import pytest

from query_api import errors, webhook_registrar
from query_api.webhook_registrar import changed, deleted, new_secret, with_secret
from runtime.problems import ProblemError
from runtime.settings import KafkaAddress
from schemas.webhooks import SigningSecret, Webhook, WebhookTest
from tests.query_api.registrars import Process, connected

WEBHOOK = Webhook("w1", "acme", "https://example.com", (SigningSecret("whsec_b2xk"),), 1, 1, 1)
WISH = {"url": "https://example.com/hook", "name": "ops"}
DAY = 86_400_000


def test_a_secret_has_the_form_and_length_of_standard_webhooks() -> None:
    first, second = new_secret(), new_secret()
    assert first != second
    assert first.startswith("whsec_")
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32


def test_a_change_moves_the_start_only_where_it_is_enabled_again() -> None:
    assert changed(WEBHOOK, {"url": WEBHOOK.url}, 9) is WEBHOOK
    moved = changed(WEBHOOK, {"url": "https://elsewhere.example"}, 9)
    assert (moved.url, moved.changed_at, moved.starts_at) == ("https://elsewhere.example", 9, 1)
    off = changed(WEBHOOK, {"enabled": False}, 9)
    assert (off.enabled, off.starts_at) == (False, 1)
    assert changed(off, {"enabled": True}, 11).starts_at == 11
    assert changed(WEBHOOK, {"enabled": True}, 11) is WEBHOOK


def test_former_secrets_sign_for_the_overlap_and_get_no_more_time() -> None:
    once = with_secret(WEBHOOK, "whsec_bmV3", 100, DAY)
    assert [(s.secret, s.expires_at) for s in once.secrets] == [
        ("whsec_bmV3", None),
        ("whsec_b2xk", 100 + DAY),
    ]
    twice = with_secret(once, "whsec_bmV3ZXI=", 200, 2 * DAY)
    assert [s.expires_at for s in twice.secrets] == [None, 200 + 2 * DAY, 100 + DAY]
    assert [s.secret for s in with_secret(twice, "whsec_x", 300, 0).secrets] == ["whsec_x"]
    later = with_secret(twice, "whsec_x", 100 + DAY, DAY)
    assert [s.secret for s in later.secrets] == ["whsec_x", "whsec_bmV3ZXI=", "whsec_bmV3"]


def test_secrets_do_not_pile_up() -> None:
    webhook = WEBHOOK
    for number in range(20):
        webhook = with_secret(webhook, f"whsec_{number}", 100, DAY)
    assert [s.secret for s in webhook.secrets] == [f"whsec_{number}" for number in range(19, 14, -1)]


def test_nothing_is_left_of_a_deleted_one() -> None:
    gone = deleted(changed(WEBHOOK, {"test": WebhookTest("t1", 1)}, 5), 9)
    assert (gone.url, gone.secrets, gone.enabled, gone.deleted_at, gone.test) == ("", (), False, 9, None)
    assert deleted(gone, 10) is gone
    with pytest.raises(ProblemError) as unchanged:
        changed(gone, {"name": "x"}, 11)
    with pytest.raises(ProblemError) as unrotated:
        with_secret(gone, "whsec_x", 11, 0)
    assert unchanged.value.kind is unrotated.value.kind is errors.NOT_FOUND


@pytest.fixture
async def process(control_kafka: KafkaAddress) -> AsyncIterator[Process]:
    async with connected(control_kafka) as process:
        yield process


@pytest.mark.integration
async def test_the_life_of_a_webhook(process: Process) -> None:
    tenant = f"tenant-{uuid.uuid4().hex}"
    issued = await process.webhooks.create(tenant, WISH, by="ada")
    webhook = issued.webhook
    assert process.directory.webhooks(tenant) == [webhook]
    assert (webhook.secrets[0].secret, webhook.created_by, webhook.name) == (issued.secret, "ada", "ops")
    assert list(issued.offsets) == ["promethios.webhooks.v1"]

    renamed, offsets = await process.webhooks.change(webhook, {"name": "night"})
    assert process.directory.webhook(tenant, webhook.webhook_id) == renamed
    assert offsets
    assert await process.webhooks.change(renamed, {"name": "night"}) == (renamed, {})

    rotated = await process.webhooks.rotate(webhook, overlap_ms=DAY)
    assert [s.secret for s in rotated.webhook.secrets] == [rotated.secret, issued.secret]
    # By what stands, not by what the caller saw.
    assert rotated.webhook.name == "night"

    event_id, _ = await process.webhooks.ask_for_test(webhook)
    known = process.directory.webhook(tenant, webhook.webhook_id)
    assert known is not None
    assert known.test is not None
    assert known.test.event_id == event_id

    assert await process.webhooks.delete(webhook)
    assert process.directory.webhooks(tenant) == []
    assert await process.webhooks.delete(webhook) == {}
    with pytest.raises(ProblemError):
        await process.webhooks.ask_for_test(webhook)


@pytest.mark.integration
async def test_a_tenant_has_not_too_many(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_registrar, "MOST_OF_A_TENANT", 1)
    tenant = f"tenant-{uuid.uuid4().hex}"
    await process.webhooks.create(tenant, WISH, by="ada")
    with pytest.raises(ProblemError, match="at most 1 webhooks"):
        await process.webhooks.create(tenant, WISH, by="ada")
