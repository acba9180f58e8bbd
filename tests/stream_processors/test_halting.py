"""A reader halts when many records are given up, and a good part of all; not before, and not for the past."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from stream_processors.halting import GivenUp, HaltLimit
from stream_processors.settings import ProcessorSettings
from stream_processors.writer.settings import WriterSettings

LIMIT = HaltLimit(records=10, share=0.5, seconds=60)


@pytest.mark.parametrize(
    ("records", "given_up", "halts"), [(10, 10, False), (11, 11, True), (22, 11, False), (21, 11, True)]
)
def test_both_number_and_share_must_be_exceeded(records: int, given_up: int, halts: bool) -> None:
    counted = GivenUp(LIMIT)
    counted.note(0, records, given_up)
    assert counted.too_much is halts


def test_what_is_long_past_does_not_count() -> None:
    counted = GivenUp(LIMIT)
    counted.note(0, 10, 10)
    counted.note(61, 1, 1)
    assert not counted.too_much
    assert str(counted) == "1 of 1 records were given up within 60 seconds"


def test_no_record_given_up_is_tolerated_if_so_set() -> None:
    counted = GivenUp(HaltLimit(0, 0, 60))
    counted.note(0, 1000, 0)
    assert not counted.too_much
    counted.note(1, 1, 1)
    assert counted.too_much


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(0, 20), st.integers(0, 20)), max_size=60))
def test_it_counts_the_window_to_within_a_step(steps: list[tuple[float, int, int]]) -> None:
    counted, now, seen = GivenUp(LIMIT), 0.0, []
    for wait, sound, given_up in steps:
        now += wait
        seen.append((now, given_up))
        counted.note(now, sound + given_up, given_up)
        surely = sum(n for at, n in seen if now - at <= LIMIT.seconds - 1)
        perhaps = sum(n for at, n in seen if now - at <= LIMIT.seconds + 1)
        assert surely <= counted._given_up <= perhaps
        assert len(counted._counts) <= 62


def test_both_readers_have_the_limit_from_the_same_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHIOS_DEAD_LETTER_LIMIT", "5")
    monkeypatch.setenv("PROMETHIOS_DEAD_LETTER_SHARE", "0.25")
    monkeypatch.setenv("PROMETHIOS_DEAD_LETTER_SECONDS", "30")
    kafka, clickhouse = SecretStr("kafka+sasl_plaintext://u:p@n:1"), SecretStr("http://u:p@n:1/promethios")
    assert ProcessorSettings(kafka_url=kafka).halt_limit == HaltLimit(5, 0.25, 30)
    assert WriterSettings(kafka_url=kafka, clickhouse_url=clickhouse).halt_limit == HaltLimit(5, 0.25, 30)
