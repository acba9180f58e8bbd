"""A webhook is told of what it asks for, and never of another tenant's events."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.derived import AgentStatus, AlertChange, DerivedData, OnlineStatus, Spend
from schemas.messages.values import Severity
from tests.webhook_dispatcher.samples import ALERT, AT, TENANT, notification_of, webhook_with
from webhook_dispatcher.matching import Filter

SPEND = Spend(TENANT, "", "2026-01-31", 0, [])
SPEND_TYPE = "io.promethios.spend.changed.v1"
STATUS = AgentStatus(TENANT, "scout", OnlineStatus.OFFLINE, "missed", AT)
ALERT_TYPE = "io.promethios.alert.changed.v1"


@pytest.mark.parametrize(
    ("fields", "data", "told"),
    [
        ({}, ALERT, True),
        ({}, STATUS, True),
        ({"event_types": (ALERT_TYPE,)}, ALERT, True),
        ({"event_types": (ALERT_TYPE,)}, STATUS, False),
        ({}, SPEND, False),
        ({"event_types": (SPEND_TYPE,)}, SPEND, True),
        ({"agent_ids": ("scout",)}, ALERT, True),
        ({"agent_ids": ("other",)}, ALERT, False),
        ({"min_severity": Severity.HIGH}, ALERT, True),
        ({"min_severity": Severity.CRITICAL}, ALERT, False),
        ({"min_severity": Severity.CRITICAL}, STATUS, True),
        ({}, msgspec.structs.replace(ALERT, silenced_by="s"), False),
        ({}, msgspec.structs.replace(ALERT, change=AlertChange.RECURRED), False),
        ({}, msgspec.structs.replace(ALERT, change=AlertChange.ESCALATED), True),
    ],
)
def test_all_that_is_asked_for_must_be_so(fields: dict[str, object], data: DerivedData, told: bool) -> None:
    assert Filter(webhook_with(**fields)).takes(notification_of(data)) is told


@given(st.sampled_from(Severity), st.sampled_from(Severity))
def test_severities_have_their_order(least: Severity, severity: Severity) -> None:
    order = [Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL]
    alert = notification_of(msgspec.structs.replace(ALERT, severity=severity))
    told = Filter(webhook_with(min_severity=least)).takes(alert)
    assert told is (order.index(severity) >= order.index(least))


def test_another_tenants_events_are_never_told() -> None:
    others = notification_of(msgspec.structs.replace(ALERT, tenant_id="other"))
    assert not Filter(webhook_with(agent_ids=("scout",))).takes(others)
