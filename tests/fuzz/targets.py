"""The two services as a fuzz run has to know them."""

from tests.fuzz.campaign import Service

_MOMENTS = ["2026-01-31T12:00:00.250+02:00", "2026-01-31T12:00:00Z", None]
# To JSON Schema 7.0 is an integer, to us it is none.
_COUNTS = [0, 1, 2**53, None]
# Ids that nobody has, and that none may have.
_STRANGE = "a%2F..;'\"\\ \u00e9\U0001f600"
_LONG = "x" * 129


def gateway_service(base_url: str, api_key: str, agent_id: str, governance_id: str) -> Service:
    """The gateway, for an agent of the default tenant."""
    return Service(
        base_url,
        {"Authorization": f"Bearer {api_key}"},
        # Few texts are generated for the key, and the same one with another body is refused.
        parameters={"X-Agent-ID": [agent_id], "X-Governance-ID": [governance_id], "Idempotency-Key": ()},
        fields={
            "agentId": [agent_id],
            "instance_id": [agent_id],
            "tenant_id": ["default", None],
            "timestamp": _MOMENTS,
            "lastActivity": _MOMENTS,
            "interactions": [0, 2**53],
            "cost_tokens": _COUNTS,
            "input_tokens": _COUNTS,
            "output_tokens": _COUNTS,
            "cache_read_tokens": _COUNTS,
            "cache_creation_tokens": _COUNTS,
            "reasoning_tokens": _COUNTS,
        },
        # What OTLP's decoders take goes beyond the types, and what they refuse is often but one record.
        lenient="^/v1/(traces|logs|metrics)$",
        unsaid="must be part of an amount of",
    )


def query_service(base_url: str, token: str, agent_id: str) -> Service:
    """The query API, for an operator who may do everything, and an agent that there is."""
    return Service(
        base_url,
        {"Authorization": f"Bearer {token}"},
        # Nobody who asks may be demoted or removed by a request that was generated from an answer.
        parameters={
            "tenant": ["default", "default", "nobody", _STRANGE],
            "agent_id": [agent_id, agent_id, "nobody", _STRANGE],
            "operator_id": ["fuzzed", "nobody", _STRANGE, _LONG],
        },
        fields={},
        # Moments in queries may be numbers too, and many a rule is said in words.
        lenient="^/api/",
        unsaid="",
    )
