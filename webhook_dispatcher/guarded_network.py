"""Connections only to addresses that may be called: looked up, judged, and then used as they are.

The address that was judged is the one that is connected to, so a name that changes its mind between the two
(DNS rebinding) leads nowhere. TLS still asks for a certificate of the name.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Any

import httpcore

from runtime.outgoing import OUTGOING_NETWORKS, Reach
from schemas.networks import Address

Resolve = Callable[[str, int], Awaitable[list[Address]]]

# As httpcore's backends take them.
_SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]

# To one of several addresses, before the next one is tried.
_CONNECT_SECONDS = 5.0


class ForbiddenAddressError(Exception):
    """A name leads to where no webhook may be; the text is for whoever subscribed it."""


class Resolver:
    """Looks names up in threads of its own: names that hang keep no others waiting, up to so many."""

    def __init__(self, threads: int = 64) -> None:
        """Threads are made when they are needed."""
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="resolve")

    async def __call__(self, host: str, port: int) -> list[Address]:
        """The addresses of a name, in the system's order, each once.

        Raises:
            OSError: there is no such name, or nobody to ask.
            UnicodeError: it can be no name.
        """
        loop = asyncio.get_running_loop()
        entries = await loop.run_in_executor(self._threads, _look_up, host, port)
        return list(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in entries))

    def close(self) -> None:
        """Begin no more look-ups."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """httpcore's network, for one kind of connection."""

    def __init__(
        self,
        reach: Reach,
        resolve: Resolve,
        *,
        encrypted: bool,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        """`encrypted`: TLS follows; `network` makes the connections."""
        self._reach = reach
        self._resolve = resolve
        self._encrypted = encrypted
        self._network = network or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[_SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers.

        Raises:
            ForbiddenAddressError: one of the addresses may not be called; none is tried then.
            OSError, httpcore.ConnectError, httpcore.ConnectTimeout: none answers.
        """
        addresses = await self._resolve(host, port)
        for address in addresses:
            if not self._reach.permits(address, encrypted=self._encrypted):
                raise ForbiddenAddressError(_reason(host, address, encrypted=self._encrypted))
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                return _ClosingStream(
                    await self._network.connect_tcp(
                        str(address), port, timeout or _CONNECT_SECONDS, local_address, socket_options
                    )
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _ClosingStream(httpcore.AsyncNetworkStream):
    """A connection that is closed, not left to the collector, when TLS is broken off."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - as above
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as above
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - as above
    ) -> httpcore.AsyncNetworkStream:
        try:
            return await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except asyncio.CancelledError:
            await self._stream.aclose()
            raise

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's interface
        return self._stream.get_extra_info(info)


def _look_up(host: str, port: int) -> list[tuple[object, object, object, object, tuple[object, ...]]]:
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


def _reason(host: str, address: Address, *, encrypted: bool) -> str:
    what = "is not public" if encrypted else "is not one of the own networks, and the URL is not https"
    return f"{host} leads to {address}, which {what} ({OUTGOING_NETWORKS})"
