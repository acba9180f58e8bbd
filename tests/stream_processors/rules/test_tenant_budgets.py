"""Alerts about budgets have a life: fields, count, silences; a replay from anywhere gives the same."""

import hashlib
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.alert_rules import SilenceTerms
from schemas.budgets import BudgetPeriod, BudgetScope, BudgetTerms
from schemas.derived import Alert, AlertChange, AlertState
from schemas.messages.values import Severity
from schemas.timestamps import to_rfc3339
from schemas.totals_block import TotalsRow
from stream_processors.rules.partition import PartitionState, Record
from stream_processors.rules.tenant_budgets import BUDGET_SHARE, labels_of
from stream_processors.rules.tenant_totals import TenantState, decode_tenant, encode_tenant, number_of
from tests.stream_processors.rules.log_builder import DAY, HOUR, MINUTE, SECOND, START, Log, World, alerts
from tests.stream_processors.rules.random_logs import EXAMPLES
from tests.stream_processors.rules.replaying import replayed

UNIT = 10**12
TERMS = BudgetTerms(Decimal(10), "USD", period=BudgetPeriod.DAY, thresholds=(0.5, 0.8, 1.0))
CENTER = msgspec.structs.replace(TERMS, scope=BudgetScope.COST_CENTER, name="lab")
OF_AGENT = msgspec.structs.replace(TERMS, scope=BudgetScope.AGENT, name="pay-1")


