"""Waiting for gateways, over real Unix sockets."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from infra.cli.gateways import has_read, wait_for_gateways
from infra.errors import StackError
from schemas.topics import Topic

KEYS = Topic.API_KEYS


@contextmanager
def gateway(socket: Path, *answers: object) -> Iterator[str]:
    """Answers /readyz with one body after the other, then with the last for ever."""
    bodies = [json.dumps(answer).encode() for answer in answers]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = bodies.pop(0) if len(bodies) > 1 else bodies[0]
            self.send_response(503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def address_string(self) -> str:
            return "socket"

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it
            """Say nothing."""

    with socketserver.ThreadingUnixStreamServer(str(socket), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield str(socket)
        finally:
            server.shutdown()
            thread.join()


def test_returns_when_each_has_read_the_record(tmp_path: Path) -> None:
    behind, read = {"control": {KEYS: 3}}, {"control": {KEYS: 4}}
    with gateway(tmp_path / "a", {}, behind, read) as first, gateway(tmp_path / "b", read) as second:
        pauses: list[float] = []
        wait_for_gateways([first, second], {KEYS: 3}, pause=pauses.append)
    assert len(pauses) == 2


def test_says_how_many_are_behind(tmp_path: Path) -> None:
    refusal = pytest.raises(StackError, match="It is done, but 2 of 2 gateway processes")
    with gateway(tmp_path / "a", {"control": {KEYS: 3}}) as first, refusal:
        wait_for_gateways([first, str(tmp_path / "gone")], {KEYS: 3}, seconds=0.1)


def test_an_answer_that_is_no_json_object_counts_as_not_read(tmp_path: Path) -> None:
    with gateway(tmp_path / "a", "what?") as first, pytest.raises(StackError):
        wait_for_gateways([first], {KEYS: 3}, seconds=0.1)


@pytest.mark.parametrize(
    ("applied", "offsets", "read"),
    [
        ({KEYS: 4}, {KEYS: 3}, True),
        ({KEYS: 3}, {KEYS: 3}, False),
        ({}, {KEYS: 3}, False),
        ({}, {}, False),
        ({KEYS: 4, Topic.AGENTS: 1}, {KEYS: 3, Topic.AGENTS: 1}, False),
        ({KEYS: 4}, {KEYS: 3, Topic.TENANTS: 9}, True),
    ],
)
def test_what_counts_as_read(applied: dict[str, int], offsets: dict[str, int], read: bool) -> None:
    assert has_read(applied, offsets) is read
