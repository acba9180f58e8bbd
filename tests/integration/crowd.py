"""Clients that hold connections and give nothing for them: idle ones, and those that drip a head."""

import asyncio
import contextlib

_AT_ONCE = 200
_HEAD = b"POST /api/v1/agents/logs HTTP/1.1\r\nHost: h\r\nX-Slow: "
_DRIP_SECONDS = 0.2

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Crowd:
    """So many idle connections, and so many slow ones that come again whenever they are cut off."""

    def __init__(self, port: int, *, idle: int, slow: int) -> None:
        self._port = port
        self._wanted = idle
        self._slow = slow
        self._idle: list[Connection] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.cut_off = 0
        self.answers: set[bytes] = set()

    async def gather(self) -> None:
        """Return when all are connected."""
        for start in range(0, self._wanted, _AT_ONCE):
            batch = min(_AT_ONCE, self._wanted - start)
            self._idle += await asyncio.gather(*(self._connect() for _ in range(batch)))
        self._tasks = [asyncio.create_task(self._drip()) for _ in range(self._slow)]

    async def idle_end(self) -> None:
        """Wait until the server has closed every idle connection."""
        for reader, _ in self._idle:
            assert await reader.read() == b""

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for _, writer in self._idle:
            writer.close()

    async def _connect(self) -> Connection:
        return await asyncio.open_connection("127.0.0.1", self._port)

    async def _drip(self) -> None:
        while True:
            reader, writer = await self._connect()
            try:
                answer = asyncio.create_task(reader.read())
                writer.write(_HEAD)
                while not answer.done():
                    await asyncio.sleep(_DRIP_SECONDS)
                    writer.write(b"x")
                self.answers.add((await answer).partition(b"\r\n")[0])
                self.cut_off += 1
            finally:
                writer.close()
