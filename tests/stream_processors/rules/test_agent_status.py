"""Online, degraded, offline: by what is heard, and by what is not heard any more."""

from schemas.derived import OnlineStatus
from stream_processors.rules.agent_status import (
    REASON_ERROR,
    REASON_MISSED,
    REASON_SEEN,
    REASON_STOPPED,
    REASON_SUSPENDED,
    next_status_check,
    status_at_tick,
    status_when_heard,
)
from stream_processors.rules.presence import (
    PresenceState,
    absorb_heartbeat,
    degraded_from,
    note_suspension,
    offline_from,
)
from tests.stream_processors.rules.log_builder import DAY, START


def agent(health: str) -> PresenceState:
    state = PresenceState()
    absorb_heartbeat(state, START, health)
    return state


def test_what_a_heartbeat_says_decides_when_it_is_heard() -> None:
    assert status_when_heard(agent("active")) == (OnlineStatus.ONLINE, REASON_SEEN)
    assert status_when_heard(agent("error")) == (OnlineStatus.DEGRADED, REASON_ERROR)
    assert status_when_heard(agent("inactive")) == (OnlineStatus.OFFLINE, REASON_STOPPED)


def test_two_missed_heartbeats_degrade_and_three_are_offline() -> None:
    state = agent("active")
    assert status_at_tick(state, degraded_from(state) - 1) == (OnlineStatus.ONLINE, REASON_SEEN)
    assert status_at_tick(state, degraded_from(state)) == (OnlineStatus.DEGRADED, REASON_MISSED)
    assert status_at_tick(state, offline_from(state) - 1) == (OnlineStatus.DEGRADED, REASON_MISSED)
    assert status_at_tick(state, offline_from(state)) == (OnlineStatus.OFFLINE, REASON_MISSED)


def test_a_stopped_agent_misses_nothing() -> None:
    assert status_at_tick(agent("inactive"), START + DAY) == (OnlineStatus.OFFLINE, REASON_STOPPED)


def test_the_next_check_is_when_the_status_would_change() -> None:
    state = agent("active")
    assert next_status_check(state, OnlineStatus.ONLINE) == degraded_from(state)
    assert next_status_check(state, OnlineStatus.DEGRADED) == offline_from(state)
    assert next_status_check(state, OnlineStatus.OFFLINE) is None
    assert next_status_check(state, OnlineStatus.SUSPENDED) is None


def test_suspended_is_suspended_whatever_is_heard_or_not() -> None:
    for health in ("active", "error", "inactive"):
        state = agent(health)
        note_suspension(state, START, suspended=True)
        suspended = OnlineStatus.SUSPENDED, REASON_SUSPENDED
        assert status_when_heard(state) == status_at_tick(state, START + DAY) == suspended


def test_one_that_is_resumed_has_three_heartbeats_time_to_come_back() -> None:
    state = agent("active")
    note_suspension(state, START, suspended=True)
    note_suspension(state, START + DAY, suspended=False)
    assert status_at_tick(state, START + DAY) == (OnlineStatus.DEGRADED, REASON_MISSED)
    assert offline_from(state) > START + DAY
    assert status_at_tick(state, offline_from(state) - 1) == (OnlineStatus.DEGRADED, REASON_MISSED)
    assert status_at_tick(state, offline_from(state)) == (OnlineStatus.OFFLINE, REASON_MISSED)
    absorb_heartbeat(state, START + DAY + 1, "active")
    assert status_at_tick(state, START + DAY + 1) == (OnlineStatus.ONLINE, REASON_SEEN)


def test_one_that_had_stopped_is_offline_when_it_is_resumed() -> None:
    state = agent("inactive")
    note_suspension(state, START, suspended=True)
    note_suspension(state, START + DAY, suspended=False)
    assert status_at_tick(state, START + DAY) == (OnlineStatus.OFFLINE, REASON_STOPPED)
