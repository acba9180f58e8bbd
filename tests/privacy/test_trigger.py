"""Which rows are looked at."""

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from privacy.detection import DataClass
from privacy.detectors.registry import DETECTORS
from privacy.effort import Effort
from privacy.trigger import Trigger, trigger_of
from tests.privacy.samples import CANARIES, SURVIVORS

HARMLESS = b'{"message":"call to search finished after 12 ms, run 8f0a"}'
BOTH = frozenset({DataClass.PERSONAL_DATA, DataClass.SECRETS})
TRIGGER = Trigger(DETECTORS)
# Findings of each kind and form, among what stands around them in texts.
PIECES = [
    *CANARIES,
    *SURVIVORS[:-1],
    "password=hunter2",
    "Authorization: Bearer abcdefgh12345678ijkl",
    "https://ada:hunter2@example.com",
    "bob%40example.com",
    "0049 30 1234567",
    "030/1234567",
    "555.123.4567",
    "378282246310005",
    "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
    "64:ff9b:1:2:3:4:192.0.2.33",
    *' \n\t\x1f"\\0a+-./:,([{<=@é',
]
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=5).map("".join)


def suspects(*rows: bytes) -> list[int]:
    return [suspect.row for suspect in TRIGGER.suspects(rows, b"\n".join(rows))]


@pytest.mark.parametrize("canary", [canary for canary in CANARIES if "\n" not in canary])
def test_a_row_with_something_is_named_wherever_it_stands(canary: str) -> None:
    row = b'{"message":"%b"}' % canary.encode()
    assert suspects(row) == [0]
    assert suspects(HARMLESS, row, HARMLESS, row, row) == [1, 3, 4]
    # Without anything before it in its line.
    assert suspects(HARMLESS, canary.encode()) == [1]


@example(["a@b.co", "a@b.co", "", "a@b.co"])
@given(st.lists(texts, max_size=6))
def test_whoever_finds_something_in_a_row_is_asked(rows: list[str]) -> None:
    storable = [row.encode(errors="ignore") for row in rows]
    encoded = [msgspec.json.encode({"message": row.decode()}) for row in storable]
    suspects = TRIGGER.suspects(encoded, b"\n".join(encoded))
    suspected = {suspect.row: suspect.detectors for suspect in suspects}
    for number, row in enumerate(storable):
        found = {detector for detector in DETECTORS if any(detector.find(row, Effort()))}
        assert found <= set(suspected.get(number, ()))


def test_those_who_are_asked_keep_their_order() -> None:
    row = b'{"message":"%b"}' % b" ".join(canary.encode() for canary in CANARIES if "\n" not in canary)
    for rows in ([row], [row, *[HARMLESS] * 20]):
        (suspect,) = TRIGGER.suspects(rows, b"\n".join(rows))
        assert list(suspect.detectors) == [one for one in DETECTORS if one in suspect.detectors]
        assert len(suspect.detectors) > 6


def test_each_of_equal_rows_is_named() -> None:
    row = b'{"message":"a@b.co and +49 30 1234567"}'
    assert suspects(row, row, HARMLESS, row, row) == [0, 1, 3, 4]


def test_where_all_is_suspicious_each_row_is_asked() -> None:
    many = b'{"message":"%b"}' % (b"a@b.co " * 100)
    assert suspects(many) == [0]
    assert suspects(HARMLESS, many, HARMLESS, many) == [1, 3]


def test_harmless_rows_are_not() -> None:
    assert suspects() == []
    assert suspects(HARMLESS, HARMLESS) == []


def test_only_those_who_may_find_something_are_asked() -> None:
    (suspect,) = TRIGGER.suspects([b'"a@b.co"'], b'"a@b.co"')
    assert [detector.hints for detector in suspect.detectors] == [("@", "%40")]


def test_a_trigger_is_made_once_for_its_classes() -> None:
    assert trigger_of(BOTH) is trigger_of(frozenset({*BOTH, DataClass.OWN_PATTERNS}))
    assert trigger_of(frozenset()) is None
    assert trigger_of(frozenset({DataClass.OWN_PATTERNS})) is None
