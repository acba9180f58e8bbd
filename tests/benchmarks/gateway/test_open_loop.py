"""The open load: everything due is sent, and waiting for a free connection counts."""

import asyncio
from pathlib import Path

from benchmarks.gateway.open_loop import OpenLoad, OpenResult, run
from benchmarks.gateway.payloads import http_request


async def send(folder: Path, *, status: int, pause: float, rate: float, connections: int) -> OpenResult:
    """What a tenth of a second of load measures, on a server that answers after `pause` seconds."""
    (folder / "0.http").write_bytes(http_request("x", "/", {}, b"{}"))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"{}"):
                await asyncio.sleep(pause)
                writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 2\r\n\r\nok" % status)
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    load = OpenLoad(requests=str(folder), count=1, rate=rate, seconds=0.1, connections=connections, port=port)
    result = await run(load)
    server.close()
    return result


async def test_all_that_is_due_is_sent_and_answered(tmp_path: Path) -> None:
    result = await send(tmp_path, status=202, pause=0, rate=500, connections=4)
    assert len(result.latencies) == 50
    assert result.failures == 0


async def test_answers_that_refuse_are_failures(tmp_path: Path) -> None:
    assert (await send(tmp_path, status=503, pause=0, rate=100, connections=1)).failures == 10


async def test_a_request_that_waits_for_a_connection_is_late(tmp_path: Path) -> None:
    result = await send(tmp_path, status=202, pause=0.03, rate=100, connections=1)
    # Ten are due within 0.1 s and take 0.03 s each, one after the other: the last waits 0.21 s.
    assert max(result.latencies) > 0.2
