"""The fleet of a seed, lived through: how many agents of each label, and their traces."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from benchmarks.trust.conducts import HONEST, Label, make_agent
from benchmarks.trust.driving import Trace, live
from schemas.trust_model import IncidentParameters, TrustParameters
from stream_processors.rules.calibration import DEFAULTS, Calibration, calibrate

# As many as the protocol has, which leaves 15 points of uncertainty to a share of 20.
COUNTS = {
    **dict.fromkeys(Label, 20),
    **dict.fromkeys((*HONEST, Label.RETRYING), 66),
    Label.OUTAGE: 40,
    Label.FLOODER: 10,
}

BAD = (
    Label.DEGRADING,
    Label.ON_OFF,
    Label.LIAR,
    Label.SILENT,
    Label.FLOODER,
    Label.CRITICAL,
    Label.BURSTY,
)

# Bursts as they were first recommended to be judged: every call is an observation, an incident costs less,
# and recurrence nothing.
RECOMMENDED = calibrate(
    TrustParameters(incidents=IncidentParameters(observation_seconds=0, cost=0.06, recurrence_cost=0.0)), 0
)
RECOMMENDED_LABELS = (*HONEST, Label.RETRYING, Label.DEGRADING, Label.FLOODER, Label.BURSTY)


@dataclass(slots=True)
class Fleet:
    """The traces of one seed by label, and the CPU seconds that they took."""

    seed: int
    traces: dict[Label, list[Trace]] = field(default_factory=dict)
    cpu_seconds: float = 0.0

    def of(self, *labels: Label) -> list[Trace]:
        """The traces of these labels."""
        return [trace for label in labels for trace in self.traces[label]]

    @property
    def events(self) -> int:
        """All rows that were absorbed."""
        return sum(trace.events for traces in self.traces.values() for trace in traces)


def run(
    seed: int,
    model: Calibration = DEFAULTS,
    labels: Iterable[Label] = Label,
    *,
    share: float = 1.0,
    told: Callable[[str], None] = lambda _: None,
) -> Fleet:
    """Let the fleet of a seed live: `share` of each label's agents, at least one; `told` hears how far."""
    fleet = Fleet(seed)
    started = time.process_time()
    for label in labels:
        agents = range(max(1, round(COUNTS[label] * share)))
        fleet.traces[label] = [
            live(make_agent(label, f"{seed}/{label}/{number}"), model) for number in agents
        ]
        told(f"seed {seed}: {len(agents)} {label} agents, {time.process_time() - started:.0f} CPU seconds")
    fleet.cpu_seconds = time.process_time() - started
    return fleet
