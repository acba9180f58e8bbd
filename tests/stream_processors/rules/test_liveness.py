"""H: missed heartbeats cost more and more, up to a cap, and nothing after a stop or while suspended."""

import pytest

from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.liveness import absence_cost, intervals_missed
from stream_processors.rules.presence import PresenceState
from tests.stream_processors.rules.log_builder import DAY, MINUTE, SECOND, START


def silent_for(span: int, interval: int = MINUTE) -> float:
    return absence_cost(PresenceState(last_seen=START, interval=interval), DEFAULTS, START + span)


def test_three_missed_heartbeats_are_tolerated() -> None:
    assert silent_for(3 * MINUTE) == 0.0
    assert silent_for(5 * MINUTE) == pytest.approx(0.12)


def test_there_is_a_cap() -> None:
    assert silent_for(30 * DAY) == DEFAULTS.parameters.liveness.cap


def test_the_agents_own_interval_counts_but_not_below_twenty_seconds() -> None:
    assert silent_for(50 * MINUTE, interval=10 * MINUTE) == pytest.approx(0.12)
    assert silent_for(60 * SECOND, interval=SECOND) == 0.0


def test_an_orderly_stop_is_no_absence() -> None:
    stopped = PresenceState(last_seen=START, stopped_at=START)
    assert intervals_missed(stopped, START + DAY) == 0.0
    assert absence_cost(stopped, DEFAULTS, START + DAY) == 0.0


def test_what_an_operator_forbids_is_no_absence() -> None:
    suspended = PresenceState(last_seen=START, suspended=True)
    assert absence_cost(suspended, DEFAULTS, START + DAY) == 0.0
    resumed = PresenceState(last_seen=START, resumed_at=START + DAY)
    assert intervals_missed(resumed, START + DAY + 2 * MINUTE) == pytest.approx(2.0)
