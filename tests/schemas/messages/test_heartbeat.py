"""Heartbeats become rows under the columns' names."""

import msgspec
import pytest

from schemas.errors import InvalidMessageError
from schemas.messages.heartbeat import HeartbeatPayload, HeartbeatRow, to_row
from schemas.messages.values import AgentHealth


def decode(text: str) -> HeartbeatPayload:
    return msgspec.json.decode(text, type=HeartbeatPayload)


def test_uptime_becomes_seconds() -> None:
    row = to_row(decode('{"agentId":"a","status":"active","uptime":3.5}'))
    assert row == HeartbeatRow(AgentHealth.ACTIVE, None, 3.5, None)


@pytest.mark.parametrize("field", ["timestamp", "lastActivity"])
def test_a_date_that_cannot_be_stored_is_named(field: str) -> None:
    payload = decode(f'{{"agentId":"a","status":"active","{field}":"1066-10-14T00:00:00Z"}}')
    with pytest.raises(InvalidMessageError, match=field):
        to_row(payload)
