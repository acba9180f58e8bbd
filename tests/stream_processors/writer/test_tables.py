"""A missing migration is waited for: its rows must not be taken for poison."""

import asyncio
from collections.abc import Mapping
from typing import cast

import pytest

from stream_processors.writer import tables
from stream_processors.writer.insert import Inserter, UnavailableError
from stream_processors.writer.tables import NEEDED, missing_columns, wait_for_tables


class FakeInserter:
    """Tables that can change; None for a server that is away."""

    def __init__(self, has: Mapping[str, frozenset[str]] | None) -> None:
        self.has = has

    async def columns(self, table: str) -> frozenset[str]:
        if self.has is None:
            raise UnavailableError("away")
        return self.has.get(table, frozenset())


def _as_inserter(fake: FakeInserter) -> Inserter:
    return cast("Inserter", fake)


async def test_all_columns_are_there() -> None:
    has = {table: columns | {"one_more"} for table, columns in NEEDED.items()}

    assert await missing_columns(_as_inserter(FakeInserter(has))) == {}


async def test_what_is_missing_is_named() -> None:
    has = {**NEEDED, "heartbeats": NEEDED["heartbeats"] - {"status"}, "alerts": frozenset[str]()}

    assert await missing_columns(_as_inserter(FakeInserter(has))) == {
        "heartbeats": ["status"],
        "alerts": sorted(NEEDED["alerts"]),
    }


@pytest.mark.parametrize("before", [None, {}])
async def test_it_waits_until_they_are(
    before: Mapping[str, frozenset[str]] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_RETRY_SECONDS", 0.01)
    fake = FakeInserter(before)
    waiting = asyncio.create_task(wait_for_tables(_as_inserter(fake)))
    await asyncio.sleep(0.05)
    assert not waiting.done()

    fake.has = NEEDED
    async with asyncio.timeout(60):
        await waiting
