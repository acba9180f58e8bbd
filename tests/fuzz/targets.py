"""What a fuzz run has to know of the two services to get past their first checks."""

from collections.abc import Mapping, Sequence
from typing import Any

from ingest_gateway.otlp.routes import OTLP_ROUTES

# What OTLP's decoder takes goes beyond the types, and what it refuses is often but one record.
LENIENT_GATEWAY = [route.path for route in OTLP_ROUTES]
_MOMENTS = ["2026-01-31T12:00:00.250+02:00", "2026-01-31T12:00:00Z", None]
# To JSON Schema 7.0 is an integer, to us it is none.
_COUNTS = [0, 2**53, None]


def gateway_values(tenant_id: str, agent_id: str, governance_id: str) -> Mapping[str, Sequence[Any]]:
    """Values of fields and headers for an agent's reports."""
    return {
        "agentId": [agent_id],
        "instance_id": [agent_id],
        "X-Agent-ID": [agent_id],
        "X-Governance-ID": [governance_id],
        "tenant_id": [tenant_id, None],
        # Few texts are generated for it, and the same one with another body is refused.
        "Idempotency-Key": (),
        "timestamp": _MOMENTS,
        "lastActivity": _MOMENTS,
        "interactions": [0, 2**53],
        "cost_tokens": _COUNTS,
        "input_tokens": _COUNTS,
        "output_tokens": _COUNTS,
    }
