"""Texts for chats: about every type, short, and unable to call anybody."""

import dataclasses

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.derived import (
    AgentStatus,
    DerivedData,
    OnlineStatus,
    PolicyViolation,
    Reason,
    Spend,
    SpendFigure,
    TrustLevel,
    TrustScore,
    TrustStatus,
    ViolationSource,
)
from schemas.messages.values import Severity
from tests.webhook_dispatcher.samples import ALERT, AT, TENANT, notification_of, webhook_with
from webhook_dispatcher.slack import slack_text, text_of_test

WHO = (TENANT, "scout")
REASONS = [Reason("errors", 12.5), Reason("silence", 3)]
TRUST = TrustScore(*WHO, 84.5, TrustLevel.GOOD, TrustStatus.ACTIVE, 0.9, 80, 95, AT, REASONS, [])
VIOLATION = PolicyViolation(
    *WHO, "no-secrets", Severity.LOW, ViolationSource.REPORTED, "said <b> & more", AT, []
)
SPEND = Spend(TENANT, "lab", "2026-01-31", 0, [SpendFigure("USD", "0.25", 1, 2), SpendFigure("", "0", 0, 1)])
STATUS = AgentStatus(*WHO, OnlineStatus.OFFLINE, "missed 3", AT)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (ALERT, "*Alert firing: trust-drop (high)* agent `scout`\nfell"),
        (
            VIOLATION,
            "*Policy violation: no-secrets (low, reported)* agent `scout`\nsaid &lt;b&gt; &amp; more",
        ),
        (TRUST, "*Trust 84.5 (good)* agent `scout`\nerrors -12.5, silence -3"),
        (STATUS, "*Agent offline* agent `scout`\nmissed 3"),
        (SPEND, "*Spent on 2026-01-31, lab* \n0.25 USD"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_type_has_its_words(data: DerivedData, text: str) -> None:
    assert slack_text(notification_of(data)) == text


def test_a_type_of_the_future_is_named() -> None:
    future = dataclasses.replace(notification_of(), event_type="io.promethios.new.v1")
    assert slack_text(future) == "*io.promethios.new.v1* agent `scout`"


def test_data_that_does_not_fit_its_type_is_an_error() -> None:
    with pytest.raises(msgspec.ValidationError):
        slack_text(dataclasses.replace(notification_of(), value=b'{"tenant_id":"acme"}'))


@given(st.text(st.characters(codec="utf-8"), max_size=5000))
def test_no_text_of_an_agent_is_markup_or_too_long(summary: str) -> None:
    text = slack_text(notification_of(msgspec.structs.replace(ALERT, summary=f"<!channel> {summary}")))
    assert "<" not in text
    assert len(text) <= 3000


def test_a_test_names_the_webhook() -> None:
    assert text_of_test(webhook_with(name="<ops>")) == "*Test* of the webhook &lt;ops&gt;: it works."
    assert "w1" in text_of_test(webhook_with())
