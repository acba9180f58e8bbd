"""Which rows are looked at."""

import pytest

from privacy.detection import DataClass
from privacy.detectors.registry import DETECTORS
from privacy.trigger import Trigger, trigger_of
from tests.privacy.samples import CANARIES

HARMLESS = b'{"message":"call to search finished after 12 ms, run 8f0a"}'
BOTH = frozenset({DataClass.PERSONAL_DATA, DataClass.SECRETS})


def suspects(*rows: bytes) -> list[int]:
    return [suspect.row for suspect in Trigger(DETECTORS).suspects(rows, b"\n".join(rows))]


@pytest.mark.parametrize("canary", [canary for canary in CANARIES if "\n" not in canary])
def test_a_row_with_something_is_named_wherever_it_stands(canary: str) -> None:
    row = b'{"message":"%b"}' % canary.encode()
    assert suspects(row) == [0]
    assert suspects(HARMLESS, row, HARMLESS, row, row) == [1, 3, 4]
    # Without anything before it in its line.
    assert suspects(HARMLESS, canary.encode()) == [1]


def test_where_all_is_suspicious_each_row_is_asked() -> None:
    many = b'{"message":"%b"}' % (b"a@b.co " * 100)
    assert suspects(many) == [0]
    assert suspects(HARMLESS, many, HARMLESS, many) == [1, 3]


def test_harmless_rows_are_not() -> None:
    assert suspects() == []
    assert suspects(HARMLESS, HARMLESS) == []


def test_only_those_who_may_find_something_are_asked() -> None:
    (suspect,) = Trigger(DETECTORS).suspects([b'"a@b.co"'], b'"a@b.co"')
    assert [detector.hints for detector in suspect.detectors] == [("@", "%40")]


def test_a_trigger_is_made_once_for_its_classes() -> None:
    assert trigger_of(BOTH) is trigger_of(frozenset({*BOTH, DataClass.OWN_PATTERNS}))
    assert trigger_of(frozenset()) is None
    assert trigger_of(frozenset({DataClass.OWN_PATTERNS})) is None
