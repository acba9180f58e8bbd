"""A letter is read back as it was written, with its record untouched; its name leads to its place."""

import pytest

from infra.dead_letters.letter import Place, parse_place, read_letter
from infra.errors import StackError
from schemas.dead_letters import HEADER_TABLE, Origin, Stage
from schemas.topics import Topic
from tests.infra.dead_letters.fake_log import failed, letter

PLACE = Place(Topic.TELEMETRY_DEAD_LETTERS, 2, 1047)


def test_a_name_leads_to_its_place() -> None:
    assert str(PLACE) == "telemetry.v1:2:1047"
    assert parse_place(str(PLACE)) == PLACE


@pytest.mark.parametrize(
    "name", ["", "1047", "2:1047", "alerts.v1:0:1", "telemetry.v1:x:1", "telemetry.v1:1:-1"]
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(StackError, match="dlq list"):
        parse_place(name)


def test_a_letter_says_what_its_headers_say_and_keeps_the_records_own() -> None:
    own = [("kind", b"log"), ("kind", b"again"), ("x", b"\xff")]
    found = letter("rules", b"\xfe", own, extra=[failed(0, 3), (HEADER_TABLE, b"t")])
    assert (found.origin, found.stage, found.reason) == (Origin(Topic.TELEMETRY, 2, 7), Stage.RULES, "why")
    assert (found.segments, found.table, found.key, found.value) == ((0, 3), "t", b"key", b"\xfe")
    assert found.headers == tuple(own)


def test_a_record_that_is_no_letter_of_ours_is_read_all_the_same() -> None:
    nothing: list[tuple[str, bytes | None]] = [("promethios.errors.partition", None), ("x", None)]
    found = read_letter(PLACE, 5, None, None, [*nothing, ("promethios.errors.segments", b"{")])
    assert (found.origin, found.stage, found.value, found.segments) == (None, "", b"", ())
    assert found.headers == (("x", b""),)


def test_copies_of_a_letter_are_one_and_all_else_are_others() -> None:
    one = letter("insert", b"{}", extra=[(HEADER_TABLE, b"t")])
    assert one.identity == letter("insert", b"{}", extra=[(HEADER_TABLE, b"t")], offset=9).identity
    others = [
        letter("insert", b"[]", extra=[(HEADER_TABLE, b"t")]),
        letter("insert", b"{}", extra=[(HEADER_TABLE, b"u")]),
        letter("decode", b"{}", extra=[(HEADER_TABLE, b"t")]),
        letter("insert", b"{}", origin=Origin(Topic.TELEMETRY, 2, 8), extra=[(HEADER_TABLE, b"t")]),
    ]
    assert len({one.identity, *(other.identity for other in others)}) == 5
