"""Rules and looks for the tests of the engine."""

from typing import Any

from alert_engine.agent_alerts import GRAIN, AgentAlerts, carry_over
from alert_engine.compiled import CompiledRule, compile_rule
from alert_engine.conditions import Standing
from alert_engine.counters import EVENTS
from alert_engine.looking import Look, Occurrence, look
from alert_engine.watch import Watch
from schemas.alert_rules import AlertRuleTerms, Condition, Metric, Threshold

START = 1_800_000_000_000
SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


def rule(
    metric: Metric = Metric.FAILURES,
    condition: Condition = Threshold(3),  # noqa: B008 - it does not change
    name: str = "r",
    **terms: Any,  # noqa: ANN401 - any field
) -> CompiledRule:
    return compile_rule(name, 1, AlertRuleTerms(metric, condition, **terms))


class Agent:
    """One agent under some rules, that reports and is looked at."""

    def __init__(self, *rules: CompiledRule) -> None:
        self.watch = Watch(rules)
        self.state = AgentAlerts()
        self.now = START
        self.silence = ""
        self.stopped = False
        self.values: dict[Metric, float | None] = {}
        self.unknown = frozenset[Metric]()

    def report(self, place: int, amount: int = 1) -> None:
        """Count something now, as the processors do."""
        if self.state.tally.grain != self.now // GRAIN:
            carry_over(self.state, self.watch)
            self.state.tally.grain = self.now // GRAIN
        self.state.tally.counters[EVENTS] += 1
        if place != EVENTS:
            self.state.tally.counters[place] += amount
        self.state.fresh |= 1 << place

    def look(self) -> list[Occurrence]:
        standing = Standing(self.values, self.unknown, self.stopped)
        return look(self.state, self.watch, Look(self.now, standing, lambda _: self.silence))

    def wait(self, span: int) -> list[Occurrence]:
        """Time passes; looked at whenever it was asked for, at whole seconds."""
        found, end = [], self.now + span
        while self.now < end:
            self.now += SECOND
            if 0 < self.state.look_at <= self.now:
                found += self.look()
        return found


def changes(found: list[Occurrence]) -> list[str]:
    return [one.change.value for one in found]
