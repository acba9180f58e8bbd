"""Bodies: the stock library reads the CloudEvent, and its data is that of the topic to the byte."""

import json

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st

from schemas.derived import SOURCE, Alert, AlertState
from schemas.messages.values import Severity
from schemas.webhooks import BodyFormat, WebhookTest
from tests.webhook_dispatcher.samples import ALERT, AT, NOW, TENANT, WEBHOOK, notification_of, webhook_with
from webhook_dispatcher.body import body_of, body_of_test


def test_the_stock_library_reads_the_event() -> None:
    notification = notification_of(event_id="e1")
    body = body_of(notification, BodyFormat.CLOUDEVENTS)
    event = from_structured(HTTPMessage({"content-type": body.content_type}, body.content), JSONFormat())
    assert (event.get_id(), event.get_source()) == ("e1", SOURCE)
    assert (event.get_type(), event.get_subject()) == ("io.promethios.alert.changed.v1", f"{TENANT}/scout")
    assert event.get_attributes()["datacontenttype"] == "application/json"
    assert event.get_attributes()["dataschema"] == notification.headers["ce_dataschema"].decode()
    data = event.get_data()
    assert isinstance(data, dict)
    assert data["rule"] == "trust-drop"


@given(st.text(st.characters(codec="utf-8"), max_size=50))
def test_the_data_is_that_of_the_topic(summary: str) -> None:
    alert = Alert(TENANT, "a", "f", "r", AlertState.RESOLVED, Severity.LOW, summary, AT, AT, [])
    notification = notification_of(alert)
    body = body_of(notification, BodyFormat.CLOUDEVENTS).content
    assert notification.value in body
    assert json.loads(body)["data"]["summary"] == summary


def test_a_text_for_a_chat() -> None:
    body = body_of(notification_of(), BodyFormat.SLACK)
    assert body.content_type == "application/json"
    assert json.loads(body.content) == {
        "text": f"*Alert {ALERT.state}: {ALERT.rule} (high)* agent `scout`\nfell"
    }


@pytest.mark.parametrize("body_format", BodyFormat)
def test_a_test_event_says_that_it_is_one(body_format: BodyFormat) -> None:
    body = body_of_test(webhook_with(body_format=body_format, name="ops"), WebhookTest("t1", NOW))
    found = json.loads(body.content)
    if body_format is BodyFormat.SLACK:
        assert found == {"text": "*Test* of the webhook ops: it works."}
    else:
        assert (found["id"], found["type"], found["time"]) == ("t1", "io.promethios.webhook.test.v1", AT)
        assert found["data"] == {"tenant_id": TENANT, "webhook_id": WEBHOOK.webhook_id}
