"""Which rules, silences and labels hold for an agent: defaults, and what takes their place."""

from alert_engine.defaults import DEFAULT_RULES
from schemas.alert_rules import (
    AlertRule,
    AlertRuleTerms,
    AlertSilence,
    Metric,
    Scope,
    ScopeKind,
    SilenceTerms,
    Threshold,
)
from schemas.control import GovernedAgent, SuspensionSpan
from schemas.topics import Topic
from stream_processors.rules.alert_rules import DEFAULT, AlertControl, Alerting
from stream_processors.rules.control_history import AnyHistory, ControlVersion, encode_version

TERMS = AlertRuleTerms(Metric.FAILURES, Threshold(1))


def put(
    control: AlertControl, since: int, terms: AlertRuleTerms | None, name: str = "r", number: int = 0
) -> None:
    version = number or since
    rule = AlertRule("t", name, version, terms or TERMS, 1, "a", 1, "a", deleted=terms is None)
    control.rules.absorb(ControlVersion(since, version, f"t/{name}", rule))


def label(control: AlertControl, since: int, agent: str, **labels: str) -> None:
    control.agents.absorb(ControlVersion(since, since, f"t/{agent}", GovernedAgent("t", agent, labels)))


def own(alerting: Alerting) -> list[tuple[str, int]]:
    return [(rule.rule_id, rule.version) for rule in alerting.watch.rules if rule.version]


def test_who_says_nothing_has_the_defaults() -> None:
    assert AlertControl({}).of("t", "a", 5) is DEFAULT
    assert {rule.rule_id for rule in DEFAULT.watch.rules} == set(DEFAULT_RULES)


def test_a_rule_holds_from_its_record_on_for_those_in_its_scope() -> None:
    control = AlertControl({})
    put(control, 10, AlertRuleTerms(Metric.FAILURES, Threshold(1), scope=Scope(agents=("a*",))))
    assert [own(control.of("t", agent, 10)) for agent in ("a1", "b1")] == [[("r", 10)], []]
    put(control, 20, TERMS)
    put(control, 30, None)
    assert [own(control.of("t", "b1", offset)) for offset in (9, 19, 20, 29, 30)] == [
        [],
        [],
        [("r", 20)],
        [("r", 20)],
        [],
    ]
    assert own(control.of("u", "b1", 25)) == []


def test_a_default_is_changed_switched_off_and_back_again() -> None:
    control = AlertControl({})
    put(control, 10, TERMS, "error_rate")
    put(control, 20, AlertRuleTerms(Metric.FAILURES, Threshold(1), enabled=False), "error_rate")
    put(control, 30, None, "error_rate")

    def versions(offset: int) -> list[int]:
        rules = control.of("t", "a", offset).watch.rules
        return [rule.version for rule in rules if rule.rule_id == "error_rate"]

    assert [versions(offset) for offset in (9, 10, 20, 30)] == [[0], [10], [], [0]]


def test_labels_come_and_go() -> None:
    control = AlertControl({})
    put(control, 1, AlertRuleTerms(Metric.FAILURES, Threshold(1), scope=Scope(labels={"team": "x"})))
    label(control, 10, "a", team="x")
    label(control, 20, "a")
    found = [control.of("t", "a", offset) for offset in (9, 10, 20)]
    assert [own(alerting) for alerting in found] == [[], [("r", 1)], []]
    assert [dict(alerting.labels) for alerting in found] == [{}, {"team": "x"}, {}]


def test_agents_with_the_same_rules_share_them() -> None:
    control = AlertControl({})
    put(control, 1, TERMS)
    assert control.of("t", "a", 5).watch is control.of("t", "b", 5).watch


def test_silences_are_those_in_force() -> None:
    control = AlertControl({})
    for since, deleted in ((10, False), (20, True)):
        silence = AlertSilence("t", "s", since, SilenceTerms(0, 9), 1, "a", 1, "a", deleted=deleted)
        control.silences.absorb(ControlVersion(since, since, "t/s", silence))
    found = [control.of("t", "a", offset).silences for offset in (9, 10, 20)]
    assert [[one.silence_id for one in silences] for silences in found] == [[], ["s"], []]


def test_a_checkpoint_brings_all_back() -> None:
    control = AlertControl({})
    put(control, 10, TERMS)
    label(control, 11, "a", team="x")
    histories: tuple[AnyHistory, ...] = (control.rules, control.silences, control.agents)
    packed = {one.topic: [encode_version(version) for version in one.all()] for one in histories}
    again = AlertControl(packed)
    assert own(again.of("t", "a", 12)) == [("r", 10)]
    assert again.of("t", "a", 12).labels == {"team": "x"}
    assert set(packed) == {Topic.ALERT_RULES, Topic.ALERT_SILENCES, Topic.AGENTS}


def test_an_agent_is_suspended_from_its_record_on_until_it_is_resumed() -> None:
    control = AlertControl({})
    label(control, 5, "a", team="x")
    for since, span in ((10, SuspensionSpan(1)), (20, SuspensionSpan(1, 2))):
        control.agents.absorb(ControlVersion(since, since, "t/a", GovernedAgent("t", "a", suspension=span)))
    assert [control.is_suspended("t", "t/a", offset) for offset in (9, 10, 19, 20)] == [
        False,
        True,
        True,
        False,
    ]
    assert not control.is_suspended("t", "t/b", 10)


def test_rules_over_many_agents_are_no_agents_and_hold_from_their_records_on() -> None:
    control = AlertControl({})
    total = AlertRuleTerms(Metric.FAILURES, Threshold(1), scope=Scope(ScopeKind.TOTAL, ("a*",)))
    put(control, 10, total)
    put(control, 20, AlertRuleTerms(Metric.FAILURES, Threshold(1), scope=total.scope, enabled=False))
    put(control, 30, total, "s")
    assert [list(control.over_many("t", offset)) for offset in (9, 10, 19, 20, 30)] == [
        [],
        ["r"],
        ["r"],
        [],
        ["s"],
    ]
    assert control.over_many("t", 31) is control.over_many("t", 32)
    assert control.over_many("u", 31) == {}
    assert own(control.of("t", "a1", 31)) == []
    memberships = [
        control.of("t", agent, offset).watch.membership for agent in ("a1", "b1") for offset in (15, 31)
    ]
    assert memberships == ["r/10", "s/30", "", ""]
