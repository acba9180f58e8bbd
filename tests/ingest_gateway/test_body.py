"""Reading bodies within their limits, and unpacking them."""

import asyncio
import gzip
import tracemalloc
from collections.abc import Iterable, MutableMapping
from typing import Any

import pytest

from ingest_gateway.body import BodyReader, ClientGoneError, Receive
from ingest_gateway.content_encoding import SLICE_BYTES
from ingest_gateway.limits import Limits
from runtime.problems import ProblemError

LIMITS = Limits(max_body_bytes=10, max_reading_bytes=15)
MIB = 1024 * 1024
GZIP = {b"content-encoding": b"gzip"}


def chunks(*parts: bytes, complete: bool = True) -> Receive:
    messages: Iterable[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": not complete or number < len(parts)}
        for number, part in enumerate(parts, start=1)
    ]
    remaining = iter(messages)

    async def receive() -> MutableMapping[str, Any]:
        message = next(remaining, None)
        if message is None:
            await asyncio.Event().wait()
            raise AssertionError
        return message

    return receive


async def tag_of(reader: BodyReader, receive: Receive, headers: dict[bytes, bytes] | None = None) -> str:
    with pytest.raises(ProblemError) as refused:
        await reader.read(receive, headers or {})
    assert reader.reading_bytes == 0
    return refused.value.kind.tag


def varied(size: int) -> bytes:
    """What gzip packs to a fifth or so."""
    text = b"".join(
        b"%d tool call of %d\n" % (number, number * 7919 % 10_007) for number in range(size // 16)
    )
    return text[:size]


@pytest.mark.parametrize("parts", [[b"0123456789"], [b"01234", b"56789"], [b"", b"0123456789", b""]])
async def test_a_body_is_joined(parts: list[bytes]) -> None:
    reader = BodyReader(LIMITS)
    body = await reader.read(chunks(*parts), {b"content-length": b"10"})
    assert body == (b"0123456789", 10)
    assert reader.reading_bytes == 0


async def test_a_declared_length_is_refused_before_reading() -> None:
    reader = BodyReader(LIMITS)
    assert await tag_of(reader, chunks(), {b"content-length": b"11"}) == "body-too-large"
    assert await tag_of(reader, chunks(), {b"content-length": b"9" * 5000}) == "body-too-large"
    for nonsense in (b"-1", b"1.5", b"", b"0x10", b"1_0"):
        assert await tag_of(reader, chunks(), {b"content-length": nonsense}) == "bad-content-length"


async def test_a_body_that_grows_too_large_is_refused_while_reading() -> None:
    reader = BodyReader(LIMITS)
    assert await tag_of(reader, chunks(b"01234567890")) == "body-too-large"
    assert await tag_of(reader, chunks(b"0123456789", b"0", complete=False)) == "body-too-large"


async def test_all_incomplete_bodies_together_are_bounded() -> None:
    reader = BodyReader(LIMITS)
    first = asyncio.create_task(reader.read(chunks(b"0123456789", complete=False), {}))
    await asyncio.sleep(0)
    assert reader.reading_bytes == 10
    with pytest.raises(ProblemError) as refused:
        await reader.read(chunks(b"012345", complete=False), {})
    assert refused.value.kind.tag == "overloaded"
    assert reader.reading_bytes == 10
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert reader.reading_bytes == 0


async def test_a_client_that_goes_away_is_not_answered() -> None:
    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientGoneError):
        await BodyReader(LIMITS).read(receive, {})


@pytest.mark.parametrize("size", [0, 1, 1000, SLICE_BYTES, SLICE_BYTES + 1, 3 * MIB])
async def test_a_packed_body_of_any_size_is_unpacked(size: int) -> None:
    reader = BodyReader(Limits())
    packed = gzip.compress(varied(size))
    assert await reader.read(chunks(packed), GZIP) == (varied(size), len(packed))
    assert reader.reading_bytes == 0


async def test_an_unknown_encoding_is_refused_before_anything_is_read() -> None:
    assert (
        await tag_of(BodyReader(LIMITS), chunks(), {b"content-encoding": b"br"}) == "wrong-content-encoding"
    )


async def test_a_bomb_ends_at_a_limit_and_takes_no_memory() -> None:
    bomb = gzip.compress(bytes(300 * MIB), compresslevel=9)
    tracemalloc.start()
    assert await tag_of(BodyReader(Limits()), chunks(bomb), GZIP) == "decoded-too-large"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 24 * MIB


async def test_the_ratio_ends_a_smaller_bomb_sooner() -> None:
    bomb = gzip.compress(bytes(4 * MIB), compresslevel=9)
    assert await tag_of(BodyReader(Limits()), chunks(bomb), GZIP) == "compression-too-high"


async def test_honest_repetition_is_no_bomb() -> None:
    same = b'{"agentId":"a","status":"active"}\n' * 20_000
    packed = gzip.compress(same)
    assert len(same) > 100 * len(packed)
    assert await BodyReader(Limits()).read(chunks(packed), GZIP) == (same, len(packed))


@pytest.mark.parametrize("cut", [1, 100_000])
async def test_what_is_cut_off_is_refused(cut: int) -> None:
    packed = gzip.compress(varied(3 * MIB))
    assert len(packed) > 2 * cut
    assert await tag_of(BodyReader(Limits()), chunks(packed[:-cut]), GZIP) == "bad-content-encoding"


async def test_others_have_their_turn_while_a_large_body_is_unpacked() -> None:
    reader = BodyReader(Limits())
    reading = asyncio.create_task(reader.read(chunks(gzip.compress(varied(4 * MIB))), GZIP))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0)
        turns += 1
    assert len((await reading)[0]) == 4 * MIB
    assert turns > 10


async def test_large_bodies_are_unpacked_one_after_the_other() -> None:
    reader = BodyReader(Limits(max_reading_bytes=8 * MIB))
    packed = gzip.compress(varied(4 * MIB))
    bodies = await asyncio.gather(*(reader.read(chunks(packed), GZIP) for _ in range(3)))
    assert {len(content) for content, _ in bodies} == {4 * MIB}
    waiting = [asyncio.create_task(reader.read(chunks(packed), GZIP)) for _ in range(50)]
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, ProblemError)]
    assert 0 < len(refused) < 50
    assert {problem.kind.tag for problem in refused} == {"overloaded"}
    assert reader.reading_bytes == 0
