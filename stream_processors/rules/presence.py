"""When an agent was last seen, how often it means to be heard, and from when its silence counts."""

import msgspec

from schemas.messages.values import AgentHealth
from stream_processors.rules.decay import MINUTE, SECOND

# Until its own heartbeats say better: the interval of the reporting protocol.
DEFAULT_INTERVAL = MINUTE

# Shorter promises are not held against an agent: a pause of seconds is the network's. Trust is slower to
# judge than the status, which is corrected by the next event.
STATUS_MIN_INTERVAL = 5 * SECOND
TRUST_MIN_INTERVAL = 20 * SECOND

# A heartbeat counts as missed a quarter of an interval after it was due.
DEGRADED_QUARTERS = 2 * 4 + 1
OFFLINE_QUARTERS = 3 * 4 + 1

# What was in flight when an agent said goodbye does not bring it back.
STOP_GRACE = 10 * SECOND

_SMOOTHING = 8
_GAP_CLIP = 3


class PresenceState(msgspec.Struct, array_like=True):
    """Signs of life; all times in milliseconds, `interval` is the mean gap between heartbeats.

    `stopped_at` is when the agent announced its stop, 0 while it runs; `failing` is what its last heartbeat
    said. While it is `suspended` nothing that it sends is taken; `resumed_at` is when it last was no more.
    """

    first_seen: int = 0
    last_seen: int = 0
    last_heartbeat: int = 0
    interval: int = DEFAULT_INTERVAL
    gaps: int = 1
    stopped_at: int = 0
    failing: bool = False
    suspended: bool = False
    resumed_at: int = 0


def absorb_sign_of_life(state: PresenceState, now: int) -> None:
    """Any event but a heartbeat: the agent is there."""
    if not state.first_seen:
        state.first_seen = now
    if state.stopped_at and now - state.stopped_at >= STOP_GRACE:
        state.stopped_at = 0
    state.last_seen = now


def absorb_heartbeat(state: PresenceState, now: int, health: str) -> None:
    """A heartbeat: the agent is there and says how it is, or that it stops in good order."""
    if not state.first_seen:
        state.first_seen = now
    _learn_interval(state, now)
    state.last_seen = state.last_heartbeat = now
    state.stopped_at = now if health == AgentHealth.INACTIVE.value else 0
    state.failing = health == AgentHealth.ERROR.value


def note_suspension(state: PresenceState, now: int, *, suspended: bool) -> None:
    """An operator suspends the agent, or resumes it."""
    state.suspended = suspended
    if not suspended:
        state.resumed_at = now


def is_excused(state: PresenceState) -> bool:
    """Whether nothing is to be heard of the agent: it has stopped in good order, or is suspended."""
    return state.suspended or bool(state.stopped_at)


def awaited_since(state: PresenceState) -> int:
    """From when silence is the agent's own: what it was not allowed to say is not missed."""
    return max(state.last_seen, state.resumed_at)


def _learn_interval(state: PresenceState, now: int) -> None:
    """A running mean of heartbeat gaps, over the latest 8.

    Only heartbeat to heartbeat: the gaps between any events would make a busy agent look dead when it pauses.
    A long gap counts as three intervals, and a stop is no gap.
    """
    gap = now - state.last_heartbeat
    if not state.last_heartbeat or not gap or state.stopped_at:
        return
    state.gaps = min(state.gaps + 1, _SMOOTHING)
    state.interval += (min(gap, _GAP_CLIP * state.interval) - state.interval) // state.gaps


def degraded_from(state: PresenceState) -> int:
    """When two heartbeats will have been missed, whoever is to blame."""
    return state.last_seen + max(state.interval, STATUS_MIN_INTERVAL) * DEGRADED_QUARTERS // 4


def offline_from(state: PresenceState) -> int:
    """When three heartbeats will have been missed."""
    return awaited_since(state) + max(state.interval, STATUS_MIN_INTERVAL) * OFFLINE_QUARTERS // 4


def silent_from(state: PresenceState, intervals: int) -> int:
    """From when silence, of more than so many intervals, limits trust."""
    return awaited_since(state) + max(state.interval, TRUST_MIN_INTERVAL) * intervals + 1


def is_silent(state: PresenceState, intervals: int, now: int) -> bool:
    """Whether the agent has been missing so long that its score says little; never while it is excused."""
    return not is_excused(state) and now >= silent_from(state, intervals)
