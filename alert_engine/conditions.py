"""Whether a rule's condition is met, and how severe that is."""

from collections.abc import Mapping
from typing import NamedTuple

from alert_engine.agent_alerts import AgentAlerts, value_of
from alert_engine.baseline import spread
from alert_engine.compiled import RANKS, CompiledRule
from schemas.alert_rules import (
    Absence,
    Deviation,
    Metric,
    Operator,
    Rate,
    Threshold,
)

_MINUTE = 60_000


class Standing(NamedTuple):
    """How an agent stands at a look: the metrics that are nothing of a window.

    None is no value. What is among `unknown` says nothing now, so an alert stays as it is. One that is
    `excused`, as it stopped in good order or is suspended, is not missed, and otherwise not before
    `awaited_since` (ms).
    """

    values: Mapping[Metric, float | None]
    unknown: frozenset[Metric] = frozenset()
    excused: bool = False
    awaited_since: int = 0


class Reading(NamedTuple):
    """What a rule found: the value, what it is compared with, and the severity's rank if it is met.

    Both are floats, also where a rule was written with a whole number: they are published, and rules that
    were read back have only floats.
    """

    value: float | None
    limit: float | None = None
    rank: int | None = None


def read(rule: CompiledRule, state: AgentAlerts, standing: Standing, now: int) -> Reading:
    """Ask a rule at `now` (ms), the tally having been carried over."""
    condition = rule.terms.condition
    if isinstance(condition, Absence):
        return _absence(rule, state, standing, now)
    # A metric of a window reads series, any other none.
    value = value_of(state, rule, now) if rule.keys else standing.values.get(rule.terms.metric)
    if value is None:
        return Reading(None)
    match condition:
        case Threshold():
            rank = _threshold_rank(rule, condition, value)
            return Reading(float(value), float(condition.value), rank)
        case Rate():
            value = value * _MINUTE / rule.window
            return _compared(rule, value, condition.per_minute)
        case Deviation():
            return _deviation(rule, condition, state, value)


def _compared(rule: CompiledRule, value: float, limit: float) -> Reading:
    return Reading(float(value), float(limit), RANKS[rule.terms.severity] if value >= limit else None)


def _threshold_rank(rule: CompiledRule, condition: Threshold, value: float) -> int | None:
    """The worst severity whose threshold is met."""
    at_least = condition.operator is Operator.AT_LEAST
    if not (value >= condition.value if at_least else value <= condition.value):
        return None
    rank = RANKS[rule.terms.severity]
    for escalation in condition.escalations:
        if value >= escalation.value if at_least else value <= escalation.value:
            rank = max(rank, RANKS[escalation.severity])
    return rank


def _absence(rule: CompiledRule, state: AgentAlerts, standing: Standing, now: int) -> Reading:
    last = state.last.get(rule.names[0])
    if last is None or standing.excused:
        return Reading(None)
    seconds = max(0, now - max(last, standing.awaited_since)) / 1000
    return _compared(rule, seconds, rule.window / 1000)


def _deviation(rule: CompiledRule, condition: Deviation, state: AgentAlerts, value: float) -> Reading:
    """The value that is shown is the metric's, the limit that from which on it would be met."""
    baseline = state.baselines.get(rule.baseline_key)
    if baseline is None or baseline.windows < condition.least_windows:
        return Reading(float(value))
    usual = baseline.mean + condition.deviations * spread(baseline)
    return _compared(rule, value, max(condition.least_value, usual))
