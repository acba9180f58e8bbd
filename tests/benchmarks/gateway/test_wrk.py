"""What wrk says is read, and our script makes it say it."""

import asyncio
import shutil
from pathlib import Path

import pytest

from benchmarks.gateway.payloads import http_request
from benchmarks.gateway.wrk import WrkResult, check_installed, parse_wrk, run_wrk

OUTPUT = """Running 3s test @ http://127.0.0.1:18080
  1 threads and 32 connections
  24000 requests in 3.00s, 3.1MB read

{"answers":24000,"refused":7,"broken":2,"timeouts":1,"seconds":3.000123,"p50":0.001500,"p99":0.009000}
"""


def test_the_scripts_line_is_found_in_wrks_report() -> None:
    result = parse_wrk(OUTPUT)
    assert result == WrkResult(24000, 7, 2, 1, 3.000123, 0.0015, 0.009)
    assert result.acknowledged == 23993
    assert result.failures == 10


def test_a_report_without_the_line_is_an_error_that_shows_it() -> None:
    with pytest.raises(ValueError, match="unable to connect"):
        parse_wrk("unable to connect to 127.0.0.1:1 Connection refused")


def test_a_missing_wrk_is_said_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="apt-get install wrk"):
        check_installed()


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
async def test_requests_are_sent_in_turn_and_refusals_are_counted(tmp_path: Path) -> None:
    for number, status in enumerate((200, 429)):
        (tmp_path / f"{number}.http").write_bytes(http_request("x", f"/{status}", {}, b"{}"))
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"{}"):
                seen.append(head.split()[1][1:])
                writer.write(b"HTTP/1.1 %b X\r\nContent-Length: 0\r\n\r\n" % seen[-1])
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    result = await run_wrk(f"http://127.0.0.1:{port}", tmp_path, 2, connections=1, seconds=1)
    server.close()
    # wrk tries the script once before it sends, so that the turn begins anywhere.
    assert sorted(seen[:2]) == [b"200", b"429"]
    assert seen[:2] == seen[2:4]
    assert result.answers >= 4
    assert abs(result.refused - result.acknowledged) <= 1
