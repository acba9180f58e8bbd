"""The report says of each topic until when it holds something, out of the registry."""

import msgspec

from query_api.erasing.remains import forget_value_at, remains_of
from schemas.erasures import Erasure, ErasureMode
from schemas.topics import CONTROL_TOPICS, TOPICS, Topic

DAY = 86_400_000
UP_TO = 5 * DAY
AGENT = Erasure("e1", "acme", ErasureMode.ERASE, 1, "ada", agent_id="gone", up_to=UP_TO)
VALUE = msgspec.structs.replace(AGENT, agent_id=None, value="bob@example.com")


def test_every_topic_that_may_hold_something_of_an_agent_is_named() -> None:
    places = {remainder.place: remainder.until for remainder in remains_of(AGENT)}
    unnamed = {topic.value for topic in TOPICS} - set(places)
    silent = {*CONTROL_TOPICS, Topic.WEBHOOK_STATE} - {Topic.ERASURES}
    assert unnamed == {topic.value for topic in silent}
    assert places[Topic.TELEMETRY] == UP_TO + 7 * DAY
    assert places[Topic.ALERTS] == UP_TO + 30 * DAY
    assert places[Topic.TRUST_SCORES] == UP_TO + 90 * DAY
    assert places[Topic.PROCESSOR_STATE] is None
    assert "ClickHouse, files" in places
    assert all(remainder.why for remainder in remains_of(AGENT))


def test_states_that_are_compacted_hold_no_texts() -> None:
    places = {remainder.place for remainder in remains_of(VALUE)}
    assert Topic.PROCESSOR_STATE not in places
    assert Topic.TELEMETRY in places


def test_a_value_is_known_until_the_last_log_has_let_go_of_it() -> None:
    longest = max(remainder.until or 0 for remainder in remains_of(VALUE))
    assert forget_value_at(VALUE) == longest > UP_TO + 30 * DAY


def test_what_a_pseudonym_does_not_hide_is_said() -> None:
    anonymous = msgspec.structs.replace(AGENT, mode=ErasureMode.ANONYMISE)
    [matching] = [found for found in remains_of(anonymous) if "times and figures" in found.why]
    assert matching.until == UP_TO + 90 * DAY
    assert set(remains_of(AGENT)) < set(remains_of(anonymous))
    assert forget_value_at(anonymous) == forget_value_at(AGENT)
