"""uvicorn's request and its answer, cheaper for answers that are sent whole.

A head that says its content's length is held until the content comes, and both leave in one write; heads that
were sent before are not put together and checked again. Everything else is done by uvicorn.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol, cast

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

Headers = Iterable[tuple[bytes, bytes]]

_KEPT_HEADS = 1024
_LENGTH = b"content-length"
# They decide how the answer is framed and what becomes of the connection: uvicorn's own way then.
_FRAMING = frozenset({b"connection", b"transfer-encoding"})
_BODILESS = frozenset({204, 304})


class Head(NamedTuple):
    """The lines of an answer's head but for the server's own, and how long its content is."""

    status_line: bytes
    lines: bytes
    length: int


class WholeWrites(Protocol):
    """What the transport can do beside a transport's own."""

    def write_whole(self, data: bytes) -> None:
        """Write at once."""


class Wake:
    """What `asyncio.Event` is, for one task, which looks by itself why it was woken."""

    __slots__ = ("_future",)

    def __init__(self) -> None:
        """Nobody waits."""
        self._future: asyncio.Future[None] | None = None

    def set(self) -> None:
        """Wake the one who waits."""
        if self._future is not None and not self._future.done():
            self._future.set_result(None)

    async def wait(self) -> None:
        """Return at the next `set`."""
        self._future = asyncio.get_running_loop().create_future()
        try:
            await self._future
        finally:
            self._future = None


class RequestCycle(RequestResponseCycle):
    """One request; its state has the base's names, and its defaults stand on the class."""

    disconnected = False
    more_body = True
    response_started = False
    response_complete = False
    chunked_encoding = None
    expected_content_length = 0
    _taken = False
    _held: tuple[Any, Head] | None = None

    def __init__(self, protocol: HttpToolsProtocol, *, keep_alive: bool) -> None:
        """The request whose head `protocol` has just read; the base's constructor is not called."""
        self.scope = protocol.scope
        self.transport = protocol.transport
        self._wire = cast("WholeWrites", protocol.transport)
        self.flow = protocol.flow
        self.logger = protocol.logger
        self.access_logger = protocol.access_logger
        self.access_log = protocol.access_log
        self.default_headers = protocol.server_state.default_headers
        self.message_event = Wake()  # type: ignore[assignment] # set and waited for in the same way
        self.on_response = protocol.on_response_complete
        self.keep_alive = keep_alive
        self.waiting_for_100_continue = protocol.expect_100_continue
        self.body = b""  # type: ignore[assignment] # most bodies come in one piece, which is not copied

    def take(self, piece: bytes) -> None:
        """A piece of the body has come."""
        if self.body:
            self.body = bytearray(self.body) + piece
        else:
            self.body = piece  # type: ignore[assignment] # as above
        if len(self.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        self.message_event.set()

    async def receive(self) -> Any:  # noqa: ANN401 - ASGI's events
        """What has come of the body, else the client's going away."""
        if self.waiting_for_100_continue and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.waiting_for_100_continue = False
        while not (self.disconnected or self.response_complete):
            if self.body or not (self.more_body or self._taken):
                body, self.body = bytes(self.body), b""  # type: ignore[assignment] # as above
                self._taken = not self.more_body
                return {"type": "http.request", "body": body, "more_body": self.more_body}
            self.flow.resume_reading()
            await self.message_event.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:  # noqa: ANN401 - ASGI's events
        """A part of the answer."""
        if message["type"] == "http.response.start":
            # Not the first where an error came after a head that was held: this one is sent in its place.
            self._held = None
            if not self.response_started and (head := self._head(message)) is not None:
                self._held = message, head
                return
        elif self._held is not None:
            start, head = self._held
            self._held = None
            if self._is_whole(head, message):
                self._answer(head, message["body"])
                return
            await super().send(start)
        await super().send(message)

    def _head(self, start: Any) -> Head | None:  # noqa: ANN401 - as above
        if self.access_log or self.scope["method"] == "HEAD":
            return None
        return known_head(start["status"], start.get("headers", ()))

    def _is_whole(self, head: Head, message: Any) -> bool:  # noqa: ANN401 - as above
        return (
            self.keep_alive
            and not (self.disconnected or self.flow.write_paused or message.get("more_body"))
            and len(message.get("body", b"")) == head.length
        )

    def _answer(self, head: Head, body: bytes) -> None:
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        own = _default_lines(self.default_headers)
        self._wire.write_whole(b"".join((head.status_line, own, head.lines, body)))
        self.message_event.set()
        self.on_response()


def known_head(status: int, headers: Headers) -> Head | None:
    """The head of an answer of known length; None for one that uvicorn has to put together.

    Heads are kept, as a server sends few different ones.
    """
    try:
        key = (status, *headers)
        head = _heads.get(key)
    except TypeError:  # pairs that are lists
        return None
    if head is None:
        head = _make_head(status, cast("Headers", key[1:]))
        if len(_heads) >= _KEPT_HEADS:
            _heads.clear()
        if head is not None:
            _heads[key] = head
    return head


def _make_head(status: int, headers: Headers) -> Head | None:
    lower = {name.lower(): value for name, value in headers}
    length = lower.get(_LENGTH)
    if length is None or not length.isdigit() or status < 200 or status in _BODILESS:
        return None
    if not _FRAMING.isdisjoint(lower) or not all(map(_is_valid, lower.items())):
        return None
    lines = b"".join(b"%b: %b\r\n" % (name.lower(), value) for name, value in headers)
    return Head(STATUS_LINE[status], lines + b"\r\n", int(length))


def _is_valid(header: tuple[bytes, bytes]) -> bool:
    name, value = header
    return not (HEADER_RE.search(name) or HEADER_VALUE_RE.search(value))


def _default_lines(headers: list[tuple[bytes, bytes]]) -> bytes:
    """The server's own headers, among them the date: a new list each second, put together once."""
    known, lines = _defaults[0]
    if known is not headers:
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        _defaults[0] = headers, lines
    return lines


_heads: dict[tuple[Any, ...], Head] = {}
_defaults: list[tuple[list[tuple[bytes, bytes]], bytes]] = [([], b"")]
