"""Component H: what silence costs before it becomes a ceiling, by heartbeat intervals missed.

Suspicion grows with silence as in an accrual failure detector (Hayashibara et al. 2004), in intervals rather
than in a tail of the normal distribution, which explodes where heartbeats hardly jitter.
"""

from stream_processors.rules.calibration import Calibration
from stream_processors.rules.presence import TRUST_MIN_INTERVAL, PresenceState, awaited_since, is_excused


def intervals_missed(presence: PresenceState, now: int) -> float:
    """How many intervals the agent has been silent for of its own; none while it is excused."""
    if is_excused(presence):
        return 0.0
    return (now - awaited_since(presence)) / max(presence.interval, TRUST_MIN_INTERVAL)


def absence_cost(presence: PresenceState, model: Calibration, now: int) -> float:
    """H in nats as of `now`; reads only."""
    parameters = model.parameters.liveness
    missed = intervals_missed(presence, now) - parameters.tolerated_intervals
    if missed <= 0.0:
        return 0.0
    return min(parameters.cap, parameters.cost_per_interval * missed)
