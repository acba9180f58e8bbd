"""An open load: requests leave at fixed times, whatever the answers take; a process of its own.

wrk waits for each answer before it sends on, and so hides how long others would have waited meanwhile. Here a
request's time runs from when it was due, also while it waits for a free connection.
"""

import argparse
import asyncio
import gc
import sys
from collections import deque
from itertools import cycle
from pathlib import Path
from typing import cast

import httptools
import msgspec
import uvloop

_ANSWER_SECONDS = 10.0


class OpenLoad(msgspec.Struct, frozen=True):
    """What to send: `count` requests of the folder in turn, `rate` a second, over so many connections."""

    requests: str
    count: int
    rate: float
    seconds: float
    connections: int
    port: int = 0


class OpenResult(msgspec.Struct, frozen=True):
    """The seconds that each request took from when it was due, and how many were not answered by a 2xx."""

    latencies: list[float]
    failures: int


class _Load:
    """What is due, who is free, and what was answered."""

    def __init__(self, plan: OpenLoad, requests: list[bytes]) -> None:
        self._interval = 1 / plan.rate
        self._total = int(plan.rate * plan.seconds)
        self._requests = cycle(requests)
        self._loop = asyncio.get_running_loop()
        self._idle: deque[_Connection] = deque()
        self._waiting: deque[float] = deque()
        self._sent = 0
        self.done = asyncio.Event()
        self.latencies: list[float] = []
        self.failures = 0

    def start(self, connections: list["_Connection"]) -> None:
        self._idle.extend(connections)
        self._start = self._loop.time()
        self._send_due()

    def answered(self, connection: "_Connection", due: float, *, good: bool) -> None:
        self.latencies.append(self._loop.time() - due)
        self.failures += not good
        if self._waiting:
            connection.send(self._waiting.popleft(), next(self._requests))
        else:
            self._idle.append(connection)
        if len(self.latencies) == self._total:
            self.done.set()

    def _send_due(self) -> None:
        now = self._loop.time()
        while self._sent < self._total and (due := self._start + self._sent * self._interval) <= now:
            self._sent += 1
            if self._idle:
                self._idle.popleft().send(due, next(self._requests))
            else:
                self._waiting.append(due)
        if self._sent < self._total:
            self._loop.call_later(self._start + self._sent * self._interval - now, self._send_due)


class _Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._due = 0.0
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def send(self, due: float, request: bytes) -> None:
        self._due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self._load.answered(self, self._due, good=200 <= self._parser.get_status_code() < 300)

    def close(self) -> None:
        self._transport.close()


async def run(plan: OpenLoad) -> OpenResult:
    """Send the load.

    Raises:
        TimeoutError: answers are still missing some seconds after the last request was due.
    """
    folder = Path(plan.requests)
    load = _Load(plan, [(folder / f"{number}.http").read_bytes() for number in range(plan.count)])
    loop = asyncio.get_running_loop()
    connections = [
        (await loop.create_connection(lambda: _Connection(load), "127.0.0.1", plan.port))[1]
        for _ in range(plan.connections)
    ]
    gc.freeze()
    load.start(connections)
    await asyncio.wait_for(load.done.wait(), plan.seconds + _ANSWER_SECONDS)
    for connection in connections:
        connection.close()
    return OpenResult(load.latencies, load.failures)


def main() -> None:
    """Read a plan in JSON from the command line, send it, and write the result as msgpack."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan")
    plan = msgspec.json.decode(parser.parse_args().plan, type=OpenLoad)
    sys.stdout.buffer.write(msgspec.msgpack.encode(uvloop.run(run(plan))))


if __name__ == "__main__":
    main()
