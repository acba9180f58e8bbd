"""Bytes that are no proper HTTP/1.1, for any route: lengths that lie, heads without end, bodies that drip."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.integration.bad_requests import Target
from tests.integration.raw_http import request

CLOSED = "closed without an answer"
Parts = Callable[[Target, Mapping[str, str]], Iterable[bytes]]


@dataclass(frozen=True)
class Stream:
    """What is sent on a connection to a route, by the good headers; `tags` are those of the answers allowed.

    Before each part there is a `pause` in seconds; with `half_close` the client ends after the last part.
    """

    name: str
    tags: set[str]
    parts: Parts
    pause: float = 0.0
    half_close: bool = False


def _sized(length: str, body: bytes | None = None) -> Parts:
    """A good request but for its Content-Length, and perhaps another body."""

    def parts(target: Target, headers: Mapping[str, str]) -> Iterable[bytes]:
        return [request(target.path, headers, target.good if body is None else body, length=length)]

    return parts


def _lying(by: int) -> Parts:
    """A good request whose Content-Length is wrong by some bytes."""
    return lambda target, headers: [
        request(target.path, headers, target.good, length=str(len(target.good) + by))
    ]


def _chunked(*chunks: bytes, coding: str = "chunked", more: str = "") -> Parts:
    """The head of a chunked request, and then these bytes."""

    def parts(target: Target, headers: Mapping[str, str]) -> Iterable[bytes]:
        yield request(target.path, {**headers, "Transfer-Encoding": coding}, length=None, more=more)
        yield from chunks

    return parts


def _head(more: bytes, end: bytes = b"\r\n\r\n") -> Parts:
    """A good head with some bytes more."""

    def parts(target: Target, headers: Mapping[str, str]) -> Iterable[bytes]:
        good = request(target.path, headers, length="0")
        return [good.removesuffix(b"\r\n\r\n") + b"\r\n" + more + end]

    return parts


def _raw(data: bytes) -> Parts:
    return lambda _target, _headers: [data]


def _dripping_body(target: Target, headers: Mapping[str, str]) -> Iterator[bytes]:
    whole = request(target.path, headers, target.good, length="1000")
    head = len(whole) - len(target.good)
    yield whole[:head]
    yield from itertools.chain((whole[n : n + 1] for n in range(head, len(whole))), itertools.repeat(b" "))


def _dripping_head(_target: Target, _headers: Mapping[str, str]) -> Iterator[bytes]:
    yield b"POST /"
    yield from itertools.repeat(b"x")


def _endless_header(target: Target, headers: Mapping[str, str]) -> Iterator[bytes]:
    yield request(target.path, headers, length="0").removesuffix(b"\r\n\r\n") + b"\r\nX-Endless: "
    yield from itertools.repeat(b"x" * 65_536, 3_000)


def _endless_chunks(target: Target, headers: Mapping[str, str]) -> Iterator[bytes]:
    yield from _chunked()(target, headers)
    yield from itertools.repeat(b"10000\r\n" + b" " * 65_536 + b"\r\n", 3_000)


def _waiting(target: Target, headers: Mapping[str, str]) -> Iterable[bytes]:
    return [request(target.path, {**headers, "Expect": "100-continue"}, length=str(10**9))]


def _twice(name: str) -> Parts:
    """A good request in which a header comes twice."""

    def parts(target: Target, headers: Mapping[str, str]) -> Iterable[bytes]:
        given = {**headers, "Idempotency-Key": "a", "X-Agent-ID": "b"}
        return [request(target.path, given, target.good, more=f"{name}: {given[name]}\r\n")]

    return parts


_NOT_HTTP = {"bad-request", CLOSED}
_BAD_LENGTH = {"bad-request", "bad-content-length"}
_HUGE = {"bad-request", "bad-content-length", "body-too-large"}
_HEAD = {"head-too-large"}

STREAMS = [
    Stream("a length beyond the body's end", {CLOSED}, _lying(+10), half_close=True),
    Stream("a length beyond what ever comes", {"slow-body"}, _lying(+10)),
    Stream("a length within the body", {"bad-json", "bad-protobuf"}, _lying(-3)),
    Stream("no length and no body", {"bad-json", "", "bad-request"}, lambda t, h: [request(t.path, h)]),
    Stream("a negative length", _BAD_LENGTH, _sized("-1")),
    Stream("a length in hexadecimal", _BAD_LENGTH, _sized("0x10")),
    Stream("an empty length", _BAD_LENGTH, _sized("")),
    Stream("a length with a sign", _BAD_LENGTH, _sized("+5")),
    Stream("a length of 40 digits", _HUGE, _sized("9" * 40)),
    Stream("a length of 1 TB", {"body-too-large"}, _sized(str(10**12))),
    Stream("two lengths", {"bad-request", "repeated-header"}, _sized("5\r\nContent-Length: 6")),
    Stream("a length beside chunks", {"bad-request"}, _chunked(b"0\r\n\r\n", more="Content-Length: 5\r\n")),
    Stream("chunks in another coding", {"bad-request"}, _chunked(b"0\r\n\r\n", coding="chunked, gzip")),
    Stream("a chunk of no size", {"bad-request"}, _chunked(b"xyz\r\n")),
    Stream("a chunk of 2^70 bytes", {"bad-request"}, _chunked(b"4" + b"0" * 17 + b"\r\nabc")),
    Stream("a chunk that is too long", {"bad-request"}, _chunked(b"2\r\nabcdef\r\n0\r\n\r\n")),
    Stream("chunks without an end", {CLOSED}, _chunked(b"2\r\n{}\r\n"), half_close=True),
    Stream("chunks that never end", {"slow-body"}, _chunked(b"2\r\n{}\r\n")),
    Stream("200 MB of chunks", {"body-too-large"}, _endless_chunks),
    Stream("a billion bytes, if we may", {"body-too-large"}, _waiting),
    Stream("a header of 64 KiB", _HEAD, _head(b"X-Long: " + b"x" * 65_536)),
    Stream("a header of 200 MB", _HEAD | {CLOSED}, _endless_header),
    Stream("a thousand headers", _HEAD, _head(b"".join(b"X-%d: 1\r\n" % n for n in range(1000)), b"\r\n")),
    Stream("a header without a colon", {"bad-request"}, _head(b"nonsense")),
    Stream("a NUL in a header", {"bad-request"}, _head(b"X-Nul: a\0b")),
    Stream("a folded header", {"bad-request"}, _head(b"X-Folded: a\r\n b")),
    Stream("a space before the colon", {"bad-request"}, _head(b"Content-Length : 5")),
    Stream(
        "a URL of 100 KB",
        {"url-too-long", "head-too-large"},
        _raw(b"POST /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n"),
    ),
    Stream("no URL", {"bad-request"}, _raw(b"POST HTTP/1.1\r\n\r\n")),
    Stream("an unknown method", {"bad-request"}, _raw(b"SMASH / HTTP/1.1\r\n\r\n")),
    Stream("HTTP/9.9", {"bad-request"}, _raw(b"POST / HTTP/9.9\r\nHost: x\r\n\r\n")),
    Stream("HTTP/2", _NOT_HTTP, _raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
    Stream("TLS", _NOT_HTTP, _raw(bytes.fromhex("16030100a5010000a10303") + bytes(200))),
    Stream("random bytes", _NOT_HTTP, _raw(bytes(range(255, -1, -1)) * 10)),
    Stream("a dripping body", {"slow-body"}, _dripping_body, pause=0.1),
    Stream("a dripping head", {"slow-head", CLOSED}, _dripping_head, pause=0.1),
    *(
        Stream(f"{name} twice", {"repeated-header", "bad-request"}, _twice(name))
        for name in ("Authorization", "Content-Type", "Idempotency-Key", "X-Agent-ID")
    ),
]
