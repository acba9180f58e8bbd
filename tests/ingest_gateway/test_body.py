"""Reading bodies within their limits."""

import asyncio
from collections.abc import Iterable, MutableMapping
from typing import Any

import pytest

from ingest_gateway.body import BodyReader, ClientGoneError, Receive, announces_lines
from ingest_gateway.limits import Limits
from runtime.problems import ProblemError

LIMITS = Limits(max_body_bytes=10, max_reading_bytes=15, body_seconds=0.05)


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


async def tag_of(reader: BodyReader, receive: Receive, length: bytes | None = None) -> str:
    headers = {} if length is None else {b"content-length": length}
    with pytest.raises(ProblemError) as refused:
        await reader.read(receive, headers)
    assert reader.reading_bytes == 0
    return refused.value.kind.tag


@pytest.mark.parametrize(
    ("headers", "lines"),
    [
        ({b"content-type": b"application/json"}, False),
        ({b"content-type": b"Application/JSON; charset=UTF-8"}, False),
        ({b"content-type": b"application/x-ndjson"}, True),
        ({b"content-type": b'application/x-ndjson;charset="utf-8"'}, True),
        ({b"content-type": b"application/json", b"content-encoding": b"identity"}, False),
    ],
)
def test_json_and_ndjson_are_taken(headers: dict[bytes, bytes], lines: bool) -> None:
    assert announces_lines(headers) is lines


@pytest.mark.parametrize(
    ("headers", "tag"),
    [
        ({}, "wrong-content-type"),
        ({b"content-type": b"text/plain"}, "wrong-content-type"),
        ({b"content-type": b"application/x-www-form-urlencoded"}, "wrong-content-type"),
        ({b"content-type": b"application/json; charset=utf-16"}, "wrong-content-type"),
        ({b"content-type": b"application/json", b"content-encoding": b"gzip"}, "wrong-content-encoding"),
        (
            {b"content-type": b"application/json", b"content-encoding": b"identity, gzip"},
            "wrong-content-encoding",
        ),
    ],
)
def test_everything_else_is_refused(headers: dict[bytes, bytes], tag: str) -> None:
    with pytest.raises(ProblemError) as refused:
        announces_lines(headers)
    assert (refused.value.kind.status, refused.value.kind.tag) == (415, tag)


@pytest.mark.parametrize("parts", [[b"0123456789"], [b"01234", b"56789"], [b"", b"0123456789", b""]])
async def test_a_body_is_joined(parts: list[bytes]) -> None:
    reader = BodyReader(LIMITS)
    assert await reader.read(chunks(*parts), {b"content-length": b"10"}) == b"0123456789"
    assert reader.reading_bytes == 0


async def test_a_declared_length_is_refused_before_reading() -> None:
    reader = BodyReader(LIMITS)
    assert await tag_of(reader, chunks(), b"11") == "body-too-large"
    assert await tag_of(reader, chunks(), b"9" * 5000) == "body-too-large"
    for nonsense in (b"-1", b"1.5", b"", b"0x10", b"1_0"):
        assert await tag_of(reader, chunks(), nonsense) == "bad-content-length"


async def test_a_body_that_grows_too_large_is_refused_while_reading() -> None:
    reader = BodyReader(LIMITS)
    assert await tag_of(reader, chunks(b"01234567890")) == "body-too-large"
    assert await tag_of(reader, chunks(b"0123456789", b"0", complete=False)) == "body-too-large"


async def test_a_body_that_does_not_end_is_refused() -> None:
    reader = BodyReader(LIMITS)
    assert await tag_of(reader, chunks(), b"5") == "slow-body"
    assert await tag_of(reader, chunks(b"012", complete=False)) == "slow-body"


async def test_all_incomplete_bodies_together_are_bounded() -> None:
    reader = BodyReader(LIMITS)
    first = asyncio.create_task(reader.read(chunks(b"0123456789", complete=False), {}))
    await asyncio.sleep(0)
    assert reader.reading_bytes == 10
    with pytest.raises(ProblemError) as refused:
        await reader.read(chunks(b"012345", complete=False), {})
    assert refused.value.kind.tag == "overloaded"
    with pytest.raises(ProblemError):
        await first


async def test_a_client_that_goes_away_is_not_answered() -> None:
    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientGoneError):
        await BodyReader(LIMITS).read(receive, {})
