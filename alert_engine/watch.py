"""The rules in force for an agent, or for all that have the same, and what has to be counted for them."""

from collections.abc import Iterable
from typing import NamedTuple

from alert_engine.compiled import CompiledRule
from alert_engine.counters import COUNTERS, NAMES
from schemas.alert_rules import Metric


class Need(NamedTuple):
    """A series that some rule reads: its key, its name and the width of its parts in milliseconds."""

    key: str
    name: str
    width: int


class Watch:
    """Rules in the order of their ids, and what they need; it does not change."""

    __slots__ = (
        "baselines",
        "counters",
        "currencies",
        "durations",
        "keys",
        "metrics",
        "missed",
        "money",
        "rules",
        "slow_from",
    )

    def __init__(self, rules: Iterable[CompiledRule]) -> None:
        """Take rules that are enabled and for the agent."""
        self.rules = tuple(sorted(rules, key=lambda rule: rule.rule_id))
        self.metrics = frozenset(rule.terms.metric for rule in self.rules)
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
        self.money = tuple(need for need in needs.values() if need.name.startswith(f"{Metric.SPEND}/"))
        self.currencies = frozenset(need.name.partition("/")[2] for need in self.money)
        self.missed = tuple(sorted({rule.names[0] for rule in self.rules if rule.misses}))
        # One rule for each baseline is enough to say how it is read.
        self.baselines = {rule.baseline_key: rule for rule in self.rules if rule.learns}
        self.slow_from = min(
            (rule.slow_from for rule in self.rules if rule.terms.metric is Metric.LATENCY_P95), default=0.0
        )


# For whom no rule is.
NOBODY = Watch(())
