"""What a rule would have done with what is stored: the same engine, fed with parts of windows."""

from collections.abc import Iterable, Mapping

import msgspec

from alert_engine.agent_alerts import AgentAlerts
from alert_engine.compiled import CompiledRule
from alert_engine.conditions import Standing
from alert_engine.counters import EVENTS, EVIDENCE_OF
from alert_engine.feeding import feed
from alert_engine.looking import Look, Occurrence, look
from alert_engine.watch import Watch
from schemas.alert_rules import WINDOWED_METRICS, Metric
from schemas.derived import AlertChange


class Point(msgspec.Struct, frozen=True):
    """What came of an agent up to a moment (ms), or how it stands from then on.

    `amount` is a count, millionths of money, or the metric's value; `outcomes` are those among which failures
    are counted; `durations` are counts by class.
    """

    moment: int
    amount: float = 0
    outcomes: int = 0
    durations: Mapping[int, int] = {}


class TriedAlert(msgspec.Struct):
    """An alert that would have been: from when to when (ms), how severe at worst, and what fired it."""

    fired_at: int
    rank: int
    value: float | None
    threshold: float | None
    resolved_at: int | None = None


def try_rule(rule: CompiledRule, points: Iterable[Point], end: int) -> list[TriedAlert]:
    """The alerts of one agent, whose points come in the order of their moments, up to `end` (ms)."""
    trial = _Trial(rule)
    for point in points:
        trial.wait(point.moment)
        trial.take(point)
    trial.wait(end)
    return trial.alerts


class _Trial:
    def __init__(self, rule: CompiledRule) -> None:
        self.alerts: list[TriedAlert] = []
        self._rule = rule
        self._watch = Watch([rule])
        self._state = AgentAlerts()
        self._values: dict[Metric, float | None] = {}

    def wait(self, until: int) -> None:
        """Look whenever it is asked for, up to a moment."""
        while 0 < self._state.look_at <= until:
            self._look(self._state.look_at)

    def take(self, point: Point) -> None:
        """Count what came, and look."""
        metric, state = self._rule.terms.metric, self._state
        if metric not in WINDOWED_METRICS:
            self._values[metric] = point.amount
        else:
            self._count(metric, point)
        state.fresh |= 1 << EVIDENCE_OF.get(metric, EVENTS)
        self._look(point.moment)

    def _count(self, metric: Metric, point: Point) -> None:
        state, amounts = self._state, [int(point.amount)]
        if metric is Metric.ERROR_RATE:
            amounts.append(point.outcomes)
        feed(state, self._watch, self._rule, point.moment, amounts)
        if metric is Metric.LATENCY_P95:
            state.tally.durations = dict(point.durations)

    def _look(self, at: int) -> None:
        for found in look(self._state, self._watch, Look(at, Standing(self._values), _nobody)):
            self._note(found)

    def _note(self, found: Occurrence) -> None:
        if found.change is AlertChange.FIRED:
            reading = found.reading
            self.alerts.append(TriedAlert(found.at, found.life.rank, reading.value, reading.limit))
        elif found.change is AlertChange.RESOLVED:
            self.alerts[-1].resolved_at = found.at
        else:
            self.alerts[-1].rank = found.life.rank


def _nobody(_: str) -> str:
    return ""
