"""HTTP by hand, for what no client library would send."""

import contextlib
import select
import socket
import time
from collections.abc import Iterable, Mapping
from http.client import HTTPException, HTTPResponse
from typing import NamedTuple

import orjson

HANG_SECONDS = 60.0


class RawAnswer(NamedTuple):
    """What came back; status 0 when the connection was closed without an answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def tag(self) -> str:
        """The stable tag of a problem, in the form of our own routes or of OTLP's; empty without one."""
        kind = self.headers.get("content-type", "")
        if kind == "application/problem+json":
            problem = orjson.loads(self.body)
            assert problem["status"] == self.status
            return str(problem["tag"])
        # A google.rpc.Status, whose text ends with the tag.
        text = self.body.decode(errors="replace") if self.status >= 400 else ""
        return text[text.rfind("[") + 1 : text.rfind("]")] if "[" in text else ""


def request(
    path: str, headers: Mapping[str, str], body: bytes = b"", *, length: str | None = None, more: str = ""
) -> bytes:
    """The bytes of a POST.

    `length` is what Content-Length says; without it the body's, unless that comes in chunks. `more` are
    lines of the head.
    """
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: gateway",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    if "Transfer-Encoding" not in headers:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    head = "\r\n".join([*lines, more])
    return head.encode("latin-1") + b"\r\n" + body


def exchange(
    port: int,
    parts: Iterable[bytes],
    *,
    pause: float = 0.0,
    half_close: bool = False,
    seconds: float = HANG_SECONDS,
) -> RawAnswer:
    """Send the parts on a connection of its own, with a pause before each, until there is an answer; read it.

    Raises:
        AssertionError: there was neither an answer nor the connection's end in time.
    """
    deadline = time.monotonic() + seconds
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        try:
            _send(connection, parts, pause, deadline)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            connection.settimeout(max(0.1, deadline - time.monotonic()))
            return _read(connection)
        except TimeoutError:
            raise AssertionError(f"no answer within {seconds} s, and the connection is still open") from None


def _send(connection: socket.socket, parts: Iterable[bytes], pause: float, deadline: float) -> None:
    """Send until there is an answer, or all is sent."""
    # Whoever refuses a request may close while it is still being sent: the answer is there all the same.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for part in parts:
            if select.select([connection], [], [], pause)[0]:
                return
            if time.monotonic() > deadline:
                raise TimeoutError
            connection.sendall(part)


def _read(connection: socket.socket) -> RawAnswer:
    with HTTPResponse(connection) as response:
        try:
            response.begin()
            body = response.read()
        except (HTTPException, ConnectionResetError):
            return RawAnswer(0, {}, b"")
        return RawAnswer(response.status, {n.lower(): v for n, v in response.getheaders()}, body)
