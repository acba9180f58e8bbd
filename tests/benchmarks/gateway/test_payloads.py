"""Both peers get the same records in as many bytes, and the gateway takes them."""

import msgspec
import pytest

from benchmarks.gateway.payloads import (
    MESSAGE_BYTES,
    collector_body,
    gateway_body,
    http_request,
    with_findings,
)
from schemas.messages.log import LogPayload


@pytest.mark.parametrize("events", [1, 10, 100])
def test_a_request_has_as_many_bytes_for_either_peer(events: int) -> None:
    theirs = collector_body("agent-7", events, seed=1)
    ours = gateway_body("agent-7", events, seed=1, size=len(theirs))
    assert len(ours) == len(theirs)
    assert gateway_body("agent-7", events, seed=1, size=len(theirs)) == ours


def test_the_gateways_records_are_valid_and_say_what_the_collectors_say() -> None:
    theirs = msgspec.json.decode(collector_body("agent-7", 3, seed=1))
    records = theirs["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    ours = msgspec.json.decode(gateway_body("agent-7", 3, seed=1, size=3000), type=list[LogPayload])
    for record, payload in zip(records, ours, strict=True):
        assert payload.agent_id == "agent-7"
        assert payload.message.startswith(record["body"]["stringValue"])
        assert payload.timestamp is not None
        assert payload.timestamp.timestamp() == pytest.approx(
            int(record["timeUnixNano"]) / 1e9, rel=0, abs=1e-4
        )


def test_messages_have_their_length_where_no_size_is_asked_for() -> None:
    payload = msgspec.json.decode(gateway_body("agent-7", 1, seed=1), type=LogPayload)
    assert len(payload.message) == MESSAGE_BYTES


def test_agents_differ() -> None:
    assert gateway_body("agent-7", 1, seed=1) != gateway_body("agent-8", 1, seed=1)


def test_records_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        gateway_body("agent-7", 10, seed=1, size=100)


def test_some_messages_hold_something_to_mask_and_keep_their_length() -> None:
    plain = gateway_body("agent-7", 40, seed=1)
    found = with_findings(plain, 20, first=10)
    messages = [payload.message for payload in msgspec.json.decode(found, type=list[LogPayload])]
    assert [number for number, message in enumerate(messages, 10) if "@example.com" in message] == [20, 40]
    assert {len(message) for message in messages} == {MESSAGE_BYTES}


def test_a_request_is_what_goes_over_the_wire() -> None:
    request = http_request("127.0.0.1", "/v1/logs", {"Authorization": "Bearer x"}, b"{}")
    head, body = request.split(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/logs HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Bearer x\r\n" in head
    assert b"Content-Length: 2" in head
    assert body == b"{}"
