"""What cannot be stored goes to the dead-letter topic with its reason, and holds nothing else up."""

import pytest

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.block import Kind, encode_headers
from schemas.topics import Topic
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.poison import read_dead_letters, with_poison
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import Fleet, send
from tests.integration.writer_oracle import assert_stored, expected_rows
from tests.integration.writer_process import WriterProcess

pytestmark = pytest.mark.integration


async def test_a_record_that_is_no_block_is_kept_as_it_is(
    topics: KafkaAddress, tables: EmbeddedClickHouse, writer: WriterProcess
) -> None:
    headers = [*encode_headers(Kind.LOG, []), ("traceparent", b"00-1")]
    producer = kafka.producer(topics, client_id="test")
    await producer.start()
    sent = await producer.send_and_wait(
        Topic.TELEMETRY, b"undecodable-bytes\xff", key=b"a key", partition=1, headers=headers
    )
    await producer.stop()
    fleet = Fleet("undecodable", agents=4, seed=7)
    blocks = fleet.blocks(20)
    offsets = await send(topics, blocks)
    writer.start()

    await assert_stored(tables, "undecodable", expected_rows(zip(blocks, offsets, strict=True)))
    await _letters_are_there(topics, "undecodable-bytes", 1)
    [letter] = await read_dead_letters(topics, "undecodable-bytes")
    assert (letter.key, letter.value) == (b"a key", b"undecodable-bytes\xff")
    assert list(letter.headers[: len(headers)]) == headers
    reason = dict(letter.headers[len(headers) :])
    assert reason["promethios.errors.topic"] == Topic.TELEMETRY.encode()
    assert reason["promethios.errors.partition"] == b"1"
    assert reason["promethios.errors.offset"] == str(sent.offset).encode()
    assert b"the segments say 0 bytes" in reason["promethios.errors.exception.message"]


async def test_a_poison_row_is_taken_out_and_the_rest_is_stored(
    topics: KafkaAddress, tables: EmbeddedClickHouse, writer: WriterProcess
) -> None:
    poisoned, poison = with_poison(Fleet("poisoned", agents=8, seed=8).blocks(6), "poisoned")
    offsets = await send(topics, poisoned)
    writer.start()

    expected = expected_rows(zip(poisoned, offsets, strict=True)) - poison
    await assert_stored(tables, "poisoned", expected)
    await _letters_are_there(topics, "poison of poisoned", poison.total())
    letters = await read_dead_letters(topics, "poison of poisoned")
    assert len(letters) == poison.total() > 0
    assert all(b"seq" in dict(letter.headers)["promethios.errors.exception.message"] for letter in letters)

    async def are_counted() -> bool:
        # Beside what other tests have left in the log.
        return await writer.metric("promethios_writer_dead_letters_total") >= poison.total()

    await until("the letters in the metric", are_counted)


async def _letters_are_there(address: KafkaAddress, name: str, count: int) -> None:
    """They come after the rows of the same chunk."""

    async def are_there() -> bool:
        return len(await read_dead_letters(address, name)) >= count

    await until(f"{count} letters of {name}", are_there)
