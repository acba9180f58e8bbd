"""Rules and silences are counted each for themselves, and defaults are known."""

import uuid
from collections.abc import AsyncIterator

import msgspec
import pytest

from query_api import alert_registrars
from runtime.problems import ProblemError
from runtime.settings import KafkaAddress
from schemas.alert_rules import AlertRuleTerms, Metric, Scope, ScopeKind, SilenceTerms, Threshold
from schemas.messages.values import Severity
from tests.query_api.registrars import Process, connected

pytestmark = pytest.mark.integration

TERMS = AlertRuleTerms(Metric.FAILURES, Threshold(1))


@pytest.fixture
async def process(control_kafka: KafkaAddress, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Process]:
    monkeypatch.setattr(alert_registrars, "MAX_RULES", 1)
    monkeypatch.setattr(alert_registrars, "MAX_SILENCES", 1)
    async with connected(control_kafka) as process:
        yield process


async def test_a_tenant_has_so_many_and_no_more(process: Process) -> None:
    tenant = f"tenant-{uuid.uuid4().hex}"
    rule, _ = await process.alert_rules.create(tenant, "a", TERMS, by="ada")
    silence, _ = await process.silences.create(tenant, "a", SilenceTerms(1, 2), by="ada")
    assert process.directory.alert_rules(tenant) == {"a": rule}
    assert process.directory.silences(tenant) == [silence]
    with pytest.raises(ProblemError, match="has 1 alert rules"):
        await process.alert_rules.create(tenant, "b", TERMS, by="ada")
    with pytest.raises(ProblemError, match="has 1 silences"):
        await process.silences.create(tenant, "b", SilenceTerms(1, 2), by="ada")
    await process.silences.delete(silence, by="ada")
    assert process.directory.silence(tenant, "a") is None


async def test_of_rules_over_many_agents_a_tenant_has_fewer(
    control_kafka: KafkaAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_registrars, "MAX_TOTAL_RULES", 1)
    tenant = f"tenant-{uuid.uuid4().hex}"
    total = AlertRuleTerms(Metric.FAILURES, Threshold(1), scope=Scope(ScopeKind.TOTAL))
    async with connected(control_kafka) as process:
        rules = process.alert_rules
        first, _ = await rules.create(tenant, "a", total, by="ada")
        await rules.replace(first, msgspec.structs.replace(total, severity=Severity.LOW), by="ada", version=1)
        with pytest.raises(ProblemError, match="has 1 rules over many agents"):
            await rules.create(tenant, "b", total, by="ada")
        second, _ = await rules.create(tenant, "b", TERMS, by="ada")
        with pytest.raises(ProblemError, match="has 1 rules over many agents"):
            await rules.replace(second, total, by="ada", version=None)


async def test_a_default_cannot_be_created(process: Process) -> None:
    with pytest.raises(ProblemError, match="There is an alert rule error_rate already"):
        await process.alert_rules.create(f"tenant-{uuid.uuid4().hex}", "error_rate", TERMS, by="ada")
