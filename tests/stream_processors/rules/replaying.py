"""A partition that tenants are restored to, and whose log is read again."""

from collections.abc import Sequence

from schemas.derived import DerivedEvent
from stream_processors.rules.partition import PartitionState, Record
from stream_processors.rules.tenant_totals import TenantState


def replayed(
    restored: Sequence[TenantState],
    records: Sequence[Record],
    expected: Sequence[list[DerivedEvent]],
    cut: int,
) -> PartitionState:
    """All records absorbed anew by tenants as of `cut`: said again as it was, or skipped as known."""
    second = PartitionState(0, tenants=restored)
    for place, record in enumerate(records):
        events = second.absorb(record)
        if place >= cut or not restored:
            assert events == expected[place]
        else:
            assert events in ([], expected[place])
    return second
