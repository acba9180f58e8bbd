"""Component P: the pressure of policy violations, which no number of successes can dilute.

Each violation adds nats (natural units of log score) by its severity, decaying with a half-life by its
severity: bad conduct is remembered longer than good (Sun, Han, Yu and Liu 2006). The sum for each severity is
capped, and a retry loop of one rule counts less each time. Violations always count from when they were
received: back-dating does not pay.
"""

from zlib import crc32

import msgspec

from schemas.messages.values import Severity
from stream_processors.rules.decay import DAY, HOUR, MINUTE, decay_factor
from stream_processors.rules.evidence import EventRef

SEVERITIES = (Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
HIGH = SEVERITIES.index(Severity.HIGH)
CRITICAL = SEVERITIES.index(Severity.CRITICAL)

# Alone these cost 2, 8, 26 and 63 percent of the score, and at most 30, 70, 95 and 99.8 percent together.
NATS = (0.02, 0.08, 0.30, 1.00)
CAPS = (0.35, 1.2, 3.0, 6.0)
HALF_LIVES = (6 * HOUR, 24 * HOUR, 72 * HOUR, 7 * DAY)

REPEAT_WINDOW = MINUTE

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
    pressures: list[float] = msgspec.field(default_factory=lambda: [0.0] * len(NATS))
    run: RepeatRun = msgspec.field(default_factory=RepeatRun)
    heaviest: list[WeighedEvent] = msgspec.field(default_factory=list)
    last_critical: WeighedEvent | None = None
    highs: list[WeighedEvent] = msgspec.field(default_factory=list)


def absorb_violation(state: ViolationState, now: int, rule: str, severity: Severity, event: EventRef) -> None:
    """Add one violation at `now`, not before `state.at`."""
    rank = SEVERITIES.index(severity)
    _advance(state, now)
    nats = NATS[rank] / (1 + _count_repeat(state.run, now, crc32(rule.encode()), rank))
    state.pressures[rank] = min(CAPS[rank], state.pressures[rank] + nats)
    weighed = WeighedEvent(event, now, rank, nats)
    if rank == CRITICAL:
        state.last_critical = weighed
    elif rank == HIGH:
        state.highs = [*state.highs, weighed][-_KEPT_HIGHS:]
    _keep_if_heavy(state, now, weighed)


def pressure_at(state: ViolationState, now: int) -> float:
    """P in nats as of `now`; reads only."""
    total = 0.0
    for pressure, half_life in zip(state.pressures, HALF_LIVES, strict=True):
        if pressure:
            total += pressure * decay_factor(state.at, now, half_life)
    return total


def _advance(state: ViolationState, now: int) -> None:
    state.pressures = [
        pressure * decay_factor(state.at, now, half_life)
        for pressure, half_life in zip(state.pressures, HALF_LIVES, strict=True)
    ]
    state.at = now


def _count_repeat(run: RepeatRun, now: int, rule: int, rank: int) -> int:
    """How many earlier violations of the same rule this one repeats.

    A worse severity than the run has seen starts a new run: a mild violation must not make a grave one cheap.
    """
    if run.rule == rule and now - run.at < REPEAT_WINDOW and rank <= run.rank:
        run.repeats += 1
    else:
        run.rule, run.rank, run.repeats = rule, rank, 0
    run.at = now
    return run.repeats


def _keep_if_heavy(state: ViolationState, now: int, new: WeighedEvent) -> None:
    """Keep the violations with the largest remaining share; of equals the newer."""
    # The sort is stable, so the new one stands before its equals.
    state.heaviest = sorted([new, *state.heaviest], key=lambda event: -_left_of(event, now))[:_KEPT_EVIDENCE]


def _left_of(weighed: WeighedEvent, now: int) -> float:
    return weighed.nats * decay_factor(weighed.at, now, HALF_LIVES[weighed.rank])
