"""What was erased is left out of what is read again, and nothing else is changed by a byte."""

import math

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.erasures import ERASED, Erasure, ErasureMode, ErasureState
from stream_processors.writer.erasing import NOTHING_ERASED, Erasures

UP_TO = 1_000
DONE_AT = 2_000
AGENT = Erasure(
    "e1",
    "acme",
    ErasureMode.ERASE,
    1,
    "ada",
    agent_id="gone",
    state=ErasureState.DONE,
    up_to=UP_TO,
    finished_at=DONE_AT,
)
VALUE = Erasure("e2", "acme", ErasureMode.ANONYMISE, 1, "ada", value="bob@example.com", up_to=UP_TO)
ROW = {
    "tenant_id": "acme",
    "agent_id": "kept",
    "received_at": "2026-01-31T12:00:00.000Z",
    "batch_id": "b",
    "seq": 1,
    "message": "Bob@Example.com called",
    "context": {"bob@example.com": ["x", {"y": "to bob@example.com"}], "n": 1.50},
    "amount": 0.1,
}


def erasures(*known: Erasure) -> Erasures:
    found = Erasures()
    for erasure in known:
        found.apply("", "", erasure)
    return found


def lines(*rows: dict[str, object]) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def test_an_agents_rows_up_to_then_are_gone_and_later_ones_stay() -> None:
    known = erasures(AGENT)
    assert known.touch("acme", "gone", UP_TO)
    assert known.kept("acme", "gone", UP_TO, lines(ROW)) == b""
    for tenant, agent, received_at in (
        ("acme", "gone", UP_TO + 1),
        ("acme", "kept", UP_TO),
        ("other", "gone", UP_TO),
    ):
        assert not known.touch(tenant, agent, received_at)
        assert known.kept(tenant, agent, received_at, lines(ROW)) == lines(ROW)


def test_a_value_is_replaced_in_every_text_at_any_depth_and_in_names() -> None:
    [row] = [
        orjson.loads(line) for line in erasures(VALUE).kept("acme", "kept", UP_TO, lines(ROW)).splitlines()
    ]
    assert row == {
        **ROW,
        "message": f"{ERASED} called",
        "context": {ERASED: ["x", {"y": f"to {ERASED}"}], "n": 1.5},
    }


def test_figures_stay_as_they_are_written() -> None:
    line = b'{"message":"bob@example.com","amount":0.100000000000000000001}\n'
    kept = erasures(VALUE).kept("acme", "kept", UP_TO, line)
    assert kept == b'{"message":"[erased]","amount":0.100000000000000000001}\n'


def test_rows_with_the_value_go_where_it_is_erased() -> None:
    known = erasures(msgspec.structs.replace(VALUE, mode=ErasureMode.ERASE))
    harmless = {**ROW, "message": "hello", "context": None}
    assert known.kept("acme", "kept", UP_TO, lines(ROW, harmless)) == lines(harmless)


@pytest.mark.parametrize("value", ["acme", "2026-01-31T12:00:00.000Z", "message"])
def test_what_names_a_row_is_no_text(value: str) -> None:
    row = {**ROW, "timestamp": "2026-01-31T12:00:00.000Z", "message": "hello"}
    known = erasures(msgspec.structs.replace(VALUE, value=value))
    assert known.kept("acme", "kept", UP_TO, lines(row)) == lines(row)


def test_lines_that_are_no_rows_are_left_to_the_dead_letters() -> None:
    assert erasures(VALUE).kept("acme", "kept", UP_TO, b"no json\n") == b"no json\n"


@pytest.mark.parametrize("mode", ErasureMode)
def test_while_an_agent_is_being_erased_nothing_of_it_counts(mode: ErasureMode) -> None:
    running = msgspec.structs.replace(AGENT, mode=mode, state=ErasureState.RUNNING, finished_at=None)
    known = erasures(running)
    for said in (False, True):
        assert known.touch("acme", "gone", UP_TO * 1_000, said=said)
    assert list(known.agents()) == [("acme/gone", math.inf)]


@pytest.mark.parametrize("mode", ErasureMode)
def test_before_it_has_begun_all_counts(mode: ErasureMode) -> None:
    asked = msgspec.structs.replace(AGENT, mode=mode, state=ErasureState.REQUESTED, up_to=0, finished_at=None)
    known = erasures(asked)
    assert not known.touch("acme", "gone", 0)
    assert known.kept("acme", "gone", 0, lines(ROW)) == lines(ROW)


def test_what_was_said_of_an_agent_until_it_was_done_does_not_come_back() -> None:
    known = erasures(AGENT)
    assert known.touch("acme", "gone", DONE_AT, said=True)
    assert known.kept("acme", "gone", DONE_AT, lines(ROW), said=True) == b""
    assert not known.touch("acme", "gone", DONE_AT + 1, said=True)
    assert not known.touch("acme", "gone", DONE_AT)
    assert list(known.agents()) == [("acme/gone", UP_TO)]


def test_a_newer_record_takes_the_place_of_the_older() -> None:
    known = erasures(msgspec.structs.replace(AGENT, state=ErasureState.REQUESTED, up_to=0), AGENT)
    assert known.touch("acme", "gone", UP_TO)
    assert not known.touch("acme", "gone", UP_TO + 1)


def test_a_value_that_is_forgotten_is_looked_for_no_more() -> None:
    known = erasures(VALUE, msgspec.structs.replace(VALUE, value=None))
    assert not known.touch("acme", "kept", UP_TO)


def test_where_nothing_was_erased_nothing_is_touched() -> None:
    assert not NOTHING_ERASED.touch("acme", "gone", 0)
    assert NOTHING_ERASED.kept("acme", "gone", 0, b"x\n") == b"x\n"


@given(st.lists(st.dictionaries(st.text("ab", max_size=3), st.text(max_size=10)), max_size=5))
def test_rows_without_the_value_stay_byte_for_byte(rows: list[dict[str, str]]) -> None:
    sent = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
    if sent:
        assert erasures(VALUE).kept("acme", "kept", UP_TO, sent) == sent
