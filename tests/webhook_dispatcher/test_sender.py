"""Requests to a real server on loopback: taken, refused, redirected, never answered, never ending."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import NamedTuple

import pytest

from runtime.outgoing import Reach
from schemas.networks import Address, parse_network
from tests.webhook_dispatcher.receiver import CERTIFICATE, Receiver, receiving, self_signed, status
from webhook_dispatcher.body import Body
from webhook_dispatcher.guarded_network import Resolver
from webhook_dispatcher.sender import Sender, parse_retry_after
from webhook_dispatcher.verdict import Answer

BODY = Body("application/json", b'{"a":1}')
HEADERS = {"webhook-id": "e1"}
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    """Allowed to call this machine."""
    async with sender_that_waits(30) as sender:
        yield sender


@asynccontextmanager
async def sender_that_waits(seconds: float) -> AsyncIterator[Sender]:
    resolver = Resolver()
    sender = Sender(Reach((parse_network("127.0.0.0/8"),)), resolver, seconds)
    yield sender
    await sender.close()
    resolver.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def test_a_request_is_sent_whole_and_connections_are_used_again(
    sender: Sender, receiver: Receiver
) -> None:
    for _ in range(3):
        answer = await sender.post(receiver.url, HEADERS, BODY)
        assert (answer.status, answer.error) == (200, "")
    assert receiver.connections == 1
    request = receiver.requests[0]
    assert (request.path, request.body, request.id) == ("/hook", BODY.content, "e1")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["user-agent"].startswith("Promethios-Webhooks/")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(sender: Sender, receiver: Receiver, code: int) -> None:
    receiver.answer = lambda _: status(code, f"Location: http://127.0.0.1:{receiver.port}/elsewhere")
    assert (await sender.post(receiver.url, HEADERS, BODY)).status == code
    assert [request.path for request in receiver.requests] == ["/hook"]


async def test_one_that_never_answers_is_left(receiver: Receiver) -> None:
    receiver.answer = lambda _: None
    async with sender_that_waits(0.5) as sender:
        answer = await sender.post(receiver.url, HEADERS, BODY)
    assert (answer.status, answer.error) == (0, "no answer within 0.5 s")
    assert answer.duration_ms >= 500


async def test_an_answer_without_end_is_not_read_to_it(sender: Sender, receiver: Receiver) -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 500_000
    receiver.answer = lambda _: endless
    assert (await sender.post(receiver.url, HEADERS, BODY)).status == 200
    receiver.answer = lambda _: status(204)
    assert (await sender.post(receiver.url, HEADERS, BODY)).status == 204


@pytest.mark.parametrize("answer", [b"no HTTP\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"])
async def test_what_is_no_http_is_an_error(sender: Sender, receiver: Receiver, answer: bytes) -> None:
    receiver.answer = lambda _: answer
    assert (await sender.post(receiver.url, HEADERS, BODY)).error.startswith("RemoteProtocolError")


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:1/", "ConnectError"),
        ("http://no-such-name.invalid/", "gaierror"),
        ("http://10.255.255.1/", "not one of the own networks"),
        ("https://169.254.169.254/", "not public"),
        ("http://[::1]/", "not one of the own networks"),
        ("http://[::ffff:10.0.0.1]/", "not one of the own networks"),
        ("http://" + "a" * 300 + ".com/", "UnicodeError"),
        ("gopher://127.0.0.1/", "UnsupportedProtocol"),
        ("", "UnsupportedProtocol"),
    ],
)
async def test_what_cannot_be_called_says_why(sender: Sender, url: str, error: str) -> None:
    answer = await sender.post(url, HEADERS, BODY)
    assert answer.status == 0
    assert error in answer.error


async def test_a_name_that_leads_elsewhere_the_second_time_is_refused(receiver: Receiver) -> None:
    leads = ["127.0.0.1", "127.0.0.2"]

    async def rebinding(_host: str, _port: int) -> list[Address]:
        return [ip_address(leads.pop(0))]

    sender = Sender(Reach((parse_network("127.0.0.1"),)), rebinding, 30)
    url = f"http://rebinding.example:{receiver.port}/hook"
    receiver.answer = lambda _: status(204, "Connection: close")
    assert (await sender.post(url, HEADERS, BODY)).status == 204
    assert receiver.requests[0].headers["host"] == f"rebinding.example:{receiver.port}"
    assert "leads to 127.0.0.2" in (await sender.post(url, HEADERS, BODY)).error
    await sender.close()


async def test_looking_up_a_name_counts_towards_the_time() -> None:
    async def never(_host: str, _port: int) -> list[Address]:
        await asyncio.Event().wait()
        return []

    sender = Sender(Reach(), never, 0.2)
    assert (await sender.post("https://example.com/", HEADERS, BODY)).error == "no answer within 0.2 s"
    await sender.close()


async def test_a_certificate_that_nobody_vouches_for_is_refused(sender: Sender) -> None:
    async with receiving(tls=self_signed()) as receiver:
        answer: Answer = await sender.post(receiver.url.replace("http:", "https:"), HEADERS, BODY)
    assert answer.status == 0
    assert "certificate verify failed" in answer.error
    assert receiver.requests == []


async def test_a_certificate_that_is_vouched_for_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    async with sender_that_waits(30) as sender, receiving(tls=self_signed()) as receiver:
        answer = await sender.post(receiver.url.replace("http:", "https:"), HEADERS, BODY)
    assert (answer.status, answer.error) == (200, "")
    assert receiver.ids == ["e1"]


class RetryAfter(NamedTuple):
    """A header, and the seconds that it means at NOW."""

    value: bytes | None
    seconds: float | None


@pytest.mark.parametrize(
    "case",
    [
        RetryAfter(None, None),
        RetryAfter(b"120", 120),
        RetryAfter(b" 0 ", 0),
        RetryAfter(b"99999999999999999999", 999_999_999),
        RetryAfter(b"Sat, 31 Jan 2026 12:01:00 GMT", 60),
        RetryAfter(b"Sat, 31 Jan 2026 11:00:00 GMT", 0),
        RetryAfter(b"-5", None),
        RetryAfter(b"1e3", None),
        RetryAfter(b"soon", None),
        RetryAfter(b"\xff", None),
        RetryAfter("²".encode("latin-1"), None),
    ],
    ids=lambda case: str(case.value),
)
def test_retry_after_is_read_in_both_forms(case: RetryAfter) -> None:
    assert parse_retry_after(case.value, NOW) == case.seconds
