"""A tenant's totals as a partition's owner reports them into the tenant's home partition.

A tenant's agents are on all partitions, and what is asked of all together has to be a function of one log. So
each partition's totals go into the one that the tenant's id leads to, where rules absorb them in its order.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from schemas.block import BATCH_ID_BYTES, Block, Kind, Segment, encode_headers
from schemas.budgets import BudgetPeriod, BudgetScope
from schemas.errors import InvalidMessageError

# A sum must fit 64 bits; far above anything true.
MOST = 1 << 62

Amount = Annotated[int, msgspec.Meta(ge=0, le=MOST)]


class TotalsRow(msgspec.Struct, frozen=True, tag_field="of", tag="spend"):
    """What was spent in a partition up to its record at `offset`, cumulative since the period began.

    `number` counts days or months from 1970, `units` are cost units as a text. Of a partition the row with
    the highest offset counts, so a report that comes again, or late, changes nothing.
    """

    tenant_id: str
    log_partition: int
    offset: int
    scope: BudgetScope
    name: str
    period: BudgetPeriod
    number: int
    currency: str
    units: str


class CountsRow(msgspec.Struct, frozen=True, tag_field="of", tag="counts"):
    """What was counted for an alert rule in a partition up to its record at `offset`, since `stretch` began.

    `rule` is the rule's id and version, as `rule_key` joins them. Counters and money are as the alert engine
    has them. The stretches of a partition's log are numbered; of a partition that row counts which is of the
    newest stretch, and among these has the highest offset.
    """

    tenant_id: str
    log_partition: int
    offset: int
    rule: str
    stretch: int
    counters: list[Amount]
    money: dict[str, Amount]


AnyTotalsRow = TotalsRow | CountsRow


def rule_key(rule_id: str, version: int) -> str:
    """Under which what comes for a version of a rule is added up; ids hold no slash."""
    return f"{rule_id}/{version}"


_encoder = msgspec.json.Encoder()
_decode_rows = msgspec.json.Decoder(AnyTotalsRow).decode_lines


def encode_totals_block(
    rows: Sequence[AnyTotalsRow], received_at: int
) -> tuple[list[tuple[str, bytes]], bytes]:
    """Headers and value of a totals block; it is nobody's request, so its one segment names no agent."""
    value = _encoder.encode_lines(rows)
    segment = Segment("", "", bytes(BATCH_ID_BYTES), False, len(rows), len(value), received_at)
    return encode_headers(Kind.TOTALS, [segment]), value


def decode_totals_rows(block: Block) -> list[AnyTotalsRow]:
    """Read the rows of a totals block.

    Raises:
        InvalidMessageError: a row is none, or has no number for its units.
    """
    try:
        rows = _decode_rows(block.value)
        for row in rows:
            if isinstance(row, TotalsRow):
                int(row.units)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        raise InvalidMessageError(f"a totals row: {error}") from error
    return rows
