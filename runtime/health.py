"""A tiny HTTP server for processes that have no routes of their own: /healthz, /readyz and /metrics."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

Check = Callable[[], dict[str, bool]]

_STATUS_LINES = {200: b"200 OK", 404: b"404 Not Found", 503: b"503 Service Unavailable"}
_MAX_REQUEST_BYTES = 8192
_REQUEST_SECONDS = 5.0


class HealthServer:
    """Answers on an ephemeral loopback port, whose address it writes to `<run_dir>/<service>.health`."""

    def __init__(
        self, service: str, run_dir: Path | None, checks: Check, registry: CollectorRegistry
    ) -> None:
        """`checks` names what readiness depends on; all must be true for /readyz to say 200."""
        self._address_file = run_dir / f"{service}.health" if run_dir else None
        self._checks = checks
        self._registry = registry
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen and announce the address."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_MAX_REQUEST_BYTES)
        if self._address_file:
            host, port = self._server.sockets[0].getsockname()[:2]
            await asyncio.to_thread(_write_atomically, self._address_file, f"http://{host}:{port}")

    async def stop(self) -> None:
        """Stop listening and withdraw the address."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        if self._address_file:
            await asyncio.to_thread(self._address_file.unlink, missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(
            TimeoutError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
        ):
            async with asyncio.timeout(_REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                status, content_type, body = self._answer(head.split(b" ", 2)[1])
                writer.write(
                    b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b"
                    % (_STATUS_LINES[status], content_type, len(body), body)
                )
                await writer.drain()
        writer.close()

    def _answer(self, path: bytes) -> tuple[int, bytes, bytes]:
        match path:
            case b"/healthz":
                return 200, b"application/json", b'{"status":"alive"}'
            case b"/readyz":
                checks = self._checks()
                ready = all(checks.values())
                body = {"status": "ready" if ready else "not ready", "checks": checks}
                return (200 if ready else 503), b"application/json", msgspec.json.encode(body)
            case b"/metrics":
                return 200, b"text/plain; version=0.0.4; charset=utf-8", generate_latest(self._registry)
            case _:
                return 404, b"text/plain", b"not found: ask /healthz, /readyz or /metrics\n"


def _write_atomically(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text)
    temporary.replace(path)
