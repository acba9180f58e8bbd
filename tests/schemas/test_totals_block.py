"""Reports of totals come back as they were, and nothing else is taken for one."""

import pytest

from schemas.block import Block, Kind, decode_block
from schemas.budgets import BudgetPeriod, BudgetScope
from schemas.errors import InvalidMessageError
from schemas.totals_block import CountsRow, TotalsRow, decode_totals_rows, encode_totals_block, rule_key

ROW = TotalsRow(
    "acme", 2, 17, BudgetScope.COST_CENTER, 'a/"b"\n', BudgetPeriod.DAY, 20_484, "USD", str(10**30)
)
COUNTS = CountsRow("acme", 2, 17, rule_key("r", 3), 4, [1, 0, 2**62], {"spend/USD": 5})


def test_rows_come_back() -> None:
    headers, value = encode_totals_block([ROW, COUNTS], 5)
    block = decode_block(headers, value)
    assert (block.kind, [segment.lines for segment in block.segments]) == (Kind.TOTALS, [2])
    assert decode_totals_rows(block) == [ROW, COUNTS]


@pytest.mark.parametrize("value", [b"{}\n", b"\xff\n", b'{"of":"spend"}\n', b'{"of":"x"}\n'])
def test_what_is_no_row_is_refused(value: bytes) -> None:
    with pytest.raises(InvalidMessageError):
        decode_totals_rows(Block(Kind.TOTALS, (), value))


def test_units_are_a_number() -> None:
    _, value = encode_totals_block([ROW], 5)
    with pytest.raises(InvalidMessageError, match="a totals row"):
        decode_totals_rows(Block(Kind.TOTALS, (), value.replace(b'"1000', b'"x000')))


def test_an_amount_that_no_state_could_hold_is_refused() -> None:
    _, value = encode_totals_block([COUNTS], 5)
    with pytest.raises(InvalidMessageError, match="a totals row"):
        decode_totals_rows(Block(Kind.TOTALS, (), value.replace(b"4611686018427387904", b"9" * 30)))
