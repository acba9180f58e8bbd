"""Drives the rules with one agent's stream, a tick a minute, and keeps the published score of each minute."""

from array import array
from dataclasses import dataclass, field

from benchmarks.trust.baselines import EventAverage, LifetimeBeta
from benchmarks.trust.conducts import END, Agent, Label
from benchmarks.trust.streams import Request, requests
from schemas.block import Segment
from schemas.derived import DerivedEvent
from stream_processors.rules.agent import absorb_segment, absorb_tick
from stream_processors.rules.calibration import Calibration
from stream_processors.rules.evidence import SegmentEvidence
from stream_processors.rules.outputs import Outputs
from stream_processors.rules.state import AgentState

START_MS = 1_800_000_000_000
_MINUTE_MS = 60_000


@dataclass(slots=True)
class Trace:
    """An agent's life: the score of each minute, its levels, and those of the baselines."""

    label: Label
    onset: float
    calls: float
    events: int = 0
    scores: "array[float]" = field(default_factory=lambda: array("d"))
    levels: "array[int]" = field(default_factory=lambda: array("b"))
    average: "array[float]" = field(default_factory=lambda: array("d"))
    lifetime: "array[float]" = field(default_factory=lambda: array("d"))


def live(agent: Agent, model: Calibration) -> Trace:
    """Simulate an agent from the first minute to the last."""
    state = AgentState("default", agent.label.value)
    trace = Trace(agent.label, agent.onset, agent.calls)
    average, lifetime = EventAverage(), LifetimeBeta()
    stream = requests(agent)
    request = next(stream, None)
    offset = 0
    for minute in range(1, int(END) + 1):
        while request is not None and request.time < minute:
            offset += 1
            _absorb(state, model, request, offset)
            average.absorb(request)
            lifetime.absorb(request)
            trace.events += len(request.rows)
            request = next(stream, None)
        offset += 1
        _tick(state, model, minute, offset)
        trace.scores.append(state.score.value)
        trace.levels.append(state.score.shown)
        trace.average.append(average.score)
        trace.lifetime.append(lifetime.score)
    return trace


def _absorb(state: AgentState, model: Calibration, request: Request, offset: int) -> list[DerivedEvent]:
    state.fence, state.clock = offset, START_MS + int(request.time * _MINUTE_MS)
    outputs = Outputs(0, offset)
    segment = Segment(
        "default", state.agent_id, offset.to_bytes(16), False, len(request.rows), 0, state.clock
    )
    absorb_segment(state, model, SegmentEvidence(segment, request.kind, request.rows, 0), outputs)
    return outputs.events


def _tick(state: AgentState, model: Calibration, minute: int, offset: int) -> None:
    now = START_MS + minute * _MINUTE_MS
    if state.pending or state.due_at <= now:
        state.fence, state.clock = offset, now
        absorb_tick(state, model, Outputs(0, offset))
