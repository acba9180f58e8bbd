"""Texts for chats: about every type, short, and unable to call anybody."""

import dataclasses

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_engine.conditions import Reading
from alert_engine.defaults import DEFAULT_RULES
from alert_engine.life import Life
from alert_engine.looking import Occurrence
from alert_engine.telling import summary_of
from schemas.derived import (
    AgentStatus,
    AlertChange,
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
from tests.alert_engine.test_telling import DEFAULT_TEXTS
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
        (SPEND, "*Spent on 2026-01-31, lab*\n0.25 USD"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_type_has_its_words(data: DerivedData, text: str) -> None:
    assert slack_text(notification_of(data)) == text


@pytest.mark.parametrize("rule_id", DEFAULT_RULES)
def test_each_default_rule_is_told_of_in_plain_words(rule_id: str) -> None:
    value, limit, text = DEFAULT_TEXTS[rule_id]
    rule = DEFAULT_RULES[rule_id]
    found = Occurrence(rule_id, rule, AlertChange.FIRED, Reading(value, limit), Life(), 1)
    severity = rule.terms.severity
    alert = msgspec.structs.replace(ALERT, rule=rule_id, severity=severity, summary=summary_of(found))
    expected = f"*Alert firing: {rule_id} ({severity})* agent `scout`\n{text}"
    assert slack_text(notification_of(alert)) == expected


@pytest.mark.parametrize(
    ("change", "news"),
    [
        (AlertChange.ESCALATED, "worse than before"),
        (AlertChange.UNSILENCED, "firing, no longer silenced"),
        (AlertChange.FIRED, "firing"),
    ],
)
def test_what_is_new_about_an_alert_is_said(change: AlertChange, news: str) -> None:
    alert = msgspec.structs.replace(ALERT, change=change)
    assert slack_text(notification_of(alert)).startswith(f"*Alert {news}: trust-drop (high)*")


def test_an_alert_about_nobody_in_particular_names_nobody() -> None:
    alert = msgspec.structs.replace(ALERT, agent_id="", rule="budget_share", summary="80 % is spent")
    expected = "*Alert firing: budget_share (high)*\n80 % is spent"
    assert slack_text(notification_of(alert)) == expected


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
