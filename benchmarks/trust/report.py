"""The table of the validation: each metric, its target, and what each seed gave."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from benchmarks.trust.conducts import DAY, HONEST, HOUR, Label
from benchmarks.trust.driving import Trace
from benchmarks.trust.fleet import BAD, Fleet
from benchmarks.trust.measures import (
    RESTRICTED,
    WATCH,
    Share,
    agent_days_below,
    level_changes,
    mean,
    percentile,
    scored,
    separation,
    time_until_back,
    time_until_below,
)

Measure = Callable[[Fleet], str]


class Row(NamedTuple):
    """One line of the table."""

    metric: str
    target: str
    measure: Measure


def rows() -> list[Row]:
    """The lines for the model as it is."""
    return [
        Row("hard false alarms (<50) in 1000 honest agent-days", "<= 2", _false_alarms(RESTRICTED, *HONEST)),
        Row("watch (<70) in 1000 honest agent-days", "<= 50", _false_alarms(WATCH, *HONEST)),
        Row("hard alarms, honest agents that retry", "<= 2", _false_alarms(RESTRICTED, Label.RETRYING)),
        Row("watch, honest agents that retry", "<= 50", _false_alarms(WATCH, Label.RETRYING)),
        Row("level changes a day of an honest agent", "<= 1", _level_changes),
        Row("mean score: normal, noisy, slow, retrying", ">= 90, 80, 90, 90", _honest_means),
        Row("AUC of the mean score, all bad against honest", ">= .98", _separation(*BAD)),
        *[Row(f"AUC {label}", ">= .99", _separation(label)) for label in BAD if label is not Label.BURSTY],
        Row("AUC bursty: mean, minimum", ">= .95", _bursty_separation),
        Row("bursty: restricted within 4 days", ">= 80 %", _found(Label.BURSTY, RESTRICTED)),
        Row("bursty: watch within 4 days", "", _found(Label.BURSTY, WATCH)),
        Row("critical violation: <= 40", "next evaluation", _critical),
        Row("silent: watch, restricted, p50", "<= 10, 12 min", _times(Label.SILENT, 1.0, "min")),
        Row("on-off: watch, restricted, p50", "<= 3, 8 h", _times(Label.ON_OFF, HOUR, "h")),
        Row("liar: watch, restricted, p50", "<= 6, 24 h", _times(Label.LIAR, HOUR, "h")),
        Row("degrading: watch, restricted, p50", "<= 16, 24 h", _times(Label.DEGRADING, HOUR, "h")),
        Row("flooder: watch, restricted, p50", "<= 8, 24 h", _times(Label.FLOODER, HOUR, "h")),
        Row("slowing (x4): watch, p50; mean", "", _watched(Label.SLOWING)),
        Row("burning (x10): watch, p50; mean", "", _watched(Label.BURNING)),
        Row("1 h outage at 60 %: lowest, p5", ">= 50", _outage_lowest),
        Row("1 h outage: 85 again, p50, p90", "<= 6, 48 h", _outage_recovery),
        Row("AUC of an average over events, all bad", "", _baseline(lambda trace: trace.average)),
        Row("AUC of a Beta over the whole life, all bad", "", _baseline(lambda trace: trace.lifetime)),
        Row("CPU us an event, its making included", "", lambda f: f"{f.cpu_seconds / f.events * 1e6:.1f}"),
    ]


def recommended_rows() -> list[Row]:
    """The lines in which the model as first recommended differs."""
    return [
        Row("hard false alarms (<50) in 1000 honest agent-days", "<= 2", _false_alarms(RESTRICTED, *HONEST)),
        Row("hard alarms, honest agents that retry", "<= 2", _false_alarms(RESTRICTED, Label.RETRYING)),
        Row("watch, honest agents that retry", "<= 50", _false_alarms(WATCH, Label.RETRYING)),
        Row("degrading: watch, restricted, p50", "<= 16, 24 h", _times(Label.DEGRADING, HOUR, "h")),
        Row("flooder: watch, restricted, p50", "<= 8, 24 h", _times(Label.FLOODER, HOUR, "h")),
        Row("AUC bursty: mean, minimum", ">= .95", _bursty_separation),
        Row("bursty: restricted within 4 days", ">= 80 %", _found(Label.BURSTY, RESTRICTED)),
    ]


def table(lines: Sequence[Row], fleets: Sequence[Fleet]) -> str:
    """A table in Markdown, a column for each seed."""
    header = ["metric", "target", *(f"seed {fleet.seed}" for fleet in fleets)]
    body = [[row.metric, row.target, *(row.measure(fleet) for fleet in fleets)] for row in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in (header, ["---"] * len(header), *body))


def _means(traces: Sequence[Trace]) -> list[float]:
    return [mean(scored(trace)) for trace in traces]


def _lowest(traces: Sequence[Trace]) -> list[float]:
    return [min(scored(trace)) for trace in traces]


def _false_alarms(threshold: float, *labels: Label) -> Measure:
    def measure(fleet: Fleet) -> str:
        below, days = agent_days_below(fleet.of(*labels), threshold)
        return f"{below / days * 1000:.1f} ({below} in {days:.0f})"

    return measure


def _level_changes(fleet: Fleet) -> str:
    return f"{level_changes(fleet.of(*HONEST)):.2f}"


def _honest_means(fleet: Fleet) -> str:
    labels = (*HONEST, Label.RETRYING)
    return ", ".join(f"{mean(_means(fleet.of(label))):.0f}" for label in labels)


def _separation(*labels: Label) -> Measure:
    def measure(fleet: Fleet) -> str:
        return f"{separation(_means(fleet.of(*labels)), _means(fleet.of(*HONEST))):.3f}"

    return measure


def _bursty_separation(fleet: Fleet) -> str:
    bad, good = fleet.of(Label.BURSTY), fleet.of(*HONEST)
    by_lowest = separation(_lowest(bad), _lowest(good))
    return f"{separation(_means(bad), _means(good)):.3f}, {by_lowest:.3f}"


def _found(label: Label, threshold: float) -> Measure:
    def measure(fleet: Fleet) -> str:
        traces = fleet.of(label)
        share = Share(sum(time_until_below(trace, threshold) is not None for trace in traces), len(traces))
        low, high = share.interval
        return f"{share.found} of {share.total} ({low:.0%} to {high:.0%})"

    return measure


def _critical(fleet: Fleet) -> str:
    traces = fleet.of(Label.CRITICAL)
    minutes = [time_until_below(trace, 40.0 + 1e-9) for trace in traces]
    found = [minute for minute in minutes if minute is not None]
    return f"{len(found)} of {len(traces)}, <= {max(found):.0f} min"


def _times(label: Label, unit: float, name: str) -> Measure:
    def measure(fleet: Fleet) -> str:
        texts = []
        for threshold in (WATCH, RESTRICTED):
            times = [time_until_below(trace, threshold) for trace in fleet.of(label)]
            found = sum(time is not None for time in times)
            middle = percentile([float("inf") if time is None else time for time in times], 0.5)
            texts.append(f"{middle / unit:.1f} {name} ({found} of {len(times)})")
        return ", ".join(texts)

    return measure


def _watched(label: Label) -> Measure:
    def measure(fleet: Fleet) -> str:
        traces = fleet.of(label)
        times = [time_until_below(trace, WATCH) for trace in traces]
        found = sum(time is not None for time in times)
        middle = percentile([float("inf") if time is None else time for time in times], 0.5)
        return f"{middle / HOUR:.1f} h ({found} of {len(traces)}); {mean(_means(traces)):.0f}"

    return measure


def _outage_lowest(fleet: Fleet) -> str:
    lowest = [
        min(trace.scores[int(trace.onset) : int(trace.onset + DAY)]) for trace in fleet.of(Label.OUTAGE)
    ]
    return f"{percentile(lowest, 0.05):.0f}"


def _outage_recovery(fleet: Fleet) -> str:
    hours = [time_until_back(trace, 85.0, trace.onset + HOUR) / HOUR for trace in fleet.of(Label.OUTAGE)]
    return f"{percentile(hours, 0.5):.1f}, {percentile(hours, 0.9):.1f} h"


def _baseline(scores: Callable[[Trace], Sequence[float]]) -> Measure:
    def measure(fleet: Fleet) -> str:
        bad = [mean(scored(trace, scores(trace))) for trace in fleet.of(*BAD)]
        good = [mean(scored(trace, scores(trace))) for trace in fleet.of(*HONEST)]
        return f"{separation(bad, good):.3f}"

    return measure
