"""uvicorn's HTTP protocol with limits: on heads, on slow clients, and on those who never read their answers.

A request that arrives in one piece starts no timer, and is measured by two comparisons.
"""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from runtime.connection_limits import (
    BAD_REQUEST,
    HEAD_TOO_LARGE,
    SLOW_BODY,
    SLOW_HEAD,
    TOO_MANY_CONNECTIONS,
    URL_TOO_LONG,
    ConnectionLimits,
)
from runtime.http_protocol import JoinedWritesProtocol
from runtime.problems import ErrorKind, ProblemError

# To close at once would take the answer from a client that still sends.
_LINGER_SECONDS = 2.0
# A name and a value take `: ` and a line's end.
_FIELD_BYTES = 4


def guarded(
    limits: ConnectionLimits,
    on_refused: Callable[[ErrorKind], None] = lambda _kind: None,
    *,
    websockets: bool = False,
) -> type["GuardedProtocol"]:
    """The protocol with these limits, for uvicorn's `http`; `on_refused` hears what it answers by itself.

    A WebSocket is guarded up to the end of its head; from there on uvicorn pings it.
    """
    settings = {"limits": limits, "on_refused": staticmethod(on_refused), "websockets": websockets}
    return type("Guarded", (GuardedProtocol,), settings)


class GuardedProtocol(JoinedWritesProtocol):
    """One connection within `limits`."""

    limits = ConnectionLimits()
    on_refused: Callable[[ErrorKind], None]

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own
        """As uvicorn makes it."""
        super().__init__(*arguments, **named)
        self.timeout_keep_alive = self.limits.idle_seconds  # type: ignore[assignment] # call_later takes floats
        # The headers of the last head that was complete and within the limits.
        self._judged: list[tuple[bytes, bytes]] | None = None
        # What is incomplete and has its time: the headers of a head, or the cycle of a request with a body.
        self._watched: object = None
        self._receiving: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._refused = False
        self._problem: ProblemError | None = None
        # Of the data at hand; and of what was received since, without a head's end or a piece of a body.
        self._fed = self._dull_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in if there is room; a connection that never says anything is idle from now.

        A private socket, whose clients have no address, is for those who look after the process: it is open
        to them whoever else has come.
        """
        super().connection_made(transport)
        if self.client is not None and len(self.connections) > self.limits.max_connections:
            self._refuse(ProblemError(TOO_MANY_CONNECTIONS, "close those that you do not use, or come back"))
            return
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all timers."""
        self._watch(None, None)
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, and mind what is not complete with it."""
        if self._refused:
            return
        self._fed = len(data)
        self.body_went_on = False
        super().data_received(data)
        if self.handed_over:
            return
        if self._watched is not None or self._has_open_head() or self._has_open_body():
            self._mind()

    def on_headers_complete(self) -> None:
        """Judge the head, then begin the request; what is raised here ends the parsing."""
        limits = self.limits
        if len(self.url) > limits.max_url_bytes:
            self._problem = ProblemError(URL_TOO_LONG, f"at most {limits.max_url_bytes} bytes are taken")
            raise self._problem
        # A head that came in one piece is no larger than the piece.
        in_pieces = self._watched is not None
        if len(self.headers) > limits.max_headers or (
            (in_pieces or self._fed > limits.max_head_bytes) and self._head_size() > limits.max_head_bytes
        ):
            self._problem = self._head_problem()
            raise self._problem
        self._judged = self.headers
        super().on_headers_complete()

    def hand_over(self) -> None:
        """Stop all timers: the connection is another protocol's now."""
        self._watch(None, None)
        self.resume_writing()
        super().hand_over()

    def send_400_response(self, msg: str) -> None:
        """What uvicorn calls when it cannot parse; the reason may be one of ours."""
        self._refuse(self._problem or ProblemError(BAD_REQUEST, msg))

    def timeout_keep_alive_handler(self) -> None:
        """Close what is idle, at once where the last answer is not even taken."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    def pause_writing(self) -> None:
        """The client does not keep up."""
        super().pause_writing()
        self._watch_writing()

    def resume_writing(self) -> None:
        """It does again."""
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        super().resume_writing()

    def _has_open_head(self) -> bool:
        return self.headers is not self._judged

    def _has_open_body(self) -> bool:
        return self._judged is not None and self.cycle.more_body

    def _mind(self) -> None:
        if self._refused:
            return
        limits = self.limits
        if self._has_open_head():
            if self._watched is self.headers:
                self._dull_bytes += self._fed
            self._watch(self.headers, limits.head_seconds)
        elif self._has_open_body():
            self._watch(self.cycle, limits.body_seconds)
            # Trailers and chunk extensions are no body, and nobody else counts them.
            self._dull_bytes = 0 if self.body_went_on else self._dull_bytes + self._fed
        else:
            self._watch(None, None)
        if self._dull_bytes > limits.max_head_bytes:
            self._refuse(self._head_problem())

    def _watch(self, subject: object, seconds: float | None) -> None:
        """Give what is incomplete its time, from when it was first seen so."""
        if subject is self._watched:
            return
        self._watched = subject
        self._dull_bytes = 0
        if self._receiving is not None:
            self._receiving.cancel()
            self._receiving = None
        if seconds is not None:
            self._receiving = self.loop.call_later(seconds, self._time_out)

    def _time_out(self) -> None:
        limits = self.limits
        if self._has_open_head():
            self._refuse(ProblemError(SLOW_HEAD, f"send them within {limits.head_seconds:g} seconds"))
        else:
            self._refuse(ProblemError(SLOW_BODY, f"send it within {limits.body_seconds:g} seconds"))

    def _watch_writing(self) -> None:
        if self.limits.write_seconds is not None:
            left = self.transport.get_write_buffer_size()
            self._writing = self.loop.call_later(self.limits.write_seconds, self._judge_writing, left)

    def _judge_writing(self, before: int) -> None:
        """Cut the client off unless it has taken something since there were `before` bytes for it."""
        if self.transport.get_write_buffer_size() < before:
            self._watch_writing()
        else:
            self.transport.abort()

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + _FIELD_BYTES for name, value in self.headers)

    def _head_problem(self) -> ProblemError:
        limits = self.limits
        return ProblemError(
            HEAD_TOO_LARGE,
            f"at most {limits.max_headers} headers and {limits.max_head_bytes} bytes of them are taken",
        )

    def _refuse(self, problem: ProblemError) -> None:
        """Answer where an answer is still due, and take nothing more from this connection."""
        self._refused = True
        self._judged = None
        self._watch(None, None)
        self._unset_keepalive_if_required()
        self.on_refused(problem.kind)
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None or cycle.response_complete:
            is_due = cycle is None or not cycle.more_body
        elif self.pipeline or not cycle.more_body:
            # An earlier request is being worked on: its answer is the last one.
            self.pipeline.clear()
            self.timeout_keep_alive = _LINGER_SECONDS  # type: ignore[assignment] # as above
            return
        else:
            # This very request: whoever works on it hears that the client is gone.
            is_due = not cycle.response_started
            cycle.disconnected = True
            cycle.message_event.set()
        if is_due:
            self._write(problem)
        self._linger()

    def _write(self, problem: ProblemError) -> None:
        body = problem.body()
        headers = [
            *self.server_state.default_headers,
            *((name.encode(), value.encode()) for name, value in problem.headers().items()),
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
        ]
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[problem.kind.status], lines, body))

    def _linger(self) -> None:
        """Say that no more is coming, and let the client go on for a moment, of which nothing is kept."""
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        self.transport.write_eof()
        self.loop.call_later(_LINGER_SECONDS, self.transport.abort)
