"""Creates, changes and deletes webhooks, and makes the secrets that they are signed with."""

import base64
import secrets
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
import uuid_utils as uuid

from query_api import errors
from query_api.directory import Directory
from query_api.records import Records
from runtime.control_writer import ConflictError
from runtime.problems import ProblemError
from schemas.control import control_topic
from schemas.webhooks import SECRET_PREFIX, SigningSecret, Webhook, WebhookTest

# Each costs the dispatcher a task, and every event a look.
MOST_OF_A_TENANT = 100
_SECRET_BYTES = 32
# Each signs every request until it expires.
_MOST_FORMER = 4


class Issued(NamedTuple):
    """A webhook with its newest secret, which is shown to nobody again, and offsets by topic."""

    webhook: Webhook
    secret: str
    offsets: dict[str, int]


class WebhookRegistrar:
    """Every method returns once this process has read its own records back, with their offsets by topic.

    Every method raises ProblemError: KAFKA_AWAY, the outcome is unknown; those that change a webhook also
    CONFLICT, others kept changing it, and NOT_FOUND, it was deleted meanwhile.
    """

    def __init__(self, directory: Directory, records: Records) -> None:
        """Decide by what has been read into `directory`."""
        self._directory = directory
        self._records = records

    async def create(self, tenant_id: str, wish: Mapping[str, Any], *, by: str) -> Issued:
        """Create a webhook of the fields in `wish`; it is told of what happens from now on.

        Raises:
            ProblemError: CONFLICT, the tenant has too many.
        """
        if len(self._directory.webhooks(tenant_id)) >= MOST_OF_A_TENANT:
            raise ProblemError(
                errors.CONFLICT, f"A tenant has at most {MOST_OF_A_TENANT} webhooks: delete one first."
            )
        now, secret = _now(), new_secret()
        webhook = Webhook(
            webhook_id=str(uuid.uuid7()),
            tenant_id=tenant_id,
            secrets=(SigningSecret(secret),),
            created_at=now,
            changed_at=now,
            starts_at=now,
            created_by=by,
            **wish,
        )
        try:
            offset = await self._records.create(webhook)
        except ConflictError as error:
            raise ProblemError(errors.CONFLICT, "The new id was taken: please ask again.") from error
        return Issued(webhook, secret, {control_topic(webhook): offset})

    async def change(self, webhook: Webhook, changes: Mapping[str, Any]) -> tuple[Webhook, dict[str, int]]:
        """Change fields by their names in the record; enabled again, it is told of what happens from then."""
        now = _now()
        return await self._records.change(webhook, lambda current: changed(current, changes, now))

    async def rotate(self, webhook: Webhook, *, overlap_ms: int) -> Issued:
        """Give it a new secret; the former ones sign for no longer than the overlap."""
        now, secret = _now(), new_secret()
        rotated, offsets = await self._records.change(
            webhook, lambda current: with_secret(current, secret, now, overlap_ms)
        )
        return Issued(rotated, secret, offsets)

    async def ask_for_test(self, webhook: Webhook) -> tuple[str, dict[str, int]]:
        """Have a test event sent; its id, which is sent as `webhook-id`."""
        test = WebhookTest(str(uuid.uuid4()), _now())
        _, offsets = await self._records.change(
            webhook, lambda current: msgspec.structs.replace(_existing(current), test=test)
        )
        return test.event_id, offsets

    async def delete(self, webhook: Webhook) -> dict[str, int]:
        """Delete it for good; offsets are empty when it is deleted already."""
        now = _now()
        _, offsets = await self._records.change(webhook, lambda current: deleted(current, now))
        return offsets


def new_secret() -> str:
    """256 random bits in the form of Standard Webhooks."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def changed(webhook: Webhook, changes: Mapping[str, Any], now: int) -> Webhook:
    """The webhook with other fields; the same one if they are as they were."""
    altered = msgspec.structs.replace(_existing(webhook), **changes)
    if altered == webhook:
        return webhook
    starts_at = now if altered.enabled and not webhook.enabled else webhook.starts_at
    return msgspec.structs.replace(altered, changed_at=now, starts_at=starts_at)


def with_secret(webhook: Webhook, secret: str, now: int, overlap_ms: int) -> Webhook:
    """The webhook with one more secret; none of the former gets more time than it had."""
    until = now + overlap_ms
    former = tuple(
        SigningSecret(s.secret, until if s.expires_at is None else min(until, s.expires_at))
        for s in _existing(webhook).secrets
    )
    kept = tuple(s for s in former if s.expires_at is not None and s.expires_at > now)
    signing = (SigningSecret(secret), *kept[:_MOST_FORMER])
    return msgspec.structs.replace(webhook, secrets=signing, changed_at=now)


def deleted(webhook: Webhook, now: int) -> Webhook:
    """What is left of it: nothing that could be called, and no secret."""
    if webhook.deleted_at is not None:
        return webhook
    return msgspec.structs.replace(
        webhook, url="", secrets=(), enabled=False, changed_at=now, deleted_at=now, test=None
    )


def _existing(webhook: Webhook) -> Webhook:
    if webhook.deleted_at is not None:
        raise ProblemError(errors.NOT_FOUND, f"The webhook {webhook.webhook_id} was deleted.")
    return webhook


def _now() -> int:
    return time.time_ns() // 1_000_000
