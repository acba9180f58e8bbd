"""When an agent that does not come back is forgotten, so that states do not pile up for ever."""

from stream_processors.rules.calibration import Calibration
from stream_processors.rules.state import AgentState
from stream_processors.rules.violations import pressure_at

# Nats, which cost 2 % of a score. Against whom more is left is remembered for longer, or else to be silent
# would be as good as a new id.
FORGIVABLE = 0.02


def is_forgettable(state: AgentState, model: Calibration, now: int) -> bool:
    """Whether nothing that matters would be lost: long silent, hardly a violation left, no part in totals.

    Never while it is suspended, or else nobody could say what it is once it is resumed.
    """
    if state.presence.suspended:
        return False
    if now - state.presence.last_seen < model.forget_after:
        return False
    if state.ledger is not None and state.ledger.spent_this_month(now):
        return False
    if state.counts is not None and not state.counts.is_over(state.fence):
        return False
    return pressure_at(state.violations, model, now) < FORGIVABLE
