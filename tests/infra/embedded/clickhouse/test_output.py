"""A query's output: every byte before the end or the error, and a cancelled query when nobody reads on."""

import asyncio
import os
from unittest.mock import Mock

import pytest

from infra.embedded.clickhouse.engine import Job
from infra.embedded.clickhouse.errors import ClickHouseError
from infra.embedded.clickhouse.output import QueryOutput
from infra.embedded.clickhouse.response import Progress


class Query:
    """What the engine's thread does: write, and end or fail."""

    def __init__(self) -> None:
        read_end, self.write_end = os.pipe()
        os.set_blocking(read_end, False)
        self.future: asyncio.Future[Progress] = asyncio.get_running_loop().create_future()
        self.future.add_done_callback(lambda _: os.close(self.write_end))
        self.engine = Mock()
        self.output = QueryOutput(read_end, Job(self.engine, "key", self.future))

    def write(self, data: bytes) -> None:
        os.write(self.write_end, data)


async def test_everything_is_read_before_the_end() -> None:
    query = Query()
    query.write(b"one")
    assert await query.output.read() == b"one"
    waiting = asyncio.create_task(query.output.read())
    await asyncio.sleep(0)
    query.write(b"two")
    assert await waiting == b"two"
    query.write(b"three")
    query.future.set_result(Progress(read_rows=3))
    assert await query.output.read() == b"three"
    assert await query.output.read() is None
    assert query.output.progress.read_rows == 3
    query.output.close()
    query.engine.cancel.assert_not_called()


async def test_an_error_comes_after_what_was_written() -> None:
    query = Query()
    query.write(b"one")
    query.future.set_exception(ClickHouseError(395, "no"))
    assert await query.output.read() == b"one"
    with pytest.raises(ClickHouseError):
        await query.output.read()
    query.output.close()


async def test_to_close_it_cancels_the_query() -> None:
    query = Query()
    query.output.close()
    query.engine.cancel.assert_called_once_with("key", query.future)
    with pytest.raises(BrokenPipeError):
        query.write(b"nobody reads this")
    query.future.set_exception(ClickHouseError(394, "cancelled"))
    with pytest.raises(ClickHouseError):
        await query.output.read()


async def test_to_close_it_wakes_a_reader() -> None:
    query = Query()
    waiting = asyncio.create_task(query.output.read())
    await asyncio.sleep(0)
    query.output.close()
    query.future.set_exception(ClickHouseError(394, "cancelled"))
    with pytest.raises(ClickHouseError):
        await waiting
