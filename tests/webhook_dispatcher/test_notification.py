"""Records of derived topics are read, whatever their type; what is none is refused."""

import pytest

from schemas.derived import AgentStatus, OnlineStatus
from schemas.errors import InvalidMessageError
from schemas.messages.values import Severity
from tests.webhook_dispatcher.samples import ALERT, AT, NOW, TENANT, SampleRecord, record_of
from webhook_dispatcher.notification import Place, read_notification


def test_it_has_what_filters_ask_of_it_and_the_bytes_as_they_came() -> None:
    record = record_of(ALERT, offset=7, partition=2, event_id="e1")
    found = read_notification(record)
    assert found.place == Place("promethios.alerts.v1", 2)
    assert (found.offset, found.timestamp, found.event_id) == (7, NOW, "e1")
    assert found.event_type == "io.promethios.alert.changed.v1"
    assert (found.tenant_id, found.agent_id, found.severity) == (TENANT, "scout", Severity.HIGH)
    assert found.value == record.value


def test_what_has_no_severity_and_no_agent_is_read_too() -> None:
    status = AgentStatus(TENANT, "scout", OnlineStatus.OFFLINE, "missed", AT)
    assert read_notification(record_of(status)).severity is None
    headers = [("ce_id", b"e"), ("ce_type", b"io.promethios.of-the-future.v1")]
    future = SampleRecord("t", 0, 0, 0, None, b'{"tenant_id":"acme","new":[1]}', headers)
    assert read_notification(future).agent_id == ""


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        ([], b'{"tenant_id":"acme"}'),
        ([("ce_id", b"e")], b'{"tenant_id":"acme"}'),
        ([("ce_id", b"\xff"), ("ce_type", b"t")], b'{"tenant_id":"acme"}'),
        ([("ce_id", b"e"), ("ce_type", b"t")], b"{}"),
        ([("ce_id", b"e"), ("ce_type", b"t")], b'{"tenant_id":"acme","x":'),
        ([("ce_id", b"e"), ("ce_type", b"t")], b'{"tenant_id":"acme","severity":"odd"}'),
        ([("ce_id", b"e"), ("ce_type", b"t")], None),
    ],
)
def test_what_is_no_event_is_refused(headers: list[tuple[str, bytes]], value: bytes | None) -> None:
    with pytest.raises(InvalidMessageError, match="not a derived event"):
        read_notification(SampleRecord("t", 0, 0, 0, None, value, headers))
