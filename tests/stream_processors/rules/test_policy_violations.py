"""A reported violation in its common form."""

from schemas.derived import PolicyViolation, ViolationSource
from schemas.messages.values import Severity
from tests.stream_processors.rules.log_builder import HOUR, START, World, violation, violations


def test_a_violation_is_normalised() -> None:
    (found,) = violations(World().send(violation("high", "pii")))
    assert found == PolicyViolation(
        tenant_id="default",
        agent_id="a",
        rule="pii",
        severity=Severity.HIGH,
        source=ViolationSource.REPORTED,
        description="what happened",
        occurred_at="2027-01-15T08:00:00.000Z",
        evidence=["00000000-0000-0001-0000-000000000000:0"],
    )


def test_its_own_time_is_when_it_occurred() -> None:
    (found,) = violations(World().send(violation("high", "pii", START - HOUR)))
    assert found.occurred_at == "2027-01-15T07:00:00.000Z"


def test_each_violation_of_a_request_is_an_event_of_its_own() -> None:
    events = World().send(violation("low"), violation("critical"))
    assert [found.evidence[0][-1] for found in violations(events)] == ["0", "1"]
    assert len({event.id for event in events}) == len(events)
