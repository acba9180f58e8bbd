"""A batch of an unreadable record that its agent sent once more is found, and nothing else is."""

import pytest

from infra.dead_letters.counted import counted_batches
from infra.dead_letters.restoring import Batch
from schemas.block import HEADER_READER, LATEST_APPEND_MS, Kind
from schemas.topics import Service, Topic
from tests.infra.dead_letters.fake_log import NOW, FakeLog, block_headers, failed, letter, segment

ROWS = b'{"n":1}\n'
OURS = segment("a", 1, ROWS)
BATCH = Batch("default/a", (1).to_bytes(16))
LETTER = letter("rules", ROWS, block_headers(OURS))


async def found(log: FakeLog, of: Service = Service.PROCESSORS, *unread: int) -> set[Batch]:
    return await counted_batches(log.reader, [LETTER], of, {(2, offset) for offset in unread})


async def put(log: FakeLog, *headers: tuple[str, bytes], value: bytes = ROWS) -> None:
    await log.send_and_wait(Topic.TELEMETRY, value, partition=2, headers=headers)


async def test_a_repeat_is_found_before_and_after_and_the_unreadable_record_itself_is_none() -> None:
    log = FakeLog()
    await put(log, *block_headers(OURS))
    await put(log, ("kind", b"?"))
    await put(log, *block_headers(segment("b", 1, ROWS)))
    await put(log, *block_headers(kind=Kind.TICK), value=b"")
    assert await found(log) == {BATCH}
    assert await found(log, Service.PROCESSORS, 0) == set()


async def test_what_came_too_late_or_was_for_another_reader_was_not_counted() -> None:
    late, other = FakeLog(NOW + LATEST_APPEND_MS + 1), FakeLog()
    await put(late, *block_headers(OURS))
    await put(other, *block_headers(OURS), (HEADER_READER, b"writer"))
    assert await found(late) == await found(other) == set()
    assert await found(other, Service.WRITER) == {BATCH}


async def test_what_was_sent_again_is_unkeyed_and_late_and_was_counted() -> None:
    log = FakeLog(NOW + 24 * 60 * 60 * 1000)
    again = block_headers(segment("a", 1, ROWS, keyed=False))
    await put(log, *again, (HEADER_READER, b"processors"))
    assert await found(log) == {BATCH}


@pytest.mark.parametrize(
    "other",
    [
        letter("rules", ROWS, block_headers(OURS), extra=[failed(0)]),
        letter("decode", ROWS),
        letter("rules", ROWS, block_headers(segment("a", 1, ROWS, keyed=False))),
    ],
    ids=["of a failed request", "unreadable", "unkeyed"],
)
async def test_other_letters_need_no_search(other: object) -> None:
    log = FakeLog()
    await put(log, *block_headers(OURS))
    assert await counted_batches(log.reader, [other], Service.PROCESSORS, set()) == set()  # type: ignore[list-item]  # pytest hands objects over
