"""A flood is cut to a few lines and a count; everything else passes."""

import logging

import pytest

from runtime.repeat_filter import RepeatFilter, add_suppressed


class Log:
    """Records made by hand, at times of the test's own."""

    def __init__(self) -> None:
        self.now = 0.0
        self._filter = RepeatFilter(lambda: self.now)

    def passes(
        self, message: object, *arguments: object, logger: str = "aiokafka", level: int = logging.ERROR
    ) -> logging.LogRecord | None:
        record = logging.LogRecord(logger, level, "", 0, message, arguments, None)
        return record if self._filter.filter(record) else None


@pytest.fixture
def log() -> Log:
    return Log()


def suppressed(record: logging.LogRecord | None) -> object:
    assert record is not None
    return add_suppressed(None, "", {"_record": record}).get("suppressed")


def test_a_flood_becomes_a_few_lines_and_then_a_count(log: Log) -> None:
    passed = [log.passes("no connection to %s", number) for number in range(700)]
    assert [record is not None for record in passed] == [True] * 5 + [False] * 695
    assert all(suppressed(record) is None for record in passed[:5])
    log.now = 10.0
    assert suppressed(log.passes("no connection to %s", 1)) == 695
    assert suppressed(log.passes("no connection to %s", 2)) is None


def test_another_template_logger_or_level_is_not_held_up(log: Log) -> None:
    for _ in range(6):
        log.passes("gone")
    assert log.passes("gone") is None
    assert log.passes("away")
    assert log.passes("gone", logger="ours")
    assert log.passes("gone", level=logging.CRITICAL)


def test_our_events_are_told_apart_by_their_names(log: Log) -> None:
    for number in range(6):
        log.passes({"event": "tick_failed", "partition": number})
    assert log.passes({"event": "tick_failed", "partition": 9}) is None
    assert log.passes({"event": "insert_waits", "partition": 9})


def test_what_is_no_warning_always_passes(log: Log) -> None:
    assert all(log.passes("ready", level=logging.INFO) for _ in range(100))


def test_texts_that_never_repeat_take_no_memory_without_end(log: Log) -> None:
    assert all(log.passes(f"id {number}") for number in range(5000))
    assert len(log._filter._windows) <= 1000
