"""Service levels are asked for within a tenant, and everything is bound."""

from query_api.queries.slo import of_calls
from query_api.resolution import AskedResolution, Span
from tests.query_api.queries.placeholders import placeholders

SPAN = Span(0, 3_600_000, AskedResolution.HOUR)


def test_everything_is_bound() -> None:
    always = {"tenant_id", "start", "end", "limit"}
    assert placeholders(of_calls("acme", None, SPAN, 5)) == always
    assert placeholders(of_calls("acme", "scout", SPAN, 5)) == always | {"agent_id"}
