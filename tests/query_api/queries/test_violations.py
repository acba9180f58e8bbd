"""Every wish of a violation search is bound."""

from query_api.queries.violations import ViolationSearch, search
from schemas.derived import ViolationSource
from schemas.messages.values import Severity
from tests.query_api.queries.placeholders import placeholders

SOURCE = ViolationSource.DETECTED


def test_without_wishes_the_tenant_is_asked() -> None:
    assert placeholders(search("acme", ViolationSearch(), None, 11)) == {"tenant_id", "limit"}


def test_each_wish_is_bound() -> None:
    wanted = ViolationSearch(
        start=1,
        end=2,
        severities=[Severity.HIGH],
        source=SOURCE,
        agent_id="scout",
        rule="' OR 1",
        policy_id="build",
    )
    assert placeholders(search("acme", wanted, None, 11)) == {
        "tenant_id",
        "start",
        "end",
        "severity_values",
        "source",
        "agent_id",
        "rule",
        "policy_id",
        "limit",
    }
