"""uvicorn's HTTP protocol with one write an answer, and for clients that offer another protocol."""

import asyncio
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_CONNECT = b"CONNECT"
_OFFER = frozenset({b"upgrade", b"http2-settings"})
_NOT_HTTP = "Invalid HTTP request received."


class JoinedWritesProtocol(HttpToolsProtocol):
    """Head and body of an answer, two writes in uvicorn, leave as one packet: a system call less each.

    An offer to upgrade (`Upgrade: h2c`, which some clients send with every first request) is passed over, as
    it may be; httptools would take the body of such a request for bytes of the other protocol.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Put the joining transport between protocol and socket."""
        super().connection_made(cast("asyncio.Transport", JoinedWrites(cast("asyncio.Transport", transport))))

    def data_received(self, data: bytes) -> None:
        """As uvicorn's, but for offers to upgrade."""
        self._unset_keepalive_if_required()
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as stopped:
                data = self._without_offer(data[stopped.args[0] :])
            except httptools.HttpParserError:
                self.logger.debug(_NOT_HTTP)
                self.send_400_response(_NOT_HTTP)
                return
            else:
                return

    def on_headers_complete(self) -> None:
        """Begin a request, but not yet one that is going to be read again."""
        if not self.parser.should_upgrade():
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End a request, likewise."""
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def _without_offer(self, rest: bytes) -> bytes:
        """The head of the request that has stopped the parser, without the offer, and what followed it."""
        method = self.parser.get_method()
        if method == _CONNECT:
            self.send_400_response(_NOT_HTTP)
            return b""
        lines = [b"%b %b HTTP/%b" % (method, self.url, self.parser.get_http_version().encode())]
        for name, value in self.headers:
            if name == b"connection":
                kept = [token for token in value.split(b",") if token.strip().lower() not in _OFFER]
                lines.append(b"connection: %b" % b",".join(kept))
            elif name not in _OFFER:
                lines.append(b"%b: %b" % (name, value))
        self.parser = httptools.HttpRequestParser(self)
        return b"\r\n".join([*lines, b"", rest])


class JoinedWrites:
    """A transport that keeps what is written until the event loop's next turn."""

    __slots__ = ("_loop", "_parts", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        """Write to `transport`."""
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a transport has
        """Everything else is the transport's own."""
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        """As the transport's own; spelled out because it is asked on each request."""
        return self._transport.is_closing()

    def write(self, data: bytes) -> None:
        """Keep it until the next turn."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def close(self) -> None:
        """Write what is kept, then close."""
        self._flush()
        self._transport.close()

    def write_eof(self) -> None:
        """Write what is kept, then say that there is no more."""
        self._flush()
        self._transport.write_eof()

    def abort(self) -> None:
        """Close at once; what is kept is lost."""
        self._parts.clear()
        self._transport.abort()

    def _flush(self) -> None:
        if self._parts:
            joined = b"".join(self._parts)
            self._parts.clear()
            self._transport.write(joined)
