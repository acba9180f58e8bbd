"""Figures of a run, and their tables in Markdown; pure."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

MUST = {1: 0.6, 100: 1.0}
AIM = {1: 1.0, 100: 3.0}


class Case(NamedTuple):
    """What is asked of each server: events in a request, and connections."""

    events: int
    connections: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One server under one load; seconds, CPU seconds of the server and of the broker beside it.

    `stored` events were found in Kafka afterwards.
    """

    server: str
    case: Case
    seconds: float
    acknowledged: int
    stored: int
    failures: int
    server_cpu: float
    broker_cpu: float
    p99: float

    @property
    def rate(self) -> float:
        """Acknowledged events a second."""
        return self.acknowledged / self.seconds

    @property
    def server_cpu_per_million(self) -> float:
        """CPU seconds of the server for a million events that it stored."""
        return self.server_cpu / self.stored * 1e6

    @property
    def broker_cpu_per_million(self) -> float:
        """The same of the broker."""
        return self.broker_cpu / self.stored * 1e6

    def line(self) -> str:
        """The sample on one line, to see how it goes."""
        return (
            f"{self.server}, {self.case.events} events, {self.case.connections} connections: "
            f"{self.rate:,.0f} events/s, {self.server_cpu_per_million:.2f} CPU s/M, {self.failures} failures"
        )

    @property
    def is_accounted_for(self) -> bool:
        """Whether all that was acknowledged is in Kafka, and besides at most what has no answer or a bad one.

        That is one request a connection when the load ends, and those whose outcome the server did not know.
        """
        unknown = (self.case.connections + self.failures) * self.case.events
        return self.acknowledged <= self.stored <= self.acknowledged + unknown


class Spread(NamedTuple):
    """The middle of several measurements, and their ends."""

    median: float
    low: float
    high: float

    def text(self, form: str) -> str:
        """`median (low-high)`, each in the format `form`."""
        return f"{self.median:{form}} ({self.low:{form}}-{self.high:{form}})"


def spread(values: Iterable[float]) -> Spread:
    """The spread of at least one value."""
    listed = list(values)
    return Spread(statistics.median(listed), min(listed), max(listed))


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the first column is text, the others are figures."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def throughput_table(samples: Sequence[Sample], reference: str) -> str:
    """A row for each case and server, with the medians' ratios to the server `reference` if it took part."""
    header = (
        "events a request, connections, server",
        "events/s",
        f"of the {reference}",
        "CPU s/M events",
        f"of the {reference}",
        "broker CPU s/M",
        "ack p99 ms",
        "failures",
    )
    rows = []
    for case in sorted({sample.case for sample in samples}):
        of_case = [sample for sample in samples if sample.case == case]
        compared = [sample for sample in of_case if sample.server == reference]
        for server in dict.fromkeys(sample.server for sample in of_case):
            own = [sample for sample in of_case if sample.server == server]
            rows += [_row(case, own, compared)]
    return markdown(header, rows)


def verdicts(samples: Sequence[Sample], server: str, reference: str) -> list[str]:
    """For each case with a requirement, whether the ratio of the median rates meets it."""
    lines = []
    for case in sorted({sample.case for sample in samples if sample.case.events in MUST}):
        of_case = [sample for sample in samples if sample.case == case]
        ours = [sample.rate for sample in of_case if sample.server == server]
        theirs = [sample.rate for sample in of_case if sample.server == reference]
        if not ours or not theirs:
            continue
        ratio = spread(ours).median / spread(theirs).median
        must, aim = MUST[case.events], AIM[case.events]
        lines.append(
            f"{server}, {case.events} events a request, {case.connections} connections: {ratio:.2f} x the "
            f"collector; must {must:g}: {_met(ratio, must)}; aim {aim:g}: {_met(ratio, aim)}"
        )
    return lines


def _row(case: Case, own: Sequence[Sample], compared: Sequence[Sample]) -> list[str]:
    def figure(of: Callable[[Sample], float], form: str) -> str:
        return spread(map(of, own)).text(form)

    def ratio(of: Callable[[Sample], float]) -> str:
        if not compared:
            return ""
        return f"{spread(map(of, own)).median / spread(map(of, compared)).median:.2f}"

    return [
        f"{case.events}, {case.connections}, {own[0].server}",
        figure(lambda sample: sample.rate, ",.0f"),
        ratio(lambda sample: sample.rate),
        figure(lambda sample: sample.server_cpu_per_million, ".2f"),
        ratio(lambda sample: sample.server_cpu_per_million),
        figure(lambda sample: sample.broker_cpu_per_million, ".2f"),
        figure(lambda sample: sample.p99 * 1000, ".1f"),
        str(sum(sample.failures for sample in own)),
    ]


def _met(ratio: float, wanted: float) -> str:
    return "met" if ratio >= wanted else "not met"
