"""Which rules cannot be met: found out from bounds, at a fraction of what asking them takes.

A bound is what a window would come to if nothing had left it yet. It is computed as the value itself is, and
each of these operations, correctly rounded, keeps the order of what goes into it; so a value that meets a
condition never hides behind a bound that does not.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from alert_engine.baseline import Baseline
from alert_engine.compiled import CompiledRule
from alert_engine.counters import MONEY_UNITS
from alert_engine.series import Durations, Series, middle_of, sum_of
from schemas.alert_rules import COUNTED_METRICS, Deviation, Metric, Operator, Rate, Threshold

_MINUTE = 60_000

Values = Mapping[Metric, float | None]


class Kept(Protocol):
    """What is kept of an agent's windows."""

    series: dict[str, Series]
    durations: dict[str, Durations]
    baselines: dict[str, Baseline]


# Says of the windows, and of the values that are nothing of a window, whether a rule may be met.
Screen = Callable[[Kept, Values], bool]


def screen_of(rule: CompiledRule) -> Screen:
    """The screen of a rule; one that is about what does not come, or comes too little, passes always."""
    condition, metric = rule.terms.condition, rule.terms.metric
    if not rule.keys and isinstance(condition, Threshold) and condition.operator is Operator.AT_LEAST:
        return _standing(metric, condition.value)
    if not rule.rests:
        return _always
    if metric in COUNTED_METRICS:
        return _summed(rule)
    if isinstance(condition, Deviation):
        return _learnt(rule, condition)
    if isinstance(condition, Threshold):
        return _share(rule, condition) if metric is Metric.ERROR_RATE else _percentile(rule, condition)
    return _come(rule.keys[0])


def _always(_: Kept, __: Values) -> bool:
    return True


def _standing(metric: Metric, limit: float) -> Screen:
    def may_be_met(_: Kept, values: Values) -> bool:
        value = values.get(metric)
        return value is not None and value >= limit

    return may_be_met


def _come(key: str) -> Screen:
    def may_be_met(state: Kept, _: Values) -> bool:
        return key in state.series or key in state.durations

    return may_be_met


def _summed(rule: CompiledRule) -> Screen:
    key, condition = rule.keys[0], rule.terms.condition
    unit = MONEY_UNITS if rule.terms.metric is Metric.SPEND else 1
    match condition:
        case Threshold():
            limit = condition.value
        case Rate():
            return _rate(rule, condition, unit)
        case Deviation():
            return _burst(rule, condition, unit)
        case _:
            return _always

    def may_be_met(state: Kept, _: Values) -> bool:
        series = state.series.get(key)
        return series is not None and sum_of(series.sums) / unit >= limit

    return may_be_met


def _rate(rule: CompiledRule, condition: Rate, unit: int) -> Screen:
    key, window, limit = rule.keys[0], rule.window, condition.per_minute

    def may_be_met(state: Kept, _: Values) -> bool:
        series = state.series.get(key)
        return series is not None and sum_of(series.sums) / unit * _MINUTE / window >= limit

    return may_be_met


def _burst(rule: CompiledRule, condition: Deviation, unit: int) -> Screen:
    key, limit = rule.keys[0], condition.least_value
    learnt = _learnt(rule, condition)

    def may_be_met(state: Kept, values: Values) -> bool:
        series = state.series.get(key)
        return series is not None and learnt(state, values) and sum_of(series.sums) / unit >= limit

    return may_be_met


def _learnt(rule: CompiledRule, condition: Deviation) -> Screen:
    come, key, least = _come(rule.keys[0]), rule.baseline_key, condition.least_windows

    def may_be_met(state: Kept, values: Values) -> bool:
        baseline = state.baselines.get(key)
        return baseline is not None and baseline.windows >= least and come(state, values)

    return may_be_met


def _share(rule: CompiledRule, condition: Threshold) -> Screen:
    key, limit, least = rule.keys[0], condition.value, max(1, rule.terms.least_events)

    def may_be_met(state: Kept, _: Values) -> bool:
        failures = state.series.get(key)
        return failures is not None and sum_of(failures.sums) / least >= limit

    return may_be_met


def _percentile(rule: CompiledRule, condition: Threshold) -> Screen:
    key, limit = rule.keys[0], condition.value

    def may_be_met(state: Kept, _: Values) -> bool:
        durations = state.durations.get(key)
        return durations is not None and middle_of(max(map(max, durations.classes))) >= limit

    return may_be_met
