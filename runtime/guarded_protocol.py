"""uvicorn's HTTP protocol with limits: on heads, on slow clients, and on those who never read their answers.

A request that arrives in one piece starts no timer and is measured by comparisons only.
"""

import asyncio
import sys
from collections.abc import Callable
from enum import IntEnum
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
_UNKNOWN = sys.maxsize


class _Phase(IntEnum):
    """Which part of a request is being received."""

    NONE = 0
    HEAD = 1
    BODY = 2


def guarded(
    limits: ConnectionLimits, on_refused: Callable[[ErrorKind], None] = lambda _kind: None
) -> type["GuardedProtocol"]:
    """The protocol with these limits, for uvicorn's `http`; `on_refused` hears what it answers by itself."""
    return type("Guarded", (GuardedProtocol,), {"limits": limits, "on_refused": staticmethod(on_refused)})


class GuardedProtocol(JoinedWritesProtocol):
    """One connection within `limits`."""

    limits = ConnectionLimits()
    on_refused: Callable[[ErrorKind], None]

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own
        """As uvicorn makes it."""
        super().__init__(*arguments, **named)
        self.timeout_keep_alive = self.limits.idle_seconds  # type: ignore[assignment] # call_later takes floats
        self._phase = _Phase.NONE
        self._receiving: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._refused = False
        self._problem: ProblemError | None = None
        # Bytes of the data at hand that may be of this request; of its head; and since its body went on.
        self._fed = self._head_bytes = self._idle_bytes = 0
        self._body_came = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in if there is room; a connection that never says anything is idle from now."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.max_connections:
            self._refuse(ProblemError(TOO_MANY_CONNECTIONS, "close those that you do not use, or come back"))
            return
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all timers."""
        self._stop_receiving_timer()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, and start a timer where a request is not complete with it."""
        if self._refused:
            return
        self._fed = len(data)
        super().data_received(data)
        if self._phase and not self._refused:
            self._mind_incomplete()

    def on_message_begin(self) -> None:
        """A request's first byte."""
        self._phase = _Phase.HEAD
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Judge the head, then begin the request."""
        limits = self.limits
        # What is raised here ends the parsing, and `send_400_response` follows.
        if len(self.url) > limits.max_url_bytes:
            self._problem = ProblemError(URL_TOO_LONG, f"at most {limits.max_url_bytes} bytes are taken")
            raise self._problem
        if len(self.headers) > limits.max_headers or (
            self._head_bytes + self._fed > limits.max_head_bytes and self._head_size() > limits.max_head_bytes
        ):
            self._problem = self._head_problem()
            raise self._problem
        self._phase = _Phase.BODY
        if self._receiving is not None:
            self._stop_receiving_timer()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Note that the body goes on."""
        self._body_came = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there; what follows in the same data is another one's."""
        self._phase = _Phase.NONE
        self._fed = _UNKNOWN
        if self._receiving is not None:
            self._stop_receiving_timer()
        super().on_message_complete()

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

    def _mind_incomplete(self) -> None:
        limits = self.limits
        fed = 0 if self._fed == _UNKNOWN else self._fed
        if self._phase is _Phase.HEAD:
            self._head_bytes += fed
            if self._head_bytes > limits.max_head_bytes:
                self._refuse(self._head_problem())
            elif self._receiving is None:
                self._receiving = self.loop.call_later(limits.head_seconds, self._time_out)
            return
        # Trailers and chunk extensions are no body, and nobody else counts them.
        self._idle_bytes = 0 if self._body_came else self._idle_bytes + fed
        self._body_came = False
        if self._idle_bytes > limits.max_head_bytes:
            self._refuse(self._head_problem())
        elif self._receiving is None and limits.body_seconds is not None:
            self._receiving = self.loop.call_later(limits.body_seconds, self._time_out)

    def _time_out(self) -> None:
        self._receiving = None
        if self._phase is _Phase.HEAD:
            self._refuse(ProblemError(SLOW_HEAD, f"send them within {self.limits.head_seconds:g} seconds"))
        else:
            self._refuse(ProblemError(SLOW_BODY, f"send it within {self.limits.body_seconds:g} seconds"))

    def _stop_receiving_timer(self) -> None:
        if self._receiving is not None:
            self._receiving.cancel()
            self._receiving = None

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
        self._stop_receiving_timer()
        self._unset_keepalive_if_required()
        self.on_refused(problem.kind)
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None or cycle.response_complete:
            is_due = self._phase is not _Phase.BODY
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
