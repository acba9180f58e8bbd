"""The states of a partition are what its last records say."""

import msgspec
from structlog.testing import capture_logs

from webhook_dispatcher.endpoint_state import EndpointState
from webhook_dispatcher.state_store import absorb

STATE = EndpointState("w1", 1, {"a.v1": {0: 5}})


def test_the_last_record_of_a_webhook_counts() -> None:
    states: dict[str, EndpointState] = {}
    absorb(states, "w1", msgspec.json.encode(STATE))
    absorb(states, "w2", msgspec.json.encode(msgspec.structs.replace(STATE, webhook_id="w2")))
    newer = msgspec.structs.replace(STATE, failures=3)
    absorb(states, "w1", msgspec.json.encode(newer))
    absorb(states, "w2", None)
    absorb(states, "w3", None)
    assert states == {"w1": newer}


def test_what_cannot_be_read_changes_nothing() -> None:
    states = {"w1": STATE}
    with capture_logs() as logs:
        absorb(states, "w1", b"{}")
    assert states == {"w1": STATE}
    assert [entry["event"] for entry in logs] == ["webhook_state_ignored"]
