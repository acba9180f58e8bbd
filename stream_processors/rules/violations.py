"""Component P: the pressure of policy violations, which no number of successes can dilute.

Each violation adds nats (natural units of log score) by its severity, decaying with a half-life by its
severity: bad conduct is remembered longer than good (Sun, Han, Yu and Liu 2006). The sum for each severity is
capped, and a retry loop of one rule counts less each time. Violations always count from when they were
received: back-dating does not pay.
"""

from zlib import crc32

import msgspec

from schemas.messages.values import Severity
from stream_processors.rules.calibration import Calibration
from stream_processors.rules.decay import decay_factor
from stream_processors.rules.evidence import EventRef, ViolationRow

SEVERITIES = (Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
HIGH = SEVERITIES.index(Severity.HIGH)
CRITICAL = SEVERITIES.index(Severity.CRITICAL)

# What the ceilings need to know: the newest critical violation, and the newest three high ones.
_KEPT_HIGHS = 3
_KEPT_EVIDENCE = 2


class WeighedEvent(msgspec.Struct, array_like=True, frozen=True):
    """A violation as evidence: its event, when it counted, its severity's rank and the nats it added."""

    event: EventRef
    at: int
    rank: int
    nats: float


class RepeatRun(msgspec.Struct, array_like=True):
    """The latest rule that was violated: how often since the run began, and the worst severity in it."""

    rule: int = 0
    at: int = 0
    rank: int = -1
    repeats: int = 0


class ViolationState(msgspec.Struct, array_like=True):
    """Pressure for each severity as of `at` (ms), and the violations that reasons and ceilings name."""

    at: int = 0
    pressures: list[float] = msgspec.field(default_factory=lambda: [0.0] * len(SEVERITIES))
    run: RepeatRun = msgspec.field(default_factory=RepeatRun)
    heaviest: list[WeighedEvent] = msgspec.field(default_factory=list)
    last_critical: WeighedEvent | None = None
    highs: list[WeighedEvent] = msgspec.field(default_factory=list)


def absorb_violation(
    state: ViolationState, model: Calibration, now: int, row: ViolationRow, event: EventRef
) -> WeighedEvent:
    """Add one violation at `now`, not before `state.at`; returns it with what it weighs."""
    rank = SEVERITIES.index(row.severity)
    _advance(state, model, now)
    repeats = _count_repeat(state.run, model.repeat_window, now, crc32(row.violation_type.encode()), rank)
    limits = model.severities[rank]
    nats = limits.nats / (1 + repeats)
    state.pressures[rank] = min(limits.cap, state.pressures[rank] + nats)
    weighed = WeighedEvent(event, now, rank, nats)
    if rank == CRITICAL:
        state.last_critical = weighed
    elif rank == HIGH:
        state.highs = [*state.highs, weighed][-_KEPT_HIGHS:]
    _keep_if_heavy(state, model, now, weighed)
    return weighed


def pressure_at(state: ViolationState, model: Calibration, now: int) -> float:
    """P in nats as of `now`; reads only."""
    total = 0.0
    for pressure, limits in zip(state.pressures, model.severities, strict=True):
        if pressure:
            total += pressure * decay_factor(state.at, now, limits.half_life)
    return total


def _advance(state: ViolationState, model: Calibration, now: int) -> None:
    state.pressures = [
        pressure * decay_factor(state.at, now, limits.half_life)
        for pressure, limits in zip(state.pressures, model.severities, strict=True)
    ]
    state.at = now


def _count_repeat(run: RepeatRun, window: int, now: int, rule: int, rank: int) -> int:
    """How many earlier violations of the same rule this one repeats.

    A worse severity than the run has seen starts a new run: a mild violation must not make a grave one cheap.
    """
    if run.rule == rule and now - run.at < window and rank <= run.rank:
        run.repeats += 1
    else:
        run.rule, run.rank, run.repeats = rule, rank, 0
    run.at = now
    return run.repeats


def _keep_if_heavy(state: ViolationState, model: Calibration, now: int, new: WeighedEvent) -> None:
    """Keep the violations with the largest remaining share; of equals the newer."""
    # The sort is stable, so the new one stands before its equals.
    by_share = sorted([new, *state.heaviest], key=lambda event: -_left_of(event, model, now))
    state.heaviest = by_share[:_KEPT_EVIDENCE]


def _left_of(weighed: WeighedEvent, model: Calibration, now: int) -> float:
    return weighed.nats * decay_factor(weighed.at, now, model.severities[weighed.rank].half_life)
