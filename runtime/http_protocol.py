"""uvicorn's HTTP protocol with one write an answer, and for clients that offer another protocol."""

import asyncio
import re
from typing import Any, cast
from urllib.parse import unquote

import httptools
from uvicorn._types import HTTPScope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from runtime.http_cycle import RequestCycle

_CONNECT = b"CONNECT"
_OFFER = frozenset({b"upgrade", b"http2-settings"})
# What need not be taken apart: a path alone, nothing in it encoded.
_PLAIN_PATH = re.compile(rb"(?:/[A-Za-z0-9._~-]+)+/?")
_NOT_HTTP = "Invalid HTTP request received."


class JoinedWritesProtocol(HttpToolsProtocol):
    """Head and body of an answer, two writes in uvicorn, leave as one packet: a system call less each.

    An offer to upgrade (`Upgrade: h2c`, which some clients send with every first request) is passed over, as
    it may be; httptools would take the body of such a request for bytes of the other protocol.
    """

    body_went_on = False
    # Whether WebSockets are served, which need another protocol from their head on.
    websockets = False
    handed_over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Put the joining transport between protocol and socket."""
        super().connection_made(cast("asyncio.Transport", JoinedWrites(cast("asyncio.Transport", transport))))
        self._connection_scope = cast(
            "HTTPScope",
            {
                "type": "http",
                "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
                "server": self.server,
                "client": self.client,
                "scheme": self.scheme,
                "root_path": self.root_path,
            },
        )

    def data_received(self, data: bytes) -> None:
        """As uvicorn's, but for offers to upgrade."""
        self._unset_keepalive_if_required()
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as stopped:
                if self.websockets and self._should_upgrade():
                    self.hand_over()
                    return
                data = self._without_offer(data[stopped.args[0] :])
            except httptools.HttpParserError:
                self.logger.debug(_NOT_HTTP)
                self.send_400_response(_NOT_HTTP)
                return
            else:
                return

    def hand_over(self) -> None:
        """Let uvicorn's WebSocket protocol go on with this connection, from the head that was read."""
        self.handed_over = True
        self.scope = self._request_scope(self.parser.get_method().decode("ascii"), "1.1")
        self.handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        """Begin to read a head; the scope comes when it is complete."""
        self.url = b""
        self.expect_100_continue = False
        self.headers = []

    def on_headers_complete(self) -> None:
        """Begin a request, but not yet one that is going to be read again."""
        parser = self.parser
        if parser.should_upgrade():
            return
        version = parser.get_http_version()
        self.scope = self._request_scope(parser.get_method().decode("ascii"), version)
        earlier = cast("RequestCycle | None", self.cycle)
        cycle = RequestCycle(self, keep_alive=version != "1.0" and parser.should_keep_alive())
        self.cycle = cycle
        if earlier is None or earlier.response_complete:
            self._start_asgi_task(cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))

    def on_body(self, body: bytes) -> None:
        """Hand a piece of the body to whoever still reads it."""
        self.body_went_on = True
        cycle = cast("RequestCycle", self.cycle)
        if not (cycle.response_complete or self.parser.should_upgrade()):
            cycle.take(body)

    def on_message_complete(self) -> None:
        """End a request, likewise; also one that was answered before."""
        if not self.parser.should_upgrade():
            self.cycle.more_body = False
            self.cycle.message_event.set()

    def _request_scope(self, method: str, version: str) -> HTTPScope:
        scope = self._connection_scope.copy()
        scope["method"] = method
        scope["http_version"] = version
        scope["headers"] = self.headers
        scope["state"] = self.app_state.copy()
        url = self.url
        if _PLAIN_PATH.fullmatch(url):
            path, raw_path, query = url.decode("ascii"), url, b""
        else:
            parsed = httptools.parse_url(url)
            raw_path, query = parsed.path, parsed.query or b""
            path = unquote(raw_path.decode("ascii"))
        scope["path"] = self.root_path + path
        scope["raw_path"] = self.root_path.encode("ascii") + raw_path
        scope["query_string"] = query
        return scope

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

    def write_whole(self, data: bytes) -> None:
        """Write what is complete in itself, at once."""
        self._flush()
        self._transport.write(data)

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
