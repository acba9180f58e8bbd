"""What is shown of an agent's status, by its record and by what was published."""

from query_api.agent_summaries import known_statuses, shown_status, suspension_of
from query_api.resources.status import StatusName
from schemas.control import Agent, Suspension

AGENT = Agent("acme", "scout", "gov-1", 1)


def test_what_was_published_is_shown_unless_the_record_says_suspended() -> None:
    assert shown_status(None, suspended=False) is StatusName.UNKNOWN
    assert shown_status({"status": "offline"}, suspended=False) is StatusName.OFFLINE
    assert shown_status({"status": "online"}, suspended=True) is StatusName.SUSPENDED
    assert shown_status(None, suspended=True) is StatusName.SUSPENDED


def test_of_many_agents_those_are_known_that_published_or_are_suspended() -> None:
    published = {"a": {"status": "online"}, "b": {"status": "degraded"}}
    assert known_statuses(published, frozenset({"b", "c"})) == {
        "a": StatusName.ONLINE,
        "b": StatusName.SUSPENDED,
        "c": StatusName.SUSPENDED,
    }


def test_a_suspension_is_shown_also_when_it_is_over() -> None:
    assert suspension_of(AGENT) is None
    over = Suspension(1000, 2000, "ada", "a reason", "bob")
    shown = suspension_of(Agent("acme", "scout", "gov-1", 1, suspension=over))
    assert shown is not None
    assert (shown.suspended_at.timestamp(), shown.resumed_at and shown.resumed_at.timestamp()) == (1.0, 2.0)
    assert (shown.suspended_by, shown.reason, shown.resumed_by) == ("ada", "a reason", "bob")
