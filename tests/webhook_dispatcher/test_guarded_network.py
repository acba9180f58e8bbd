"""Names are looked up once for each connection, judged, and connected to by the address that was judged."""

import asyncio
import ssl
import threading
from ipaddress import ip_address

import httpcore
import pytest

from runtime.outgoing import Reach
from schemas.networks import Address, parse_network
from webhook_dispatcher import guarded_network
from webhook_dispatcher.guarded_network import ForbiddenAddressError, GuardedNetwork, Resolver

PUBLIC = "93.184.215.14"
OTHER = "93.184.215.15"


class Names:
    """Answers each look-up with what comes next."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> list[Address]:
        self.asked.append((host, port))
        return [ip_address(text) for text in self._answers.pop(0)]


class FakeNetwork(httpcore.AsyncMockBackend):
    """Notes whereto it was asked to connect; some places do not answer."""

    def __init__(self, *silent: str) -> None:
        super().__init__([])
        self._silent = silent
        self.connected: list[tuple[str, int]] = []

    async def connect_tcp(self, host: str, port: int, *_: object) -> httpcore.AsyncNetworkStream:
        self.connected.append((host, port))
        if host in self._silent:
            raise httpcore.ConnectTimeout
        return httpcore.AsyncMockStream([])


def guarded(names: Names, network: FakeNetwork, own: str = "", *, encrypted: bool = True) -> GuardedNetwork:
    reach = Reach((parse_network(own),) if own else ())
    return GuardedNetwork(reach, names, encrypted=encrypted, network=network)


async def test_it_connects_to_the_address_that_was_judged() -> None:
    names, network = Names([PUBLIC]), FakeNetwork()
    await guarded(names, network).connect_tcp("example.com", 443)
    assert names.asked == [("example.com", 443)]
    assert network.connected == [(PUBLIC, 443)]


async def test_a_name_that_changes_its_mind_is_judged_anew_for_each_connection() -> None:
    names, network = Names([PUBLIC], ["127.0.0.1"]), FakeNetwork()
    backend = guarded(names, network)
    await backend.connect_tcp("rebinding.example", 443)
    with pytest.raises(ForbiddenAddressError, match=r"leads to 127\.0\.0\.1"):
        await backend.connect_tcp("rebinding.example", 443)
    assert network.connected == [(PUBLIC, 443)]


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1", "fd00:ec2::254", "64:ff9b::7f00:1"],
)
@pytest.mark.parametrize("among", [[], [PUBLIC]], ids=["alone", "after-a-public-one"])
async def test_a_private_address_is_not_connected_to(address: str, among: list[str]) -> None:
    network = FakeNetwork()
    with pytest.raises(ForbiddenAddressError, match="not public"):
        await guarded(Names([*among, address]), network).connect_tcp("example.com", 443)
    assert network.connected == []


async def test_in_the_clear_only_own_networks_are_connected_to() -> None:
    network = FakeNetwork()
    with pytest.raises(ForbiddenAddressError, match="is not https"):
        await guarded(Names([PUBLIC]), network, encrypted=False).connect_tcp("example.com", 80)
    own = guarded(Names(["10.1.2.3"]), network, own="10.0.0.0/8", encrypted=False)
    await own.connect_tcp("receiver.internal", 80)
    assert network.connected == [("10.1.2.3", 80)]


async def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    network = FakeNetwork(PUBLIC)
    await guarded(Names([PUBLIC, OTHER]), network).connect_tcp("example.com", 443)
    assert network.connected == [(PUBLIC, 443), (OTHER, 443)]
    with pytest.raises(httpcore.ConnectTimeout):
        await guarded(Names([PUBLIC]), network).connect_tcp("example.com", 443)
    with pytest.raises(httpcore.ConnectError, match="no address"):
        await guarded(Names([]), network).connect_tcp("example.com", 443)


async def test_tls_asks_for_a_certificate_of_the_name() -> None:
    asked: list[str | None] = []

    class Stream(httpcore.AsyncMockStream):
        async def start_tls(
            self,
            ssl_context: ssl.SSLContext,
            server_hostname: str | None = None,
            timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        ) -> httpcore.AsyncNetworkStream:
            assert ssl_context.verify_mode is ssl.CERT_REQUIRED
            asked.append(server_hostname)
            return await super().start_tls(ssl_context, server_hostname, timeout)

    class Network(FakeNetwork):
        async def connect_tcp(self, *_: object) -> httpcore.AsyncNetworkStream:
            return Stream([b"HTTP/1.1 204 No Content\r\n\r\n"])

    backend = guarded(Names([PUBLIC]), Network())
    async with httpcore.AsyncConnectionPool(network_backend=backend) as pool:
        assert (await pool.request("POST", "https://example.com/")).status == 204
    assert asked == ["example.com"]


async def test_the_system_is_asked_for_names() -> None:
    resolver = Resolver()
    assert ip_address("127.0.0.1") in await resolver("localhost", 80)
    assert await resolver("::1", 80) == [ip_address("::1")]
    with pytest.raises(OSError, match=r"."):
        await resolver("no-such-name.invalid", 80)
    resolver.close()


async def test_a_name_that_hangs_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()

    def look_up(host: str, _port: int) -> list[tuple[object, ...]]:
        if host == "hangs.example":
            let_go.wait(20)
        return [(None, None, None, None, (PUBLIC, 0))]

    monkeypatch.setattr(guarded_network, "_look_up", look_up)
    resolver = Resolver(threads=2)
    hanging = asyncio.create_task(resolver("hangs.example", 443))
    assert await resolver("example.com", 443) == [ip_address(PUBLIC)]
    assert not hanging.done()
    let_go.set()
    await hanging
    resolver.close()
