"""What alert rules remember of one agent: a tally that is added to often, and what it is carried over to."""

import msgspec

from alert_engine.baseline import Baseline, learn
from alert_engine.compiled import CompiledRule
from alert_engine.counters import COUNTERS, EVENTS, MONEY_UNITS, NAMES
from alert_engine.life import Life
from alert_engine.series import Durations, Series, percentile, sum_of
from alert_engine.watch import Need, Watch
from schemas.alert_rules import WINDOW_PARTS, Deviation, Metric

# What comes within so many milliseconds is added up first: the width of the narrowest part of a window.
GRAIN = 5000

_PERCENT = 95


class Tally(msgspec.Struct, array_like=True, gc=False):
    """What came since the grain `grain` began: counters by their places, money by its series, durations."""

    grain: int = 0
    counters: list[int] = msgspec.field(default_factory=lambda: [0] * COUNTERS)
    money: dict[str, int] | None = None
    durations: dict[int, int] | None = None


class AgentAlerts(msgspec.Struct, array_like=True, gc=False):
    """Of bounded size by the rules in force; all times in milliseconds.

    `look_at` is when rules are to be asked again, 0 for never, `fresh` has a bit for each kind of evidence
    that came since the last look, and `evidence` names the latest events of each, as batch id and place.
    `last` is when what may be missed last came, by its name, `best_rank` the best level of trust so far.
    """

    tally: Tally = msgspec.field(default_factory=Tally)
    look_at: int = 0
    fresh: int = 0
    best_rank: int = 0
    last: dict[str, int] = msgspec.field(default_factory=dict)
    series: dict[str, Series] = msgspec.field(default_factory=dict)
    durations: dict[str, Durations] = msgspec.field(default_factory=dict)
    baselines: dict[str, Baseline] = msgspec.field(default_factory=dict)
    evidence: dict[int, list[tuple[bytes, int]]] = msgspec.field(default_factory=dict)
    lives: dict[str, Life] = msgspec.field(default_factory=dict)


def carry_over(state: AgentAlerts, watch: Watch) -> None:
    """Add the tally to the series that rules read, and let go of those that none reads any more."""
    tally = state.tally
    if not tally.counters[EVENTS]:
        return
    moment = tally.grain * GRAIN
    for key, rule in watch.baselines.items():
        _learn(state, key, rule, moment)
    _add_sums(state, watch, tally, moment)
    if tally.durations:
        _add_durations(state, watch, tally.durations, moment)
    for name in watch.missed:
        if _has(tally, name):
            state.last[name] = moment + GRAIN
    state.tally = Tally(tally.grain)
    _let_go(state, watch)


def value_of(state: AgentAlerts, rule: CompiledRule, now: int) -> float | None:
    """What a windowed metric comes to in the window that ends at `now`; None where that says too little."""
    metric = rule.terms.metric
    # A window to be compared with former ones must not be longer than they are.
    parts = WINDOW_PARTS if rule.learns else WINDOW_PARTS + 1
    if metric is Metric.LATENCY_P95:
        durations = state.durations.get(rule.keys[0])
        counts = {} if durations is None else durations.total(now, parts)
        return _percentile(counts, rule.terms.least_events)
    totals = [0 if (one := state.series.get(key)) is None else one.total(now, parts) for key in rule.keys]
    return _value(totals, rule)


def _learn(state: AgentAlerts, key: str, rule: CompiledRule, moment: int) -> None:
    """Learn what the last window came to in which the agent reported anything, once another has begun."""
    window = moment // rule.window
    baseline = state.baselines.get(key)
    if baseline is None:
        if _has(state.tally, rule.names[0]):
            state.baselines[key] = Baseline(window)
        return
    if window <= baseline.window:
        return
    value = _value_of_window(state, rule, baseline.window)
    if value is not None:
        condition = rule.terms.condition
        least = condition.least_windows if isinstance(condition, Deviation) else 1
        learn(baseline, value, least)
    baseline.window = window


def _value_of_window(state: AgentAlerts, rule: CompiledRule, window: int) -> float | None:
    if rule.terms.metric is Metric.LATENCY_P95:
        durations = state.durations.get(rule.keys[0])
        counts = {} if durations is None else durations.total_of_window(window)
        return _percentile(counts, rule.terms.least_events)
    totals = [
        0 if (one := state.series.get(key)) is None else one.total_of_window(window) for key in rule.keys
    ]
    return _value(totals, rule)


def _value(totals: list[int], rule: CompiledRule) -> float | None:
    metric = rule.terms.metric
    if metric is Metric.ERROR_RATE:
        failures, outcomes = totals
        return failures / outcomes if outcomes >= max(1, rule.terms.least_events) else None
    return totals[0] / MONEY_UNITS if metric is Metric.SPEND else float(totals[0])


def _percentile(counts: dict[int, int], least: int) -> float | None:
    return percentile(counts, _PERCENT) if sum_of(list(counts.values())) >= max(1, least) else None


def _add_sums(state: AgentAlerts, watch: Watch, tally: Tally, moment: int) -> None:
    for place, amount in enumerate(tally.counters):
        if amount:
            for need in watch.counters[place]:
                _series(state, need).add(moment, amount)
    if tally.money:
        for need in watch.money:
            if need.name in tally.money:
                _series(state, need).add(moment, tally.money[need.name])


def _add_durations(state: AgentAlerts, watch: Watch, counts: dict[int, int], moment: int) -> None:
    for need in watch.durations:
        durations = state.durations.get(need.key)
        if durations is None:
            durations = state.durations[need.key] = Durations(need.width)
        durations.add(moment, counts)


def _has(tally: Tally, name: str) -> bool:
    if name == Metric.LATENCY_P95:
        return bool(tally.durations)
    if name in NAMES:
        return tally.counters[NAMES.index(name)] > 0
    return tally.money is not None and name in tally.money


def _series(state: AgentAlerts, need: Need) -> Series:
    series = state.series.get(need.key)
    if series is None:
        series = state.series[need.key] = Series(need.width)
    return series


def _let_go(state: AgentAlerts, watch: Watch) -> None:
    if len(state.series) + len(state.durations) > len(watch.keys) or not watch.keys.issuperset(state.series):
        state.series = {key: one for key, one in state.series.items() if key in watch.keys}
        state.durations = {key: one for key, one in state.durations.items() if key in watch.keys}
    if len(state.last) > len(watch.missed):
        state.last = {name: at for name, at in state.last.items() if name in watch.missed}
    if len(state.baselines) > len(watch.baselines):
        state.baselines = {key: one for key, one in state.baselines.items() if key in watch.baselines}
