"""Servers are started, waited for, measured and ended."""

import os
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from benchmarks.gateway.servers import Program, process, server, wait_until_ready
from tests.ports import unused


def test_a_server_serves_and_is_gone_afterwards(tmp_path: Path) -> None:
    port = unused()
    program = Program([sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)], {}, "/")
    with server("files", port, program, tmp_path / "log") as running:
        assert httpx.get(running.url).status_code == 200
        assert running.cpu_seconds() > 0
        pid = running.processes[0].pid
    assert not psutil.pid_exists(pid)


def test_a_server_that_ends_at_once_is_shown_with_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with process([sys.executable, "-c", "raise SystemExit('no luck')"], dict(os.environ), log) as started:
        began = time.monotonic()
        with pytest.raises(SystemExit, match="no luck"):
            wait_until_ready(httpx.HTTPTransport(), f"http://127.0.0.1:{unused()}/", started, log)
        assert time.monotonic() - began < 30