class Spender:
    """A tenant's world in which partitions report what was spent."""

    def __init__(self, terms: BudgetTerms = TERMS) -> None:
        self.world, self.terms, self.offset = World(), terms, 0
        self.world.budget(terms)

    def spend(self, total: float, partition: int = 0) -> list[Alert]:
        """A partition's total is this now."""
        self.offset += 1
        period = self.terms.period
        row = TotalsRow(
            "default",
            partition,
            self.offset,
            self.terms.scope,
            self.terms.name,
            period,
            number_of(period, self.world.now),
            "USD",
            str(int(total * UNIT)),
        )
        return alerts(self.world.put(self.world.log.totals(self.world.now, [row])))

    def silence(self, lasts: int = HOUR, version: int = 1, **terms: Any) -> None:  # noqa: ANN401 - any field
        now = self.world.now
        made = SilenceTerms(now, now + lasts, **terms)
        self.world.put(self.world.log.silence(now, version, made))

    def wait(self, span: int = SECOND) -> list[Alert]:
        return alerts(self.world.wait(span))

    def end_day(self) -> list[Alert]:
        """A tick in the first second of the next day."""
        self.world.now = (self.world.now // DAY + 1) * DAY - SECOND
        return self.wait()


def changes(found: list[Alert]) -> list[str]:
    return [str(alert.change) for alert in found]


def test_what_fires_says_all_that_a_rules_alert_says() -> None:
    spender = Spender()
    (fired,) = spender.spend(6)
    at = to_rfc3339(START)
    assert fired == Alert(
        tenant_id="default",
        agent_id="",
        fingerprint=fired.fingerprint,
        rule=BUDGET_SHARE,
        state=AlertState.FIRING,
        severity=Severity.MEDIUM,
        summary="60 % of the budget b is spent today: 6 of 10 USD",
        started_at=at,
        ended_at=None,
        evidence=[],
        change=fired.change,
        metric="budget_share",
        value=0.6,
        threshold=0.5,
        count=1,
        first_seen_at=at,
        last_seen_at=at,
    )
    assert fired.change == "fired"


def test_each_threshold_makes_it_worse_and_the_end_says_how_it_went() -> None:
    spender = Spender()
    found = spender.spend(6)
    for total in (8, 9, 12):
        spender.world.now += SECOND
        found += spender.spend(total)
    assert [(one.change, one.severity, one.value, one.threshold, one.count) for one in found] == [
        ("fired", "medium", 0.6, 0.5, 1),
        ("escalated", "medium", 0.8, 0.8, 2),
        ("escalated", "high", 1.2, 1.0, 4),
    ]
    (ended,) = spender.end_day()
    assert (ended.change, ended.state, ended.severity) == ("resolved", "resolved", "high")
    assert ended.summary == "no longer: 0 % of the budget b is spent today: 0 of 10 USD"
    assert (ended.value, ended.threshold, ended.count) == (0.0, 0.5, 4)
    assert (ended.first_seen_at, ended.last_seen_at) == (to_rfc3339(START), to_rfc3339(START + 3 * SECOND))
    assert (ended.started_at, ended.ended_at) == (to_rfc3339(START), to_rfc3339(spender.world.now))


def test_a_period_that_begins_as_the_one_before_did_not_end_resolves_and_fires_at_once() -> None:
    spender = Spender()
    spender.spend(6)
    spender.world.now += DAY
    before = len(spender.world.events)
    assert changes(spender.spend(9)) == ["resolved", "fired"]
    assert len({event.id for event in spender.world.events[before:]}) == 2
    assert spender.world.state.tenants["default"].budgets["b"].life.count == 1


def test_spending_that_goes_on_is_told_of_once_a_minute_and_time_alone_never() -> None:
    spender, found = Spender(), list[Alert]()
    spender.spend(6)
    assert spender.wait(5 * MINUTE) == []
    for total in range(600, 620):
        found += spender.spend(total / 100)
        spender.wait(10 * SECOND)
    assert changes(found) == ["recurred"] * 4
    # The first report says what was known already.
    assert [one.count for one in found] == [2, 8, 14, 20]
    assert found[0].last_seen_at != found[0].first_seen_at == to_rfc3339(START)


def test_what_was_known_or_is_of_another_day_does_not_count() -> None:
    spender = Spender()
    spender.spend(6)
    spender.spend(6)
    spender.spend(5)
    yesterday = TotalsRow(
        "default", 1, 99, BudgetScope.TENANT, "", BudgetPeriod.DAY, START // DAY - 1, "USD", str(UNIT)
    )
    spender.world.put(spender.world.log.totals(spender.world.now, [yesterday]))
    assert spender.world.state.tenants["default"].budgets["b"].life.count == 1


def test_terms_that_grow_more_severe_escalate_at_the_same_number_of_thresholds() -> None:
    spender = Spender(msgspec.structs.replace(TERMS, thresholds=(0.5,)))
    assert [one.severity for one in spender.spend(6)] == ["medium"]
    spender.world.budget(msgspec.structs.replace(TERMS, amount=Decimal(5), thresholds=(1.0,)), 2)
    assert [(one.change, one.severity) for one in spender.wait()] == [("escalated", "high")]


def test_a_silence_holds_what_fires_and_its_end_tells_of_it() -> None:
    spender = Spender()
    spender.silence(MINUTE, rules=("budget_*",))
    (fired,) = spender.spend(6)
    assert (fired.change, fired.silenced_by) == ("fired", "s")
    (worse,) = spender.spend(8)
    assert (worse.change, worse.silenced_by) == ("escalated", "s")
    found = spender.wait(2 * MINUTE)
    assert [(one.change, one.silenced_by) for one in found] == [("unsilenced", "")]
    assert (found[0].value, found[0].threshold, found[0].count) == (0.8, 0.8, 2)
    spender.silence(HOUR, 2)
    assert [(one.change, one.silenced_by) for one in spender.wait()] == [("silenced", "s")]
    assert spender.wait(MINUTE) == []


@pytest.mark.parametrize(
    "change", [None, msgspec.structs.replace(TERMS, amount=Decimal(100))], ids=["deleted", "raised"]
)
def test_what_ends_in_silence_says_so(change: BudgetTerms | None) -> None:
    spender = Spender()
    spender.silence()
    spender.spend(6)
    spender.world.budget(change, 2)
    (ended,) = spender.wait()
    assert (ended.change, ended.silenced_by) == ("resolved", "s")
    assert spender.world.state.tenants["default"].budgets == {}
    if change is None:
        assert (ended.summary, ended.value, ended.threshold) == ("the budget b is deleted", None, None)


@pytest.mark.parametrize(
    ("terms", "named", "holds"),
    [
        (TERMS, {}, True),
        (TERMS, {"rules": ("budget_share",)}, True),
        (TERMS, {"rules": ("error_rate",)}, False),
        (TERMS, {"labels": {"budget": "b"}}, True),
        (TERMS, {"labels": {"budget": "c"}}, False),
        (TERMS, {"labels": {"team": "x"}}, False),
        (TERMS, {"agents": ("pay-*",)}, False),
        (TERMS, {"labels": {"cost_center": "lab"}}, False),
        (CENTER, {"labels": {"cost_center": "lab"}}, True),
        (CENTER, {"labels": {"cost_center": "lab", "budget": "b"}}, True),
        (CENTER, {"labels": {"cost_center": "shop"}}, False),
        (CENTER, {"agents": ("lab",)}, False),
        (OF_AGENT, {"agents": ("pay-*",)}, True),
        (OF_AGENT, {"agents": ("scout",)}, False),
    ],
)
def test_a_silence_names_budgets_by_rule_agent_and_labels(
    terms: BudgetTerms, named: dict[str, Any], holds: bool
) -> None:
    spender = Spender(terms)
    spender.silence(**named)
    (fired,) = spender.spend(6)
    assert fired.silenced_by == ("s" if holds else "")


def test_another_silence_that_takes_over_is_no_news_but_is_remembered() -> None:
    spender = Spender()
    spender.silence(MINUTE)
    spender.spend(6)
    second = SilenceTerms(START, START + HOUR)
    spender.world.put(spender.world.log.silence(START, 1, second, "t"))
    assert spender.wait(2 * MINUTE) == []
    state = spender.world.state.tenants["default"]
    assert state.budgets["b"].life.silence == "t"
    assert state.fence > 3, "a state that changed is stored anew"


def test_labels_say_which_budget_and_which_cost_centre() -> None:
    assert labels_of("b", TERMS) == labels_of("b", OF_AGENT) == {"budget": "b"}
    assert labels_of("b", CENTER) == {"budget": "b", "cost_center": "lab"}


def test_the_packed_state_is_pinned() -> None:
    """Where this changes on purpose, states of the release before cannot be read."""
    spender = Spender()
    spender.silence()
    spender.spend(8)
    spender.spend(9)
    packed = msgspec.msgpack.decode(encode_tenant(spender.world.state.tenants["default"]))
    assert packed[4] == {"b": [START // DAY, 2, [START, START, 0, START, 2, 1, "s", START]]}


def test_a_fixed_log_gives_the_pinned_events_and_state() -> None:
    """The same on every machine: put the new digests here where a rule is changed on purpose."""
    spender, value = Spender(), 12345
    for step in range(400):
        value = (value * 1103515245 + 12345) % 2**31
        spender.world.now += (SECOND, 20 * SECOND, MINUTE, HOUR)[value >> 16 & 3]
        if step % 40 == 7:
            spender.silence(HOUR // 2, step)
        if step % 90 == 50:
            spender.world.budget(msgspec.structs.replace(TERMS, amount=Decimal(8 + step % 7)), step)
        total = spender.world.now % DAY * 14 / DAY
        spender.spend(total / 2, value >> 20 & 1)
        spender.wait(2 * SECOND)
    digests = [hashlib.sha256(), hashlib.sha256(encode_tenant(spender.world.state.tenants["default"]))]
    for event in spender.world.events:
        digests[0].update(msgspec.msgpack.encode(event))
    assert set(changes(alerts(spender.world.events))) == set(AlertChange)
    assert [one.hexdigest()[:16] for one in digests] == ["08af5472f74c1829", "70c12916c5f9e13e"]


GAPS = st.sampled_from([0, SECOND, 30 * SECOND, MINUTE, HOUR, DAY, -MINUTE])


@st.composite
def home_logs(draw: st.DrawFn) -> list[Record]:
    """What partitions report of budgets that come, change and go, and silences, and ticks."""
    made, now = Log(), START
    built = [made.budget(now, 1, draw(st.sampled_from([TERMS, CENTER])))]
    budgets = st.sampled_from([TERMS, CENTER, msgspec.structs.replace(TERMS, thresholds=(1.0,)), None])
    for number in range(draw(st.integers(1, 25))):
        now = max(START, now + draw(GAPS))
        match draw(st.sampled_from(["tick", "tick", "report", "report", "report", "budget", "silence"])):
            case "tick":
                built.append(made.tick(now))
            case "budget":
                built.append(made.budget(now, number, draw(budgets), draw(st.sampled_from("bc"))))
            case "silence":
                terms = SilenceTerms(now, now + draw(st.sampled_from([SECOND, MINUTE, DAY])))
                name, gone = draw(st.sampled_from("st")), draw(st.booleans())
                built.append(made.silence(now, number, terms, name, deleted=gone))
            case _:
                rows = [reported(draw, now) for _ in range(draw(st.integers(1, 3)))]
                built.append(made.totals(now, rows))
    return built


def reported(draw: st.DrawFn, now: int) -> TotalsRow:
    scope, name = draw(st.sampled_from([(BudgetScope.TENANT, ""), (BudgetScope.COST_CENTER, "lab")]))
    return TotalsRow(
        tenant_id="default",
        log_partition=draw(st.integers(0, 1)),
        offset=draw(st.integers(0, 9)),
        scope=scope,
        name=name,
        period=BudgetPeriod.DAY,
        number=now // DAY - draw(st.integers(0, 1)),
        currency="USD",
        units=str(draw(st.integers(0, 12)) * UNIT),
    )


@settings(max_examples=EXAMPLES)
@given(home_logs(), st.data())
def test_after_a_crash_the_same_alerts_have_the_same_ids(records: list[Record], data: st.DataObject) -> None:
    """The tenant is restored as checkpoints had stored it by a cut, and all is replayed from the start."""
    whole, expected = PartitionState(0), []
    cut = data.draw(st.integers(0, len(records)))
    stored: dict[str, bytes] = {}
    restored: list[TenantState] = []
    for place, record in enumerate(records):
        if place == cut:
            restored = [decode_tenant(packed) for packed in stored.values()]
        expected.append(whole.absorb(record))
        # As checkpoints do: only what is said to have changed is written.
        stored |= {one.tenant_id: encode_tenant(one) for one in whole.drain_tenants()}
    second = replayed(restored, records, expected, cut)
    now = {one.tenant_id: encode_tenant(one) for one in second.tenants.values()}
    assert now == stored == {one.tenant_id: encode_tenant(one) for one in whole.tenants.values()}
    found = [event for events in expected for event in events if isinstance(event.data, Alert)]
    assert len({event.id for event in found}) == len(found)


@settings(max_examples=EXAMPLES)
@given(home_logs())
def test_every_life_fires_first_counts_up_and_is_resolved_once(records: list[Record]) -> None:
    state = PartitionState(0)
    firing: dict[str, Alert] = {}
    for alert in (one for record in records for one in alerts(state.absorb(record))):
        before = firing.get(alert.fingerprint)
        assert (alert.change == "fired") is (before is None)
        if before is not None:
            assert (alert.started_at, alert.first_seen_at) == (before.started_at, before.first_seen_at)
            assert alert.count >= before.count
            assert str(alert.last_seen_at) >= str(before.last_seen_at)
            silenced, was = bool(alert.silenced_by), bool(before.silenced_by)
            assert alert.change != "silenced" or (silenced and not was)
            assert alert.change != "unsilenced" or (was and not silenced)
        if alert.change == "resolved":
            del firing[alert.fingerprint]
        else:
            firing[alert.fingerprint] = alert
            assert alert.value is not None
            assert alert.threshold is not None
            assert alert.value >= alert.threshold
    assert len(firing) == len(state.tenants.get("default", TenantState("default")).budgets)
