"""A raw record is a plain value."""

from tests.stream_processors.checkpoint.doubles import log_record, tick


def test_equal_records_are_equal() -> None:
    assert log_record(1) == log_record(1)
    assert log_record(1) != tick(1)
    assert tick(7)._replace(partition=2) == tick(7, partition=2)
