"""A raw record is a plain value, and what aiokafka gives is not changed."""

from stream_processors.log_record import LogRecord, to_log_record
from tests.stream_processors.checkpoint.doubles import log_record, tick
from tests.stream_processors.test_bundles import record


def test_equal_records_are_equal() -> None:
    assert log_record(1) == log_record(1)
    assert log_record(1) != tick(1)
    assert tick(7)._replace(partition=2) == tick(7, partition=2)


def test_nothing_of_a_record_is_lost() -> None:
    assert to_log_record(record(3, partition=1)) == LogRecord(1, 3, 1003, b"k", b"3", (("h", b"1"),))
