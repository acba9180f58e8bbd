"""A worker that stands still is ended, one that waits for the broker is not."""

import threading
import time

import pytest

from stream_processors import watchdog
from stream_processors.watchdog import LoopWatch, ProgressWatch


def test_a_partition_that_is_behind_without_progress_is_stuck() -> None:
    watch = ProgressWatch(limit=60)
    assert watch.stalled({0: 10}, {0: 5}, now=0) is None
    assert watch.stalled({0: 70}, {0: 5}, now=60) is None
    assert watch.stalled({0: 71}, {0: 5}, now=61) == 0


def test_progress_however_slow_is_progress() -> None:
    watch = ProgressWatch(limit=60)
    for step in range(10):
        assert watch.stalled({0: 1000}, {0: step}, now=step * 59) is None


def test_a_broker_that_is_away_brings_no_ticks_and_no_alarm() -> None:
    watch = ProgressWatch(limit=60)
    assert watch.stalled({0: 5}, {0: 5}, now=0) is None
    assert watch.stalled({0: 5}, {0: 5}, now=1000) is None
    assert watch.stalled({0: 6}, {0: 5}, now=1001) is None


def test_a_partition_of_which_nothing_was_ever_stored_gets_the_same_time() -> None:
    watch = ProgressWatch(limit=60)
    assert watch.stalled({1: 3}, {}, now=0) is None
    assert watch.stalled({1: 63}, {}, now=61) == 1


def test_a_partition_that_went_and_came_back_starts_anew() -> None:
    watch = ProgressWatch(limit=60)
    assert watch.stalled({0: 10}, {0: 5}, now=0) is None
    assert watch.stalled({}, {}, now=30) is None
    assert watch.stalled({0: 90}, {0: 5}, now=61) is None


def test_lag_counts_records_behind_the_newest_tick() -> None:
    assert ProgressWatch().lag({0: 10, 1: 4, 2: 9}, {0: 7, 1: 4}) == {0: 3, 1: 0, 2: 1}


def test_a_blocked_loop_ends_the_process(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(watchdog, "CHECK_SECONDS", 0.01)
    reasons: list[str] = []
    given_up = threading.Event()

    def give_up(reason: str) -> None:
        reasons.append(reason)
        given_up.set()

    watch = LoopWatch(give_up, limit=1.0)
    watch.start()
    for _ in range(10):
        watch.beat()
        time.sleep(0.03)
    assert reasons == []
    assert given_up.wait(60)
    assert "the event loop has been blocked" in reasons[0]
    assert "Thread" in capfd.readouterr().err


def test_a_watch_that_was_stopped_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "CHECK_SECONDS", 0.01)
    reasons: list[str] = []
    watch = LoopWatch(reasons.append, limit=0.05)
    watch.start()
    watch.stop()
    time.sleep(0.1)
    assert reasons == []
