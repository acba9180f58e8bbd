"""The body of a request: the CloudEvent in structured JSON mode, its data as it stands on the topic; pure."""

from typing import Any, NamedTuple

import msgspec

from schemas.timestamps import to_rfc3339
from schemas.webhooks import TEST_SOURCE, TEST_TYPE, BodyFormat, Webhook, WebhookTest
from webhook_dispatcher.notification import ATTRIBUTE_PREFIX, CONTENT_TYPE, Notification
from webhook_dispatcher.slack import slack_text, text_of_test


class Body(NamedTuple):
    """What is sent, and its media type."""

    content_type: str
    content: bytes


def body_of(notification: Notification, body_format: BodyFormat) -> Body:
    """An event's body.

    Raises:
        ValueError, msgspec.MsgspecError: it cannot be put into this format.
    """
    if body_format is BodyFormat.SLACK:
        return _slack(slack_text(notification))
    attributes = {
        name.removeprefix(ATTRIBUTE_PREFIX): value.decode()
        for name, value in notification.headers.items()
        if name.startswith(ATTRIBUTE_PREFIX)
    }
    if CONTENT_TYPE in notification.headers:
        attributes["datacontenttype"] = notification.headers[CONTENT_TYPE].decode()
    return _cloud_event({**attributes, "data": msgspec.Raw(notification.value)})


def body_of_test(webhook: Webhook, test: WebhookTest) -> Body:
    """The body of a test event."""
    if webhook.body_format is BodyFormat.SLACK:
        return _slack(text_of_test(webhook))
    return _cloud_event(
        {
            "specversion": "1.0",
            "id": test.event_id,
            "source": TEST_SOURCE,
            "type": TEST_TYPE,
            "subject": f"{webhook.tenant_id}/{webhook.webhook_id}",
            "time": to_rfc3339(test.requested_at),
            "datacontenttype": "application/json",
            "data": {"tenant_id": webhook.tenant_id, "webhook_id": webhook.webhook_id},
        }
    )


def _cloud_event(event: dict[str, Any]) -> Body:
    return Body("application/cloudevents+json", msgspec.json.encode(event))


def _slack(text: str) -> Body:
    return Body("application/json", msgspec.json.encode({"text": text}))
