"""Figures of a run, and their tables in Markdown; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.gateway.results import Spread, markdown, spread
from benchmarks.processors.contenders import Started
from benchmarks.processors.fleet import Shape
from benchmarks.processors.raw_loop import Lap

RAW = "raw loop"
WORKER = "1 worker"
MUST_RATIO, AIM_RATIO = 0.6, 0.85
# Events a second of one process, by agents: must and aim.
REQUIRED = {200: (100_000, 200_000), 100_000: (30_000, 100_000)}
MUST_DELAY = 1.0


class Case(NamedTuple):
    """What the log holds: of how many agents, in blocks of what shape."""

    agents: int
    shape: Shape

    def __str__(self) -> str:
        return f"{self.agents:,} agents, {self.shape}"


@dataclass(frozen=True, slots=True)
class Sample:
    """One contender's lap over one stretch of the log."""

    contender: str
    case: Case
    lap: Lap

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.lap.events / self.lap.seconds

    @property
    def cpu_per_million(self) -> float:
        """CPU seconds for a million events, all processes of the contender together."""
        return self.lap.cpu / self.lap.events * 1e6

    def line(self) -> str:
        """The sample on one line, to see how it goes."""
        return (
            f"{self.case}, {self.contender}: {self.rate:,.0f} events/s, {self.cpu_per_million:.2f} CPU s/M "
            f"({self.lap.events:,} events in {self.lap.seconds:.1f} s)"
        )


def table(samples: Sequence[Sample]) -> str:
    """A row for each case and contender: medians with their ends, of the ratio to the raw loop as well."""
    header = ("agents, requests x events a block, reader", "events/s", f"of the {RAW}", "CPU s/M events")
    rows = []
    for case in dict.fromkeys(sample.case for sample in samples):
        for contender in dict.fromkeys(sample.contender for sample in samples):
            own = [sample for sample in samples if (sample.case, sample.contender) == (case, contender)]
            if own:
                ratios = _ratios(samples, case, contender)
                rows.append(
                    (
                        f"{case}, {contender}",
                        _rates(own).text(",.0f"),
                        "" if ratios is None else ratios.text(".2f"),
                        spread(sample.cpu_per_million for sample in own).text(".2f"),
                    )
                )
    return markdown(header, rows)


def verdicts(samples: Sequence[Sample]) -> list[str]:
    """Whether one worker does what is required of it; the rate is required of blocks of one request."""
    lines = []
    for case in dict.fromkeys(sample.case for sample in samples if sample.contender == WORKER):
        ratios = _ratios(samples, case, WORKER)
        if ratios is not None:
            judged = _judged(ratios.median, MUST_RATIO, AIM_RATIO)
            lines.append(f"{case}: {ratios.text('.2f')} of the {RAW}; {judged}")
        if case.shape.events > 1 and case.agents in REQUIRED:
            own = [sample for sample in samples if (sample.case, sample.contender) == (case, WORKER)]
            median = _rates(own).median
            lines.append(f"{case}: {median:,.0f} events/s; {_judged(median, *REQUIRED[case.agents])}")
    return lines


def memory_line(agents: int, empty: Started, held: Started, again: Started, stored_bytes: float) -> str:
    """What an agent takes in a worker's memory and in the state log, and how long recovery takes.

    `again` is the successor of a worker that was killed.
    """
    each = (held.resident - empty.resident) / agents
    return (
        f"{agents:,} agents: {held.resident / 2**20:,.0f} MiB resident, {each:,.0f} bytes an agent more than "
        f"the {empty.resident / 2**20:,.0f} MiB of an empty worker; {stored_bytes / agents:,.0f} bytes an "
        f"agent in the state log; ready {held.seconds:.1f} s after the start, an empty one "
        f"{empty.seconds:.1f} s; ready {again.seconds:.1f} s after a kill"
    )


def _ratios(samples: Sequence[Sample], case: Case, contender: str) -> Spread | None:
    """Round by round: how fast the machine is changes from one to the next by more than what is measured."""
    own = [sample.rate for sample in samples if (sample.case, sample.contender) == (case, contender)]
    raw = [sample.rate for sample in samples if (sample.case, sample.contender) == (case, RAW)]
    return spread(ours / theirs for ours, theirs in zip(own, raw, strict=True)) if own and raw else None


def _rates(samples: Iterable[Sample]) -> Spread:
    return spread(sample.rate for sample in samples)


def _judged(figure: float, must: float, aim: float) -> str:
    return f"must {must:,g}: {_met(figure, must)}; aim {aim:,g}: {_met(figure, aim)}"


def _met(figure: float, wanted: float) -> str:
    return "met" if figure >= wanted else "MISSED"
