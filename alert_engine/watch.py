"""The rules in force for an agent, or for all that have the same, and what has to be counted for them."""

from collections.abc import Iterable
from typing import NamedTuple

from alert_engine.compiled import CompiledRule
from alert_engine.counters import COUNTERS, NAMES, money_name
from alert_engine.screening import screen_of
from alert_engine.shares import membership_of
from schemas.alert_rules import Metric

_GOOD_NEWS = frozenset({Metric.EVENTS, Metric.OUTCOMES})


class Need(NamedTuple):
    """A series that some rule reads: its key, its name and the width of its parts in milliseconds."""

    key: str
    name: str
    width: int


class Watch:
    """Rules in the order of their ids, and what they need; it does not change.

    `counted` says by place what has to be counted for whichever rule, `eager` whether one may be met by
    reports that are no bad news, `membership` has the keys of the rules over many agents of which the agent
    is one, empty for none; `screened` has each rule with its screen.
    """

    __slots__ = (
        "baselines",
        "counted",
        "counters",
        "currencies",
        "durations",
        "eager",
        "keys",
        "membership",
        "metrics",
        "missed",
        "money",
        "rules",
        "screened",
        "slow_from",
    )

    def __init__(self, rules: Iterable[CompiledRule], totals: Iterable[CompiledRule] = ()) -> None:
        """Take rules that are enabled and for the agent, and those over many of which it is one."""
        self.rules = tuple(sorted(rules, key=lambda rule: rule.rule_id))
        self.screened = tuple((rule, screen_of(rule)) for rule in self.rules)
        self.metrics = frozenset(rule.terms.metric for rule in self.rules)
        self.eager = any(rule.rests and rule.terms.metric in _GOOD_NEWS for rule in self.rules)
        needs = {
            key: Need(key, name, rule.width)
            for rule in self.rules
            for key, name in zip(rule.keys, rule.names, strict=True)
        }
        self.keys = frozenset(needs)
        self.counters = tuple(
            tuple(need for need in needs.values() if need.name == NAMES[place]) for place in range(COUNTERS)
        )
        self.durations = tuple(need for need in needs.values() if need.name == Metric.LATENCY_P95)
        self.money = tuple(need for need in needs.values() if need.name.startswith(money_name("")))
        over_many = sorted(totals, key=lambda rule: rule.rule_id)
        self.membership = membership_of(rule.key for rule in over_many)
        names = {need.name for need in needs.values()}.union(*(rule.names for rule in over_many))
        self.counted = tuple(name in names for name in NAMES)
        prefix = money_name("")
        self.currencies = frozenset(name.removeprefix(prefix) for name in names if name.startswith(prefix))
        self.missed = tuple(sorted({rule.names[0] for rule in self.rules if rule.misses}))
        # One rule for each baseline is enough to say how it is read.
        self.baselines = {rule.baseline_key: rule for rule in self.rules if rule.learns}
        self.slow_from = min(
            (rule.slow_from for rule in self.rules if rule.terms.metric is Metric.LATENCY_P95), default=0.0
        )


# For whom no rule is.
NOBODY = Watch(())
