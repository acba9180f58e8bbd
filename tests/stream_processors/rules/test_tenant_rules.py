"""Rules over many agents: what partitions report is added up, and their alerts have a life."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from alert_engine.counters import COUNTERS, MONEY_UNITS, NAMES
from schemas.alert_rules import (
    Absence,
    AlertRuleTerms,
    Deviation,
    Metric,
    Operator,
    Rate,
    Scope,
    ScopeKind,
    SilenceTerms,
    Threshold,
)
from schemas.derived import Alert, DerivedEvent
from schemas.messages.values import Severity
from schemas.totals_block import CountsRow
from stream_processors.rules.partition import PartitionState, Record
from stream_processors.rules.partition_totals import TURN
from stream_processors.rules.tenant_totals import TenantState, decode_tenant, encode_tenant
from tests.stream_processors.rules.log_builder import (
    HOUR,
    MINUTE,
    SECOND,
    START,
    Log,
    World,
    alerts,
    event,
)
from tests.stream_processors.rules.random_logs import EXAMPLES
from tests.stream_processors.rules.replaying import replayed

TOTAL = Scope(ScopeKind.TOTAL)
FAILS = AlertRuleTerms(Metric.FAILURES, Threshold(10), scope=TOTAL, window_seconds=60)


def row(
    *, partition: int = 0, offset: int = 1, rule: str = "r/1", stretch: int = 0, **named: int
) -> CountsRow:
    counters = [named.get(name, 0) for name in NAMES]
    money = {f"spend/{name}": amount for name, amount in named.items() if name.isupper()}
    return CountsRow("default", partition, offset, rule, stretch, counters, money)


def under(terms: AlertRuleTerms) -> World:
    world = World()
    world.put(world.log.rule(world.now, 1, terms))
    return world


def reported(world: World, *rows: CountsRow) -> list[str]:
    return said(world.put(world.log.totals(world.now, rows)))


def said(events: Sequence[DerivedEvent]) -> list[str]:
    assert all(not alert.agent_id for alert in alerts(events))
    return [str(alert.change) for alert in alerts(events)]


def test_what_all_partitions_report_is_one_sum() -> None:
    world = under(FAILS)
    assert reported(world, row(failures=6)) == []
    (found,) = alerts(world.put(world.log.totals(world.now, [row(partition=1, failures=4)])))
    assert (found.agent_id, found.rule, found.rule_version) == ("", "r", 1)
    assert (found.value, found.threshold, found.severity) == (10, 10, Severity.MEDIUM)
    assert found.summary == "failures of all agents together: 10 in 1 min (alert at 10 or more)"
    assert found.evidence == []


def test_the_whole_way_from_agents_to_an_alert_and_its_end() -> None:
    world = under(FAILS)
    for agent in "ab":
        world.send(*[event(success=False, error_type="timeout")] * 5, agent=agent)
    world.wait(TURN)
    (fired,) = [alert for alert in alerts(world.come_home()) if not alert.agent_id]
    assert (fired.rule, fired.value) == ("r", 10)
    resolved = [alert for alert in alerts(world.wait(2 * MINUTE)) if not alert.agent_id]
    assert [(one.change, one.fingerprint) for one in resolved] == [("resolved", fired.fingerprint)]


def test_a_report_that_comes_again_or_late_changes_nothing() -> None:
    world = under(FAILS)
    assert reported(world, row(offset=5, failures=6)) == []
    before = encode_tenant(world.state.tenants["default"])
    for again in (row(offset=5, failures=6), row(offset=4, failures=50)):
        assert reported(world, again) == []
    after = decode_tenant(encode_tenant(world.state.tenants["default"]))
    assert after.rules == decode_tenant(before).rules
    assert reported(world, row(offset=6, failures=10)) == ["fired"]


def test_a_new_stretch_begins_with_nothing_and_a_total_that_shrank_has_not_grown() -> None:
    world = under(FAILS)
    reported(world, row(offset=5, failures=9))
    assert reported(world, row(offset=7, failures=2)) == []
    assert reported(world, row(offset=8, stretch=0, failures=1), row(offset=8, stretch=1)) == []
    assert reported(world, row(offset=9, stretch=1, failures=1)) == ["fired"]


def test_who_restarted_and_knows_less_of_an_old_stretch_is_not_believed() -> None:
    world = under(FAILS)
    reported(world, row(offset=5, stretch=1, failures=1))
    assert reported(world, row(offset=9, stretch=0, failures=50)) == []


def test_counts_of_other_versions_and_of_unknown_rules_are_left_alone() -> None:
    world = under(FAILS)
    for other in (row(rule="r/2", failures=50), row(rule="x/1", failures=50), row(failures=1)):
        assert reported(world, other) == []
    strange = CountsRow("default", 1, 1, "r/1", 0, [50] * (COUNTERS + 1), {})
    assert reported(world, strange) == []
    assert list(world.state.tenants["default"].rules) == ["r"]


def test_another_version_goes_on_with_the_alert_and_counts_from_its_own_beginning() -> None:
    world = under(FAILS)
    assert reported(world, row(failures=12)) == ["fired"]
    world.put(world.log.rule(world.now, 2, FAILS))
    assert reported(world, row(rule="r/2", offset=9, failures=1)) == []
    assert reported(world, row(rule="r/1", offset=10, failures=99)) == []
    world.now += SECOND
    events = world.wait(2 * MINUTE)
    assert [(alert.change, alert.rule_version) for alert in alerts(events)] == [("resolved", 2)]


def test_the_alert_of_a_rule_that_is_gone_or_of_each_agent_now_is_resolved() -> None:
    for change in (None, AlertRuleTerms(Metric.FAILURES, Threshold(10))):
        world = under(FAILS)
        assert reported(world, row(failures=12)) == ["fired"]
        world.put(world.log.rule(world.now, 2, change))
        assert said(world.wait(SECOND)) == ["resolved"]
        assert world.state.tenants["default"].rules == {}


def test_it_lasts_escalates_cools_down_and_is_silenced() -> None:
    terms = AlertRuleTerms(
        Metric.FAILURES,
        Threshold(10),
        scope=Scope(ScopeKind.TOTAL, labels={"team": "x"}),
        window_seconds=60,
        for_seconds=20,
        cool_down_seconds=600,
    )
    world = under(terms)
    assert reported(world, row(failures=10)) == []
    assert said(world.wait(19 * SECOND)) == []
    assert said(world.wait(2 * SECOND)) == ["fired"]
    silence = SilenceTerms(world.now, world.now + 20 * SECOND, labels={"team": "x"})
    world.put(world.log.silence(world.now, 1, silence))
    assert said(world.wait(3 * MINUTE)) == ["silenced", "unsilenced", "resolved"]
    assert reported(world, row(offset=2, failures=30)) == []
    assert said(world.wait(MINUTE)) == []


def test_a_silence_for_agents_or_other_labels_does_not_hold() -> None:
    world = under(FAILS)
    others = (
        SilenceTerms(START, START + HOUR, agents=("a*",)),
        SilenceTerms(START, START + HOUR, labels={"team": "x"}),
    )
    for number, silence in enumerate(others):
        world.put(world.log.silence(world.now, 1, silence, f"s{number}"))
    (fired,) = alerts(world.put(world.log.totals(world.now, [row(failures=12)])))
    assert fired.silenced_by == ""
    world.put(world.log.silence(world.now, 1, SilenceTerms(START, START + HOUR, rules=("r",)), "own"))
    assert said(world.wait(MINUTE // 2 + SECOND))[:1] == ["silenced"]


def test_every_condition_is_possible() -> None:
    share = AlertRuleTerms(Metric.ERROR_RATE, Threshold(0.5), scope=TOTAL)
    assert reported(under(share), row(failures=4, outcomes=7), row(partition=1, failures=1, outcomes=3)) == [
        "fired"
    ]
    spent = AlertRuleTerms(Metric.SPEND, Threshold(2), scope=TOTAL, currency="EUR")
    assert reported(under(spent), row(EUR=2 * MONEY_UNITS, USD=5 * MONEY_UNITS)) == ["fired"]
    often = AlertRuleTerms(Metric.EVENTS, Rate(2), scope=TOTAL)
    assert reported(under(often), row(events=10)) == ["fired"]
    missed = under(AlertRuleTerms(Metric.EVENTS, Absence(), scope=TOTAL, window_seconds=60))
    assert reported(missed, row(events=1)) == []
    assert said(missed.wait(2 * MINUTE)) == ["fired"]
    few = under(AlertRuleTerms(Metric.EVENTS, Threshold(3, Operator.AT_MOST), scope=TOTAL, window_seconds=60))
    assert reported(few, row(events=9)) == []
    assert said(few.wait(3 * MINUTE)) == ["fired"]


def test_what_is_usual_for_all_together_is_learnt() -> None:
    terms = AlertRuleTerms(Metric.TOKENS, Deviation(least_windows=3), scope=TOTAL, window_seconds=60)
    world, total = under(terms), 0
    world.now -= world.now % MINUTE
    for number in range(6):
        total += 1000
        assert reported(world, row(offset=number + 1, tokens=total)) == []
        world.now += MINUTE
    assert reported(world, row(offset=20, tokens=total + 100_000)) == ["fired"]


def test_a_tenant_without_such_rules_has_nothing_of_them() -> None:
    world = World()
    assert reported(world, row(failures=50)) == []
    assert world.state.tenants["default"].rules == {}
    assert said(world.wait(MINUTE)) == []


GAPS = st.sampled_from([0, SECOND, 5 * SECOND, MINUTE, HOUR, -MINUTE])


@st.composite
def home_logs(draw: st.DrawFn) -> list[Record]:
    """What partitions report of two rules that come, change and go, and ticks."""
    made, now = Log(), START
    built = [made.rule(now, 1, FAILS)]
    rules = st.sampled_from(
        [FAILS, AlertRuleTerms(Metric.FAILURES, Absence(), scope=TOTAL, window_seconds=60), None]
    )
    for _ in range(draw(st.integers(1, 25))):
        now = max(START, now + draw(GAPS))
        match draw(st.sampled_from(["tick", "tick", "report", "report", "report", "rule"])):
            case "tick":
                built.append(made.tick(now))
            case "rule":
                built.append(
                    made.rule(now, draw(st.integers(1, 3)), draw(rules), draw(st.sampled_from("qr")))
                )
            case _:
                rows = st.builds(
                    row,
                    partition=st.integers(0, 1),
                    offset=st.integers(0, 9),
                    rule=st.sampled_from(["r/1", "r/2", "q/1"]),
                    stretch=st.integers(0, 1),
                    failures=st.integers(0, 40),
                )
                built.append(made.totals(now, draw(st.lists(rows, min_size=1, max_size=3))))
    return built


@settings(max_examples=EXAMPLES)
@given(home_logs(), st.data())
def test_after_a_crash_the_same_alerts_have_the_same_ids(records: list[Record], data: st.DataObject) -> None:
    """The tenant is restored as of a cut, and all is replayed from any record before."""
    whole, expected = PartitionState(0), []
    cut = data.draw(st.integers(0, len(records)))
    restored: list[TenantState] = []
    for place, record in enumerate(records):
        if place == cut:
            restored = [decode_tenant(encode_tenant(one)) for one in whole.tenants.values()]
        expected.append(whole.absorb(record))
    second = replayed(restored, records, expected, cut)
    assert [encode_tenant(one) for one in second.tenants.values()] == [
        encode_tenant(one) for one in whole.tenants.values()
    ]
    ids = [found.id for events in expected for found in events if isinstance(found.data, Alert)]
    assert len(ids) == len(set(ids))
