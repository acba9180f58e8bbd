"""Reported violations in the one form that all violations of policy have, whoever found them."""

from schemas.derived import PolicyViolation, ViolationSource
from schemas.timestamps import to_rfc3339
from stream_processors.rules.evidence import EventRef, ViolationRow, epoch_ms
from stream_processors.rules.state import AgentState


def normalised(state: AgentState, row: ViolationRow, event: EventRef, received_at: int) -> PolicyViolation:
    """A violation that the agent reported itself; without a time of its own it happened when it came in."""
    occurred_at = received_at if row.timestamp is None else epoch_ms(row.timestamp)
    return PolicyViolation(
        tenant_id=state.tenant_id,
        agent_id=state.agent_id,
        rule=row.violation_type,
        severity=row.severity,
        source=ViolationSource.REPORTED,
        description=row.description,
        occurred_at=to_rfc3339(occurred_at),
        evidence=[event.event_id],
    )
