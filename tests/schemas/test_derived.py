"""Derived events: CloudEvents 1.0 in Kafka binary mode, there and back."""

from datetime import datetime

import jsonschema
import msgspec
import pytest
from cloudevents.core.bindings.kafka import to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from schemas.derived import (
    DERIVED_TYPES,
    SOURCE,
    AgentStatus,
    Alert,
    AlertState,
    DerivedData,
    DerivedEvent,
    OnlineStatus,
    PolicyViolation,
    Reason,
    Spend,
    SpendFigure,
    TrustLevel,
    TrustScore,
    TrustStatus,
    ViolationSource,
    decode_event,
    encode_event,
    endings_of,
    subject_of,
)
from schemas.errors import InvalidMessageError
from schemas.json_schema import all_schemas
from schemas.messages.values import Severity
from schemas.topics import TOPICS

NOON = "2026-01-31T12:00:00.000Z"
SAMPLES: list[DerivedData] = [
    TrustScore(
        tenant_id="default",
        agent_id="agent-7",
        score=71.5,
        level=TrustLevel.GOOD,
        status=TrustStatus.ACTIVE,
        confidence=0.9,
        low=66.0,
        high=75.5,
        as_of=NOON,
        reasons=[Reason("TOOL_ERRORS", 12.5, ["00010203-0405-0607-0809-0a0b0c0d0e0f:3"])],
        ceilings=[],
        reported_trust=99.0,
    ),
    PolicyViolation(
        "default", "agent-7", "data_access", Severity.HIGH, ViolationSource.REPORTED, "text", NOON, ["e:0"]
    ),
    PolicyViolation(
        "default",
        "agent-7",
        "tool_not_allowed",
        Severity.HIGH,
        ViolationSource.DETECTED,
        "text",
        NOON,
        ["e:0"],
        policy_id="build",
        policy_version=3,
    ),
    Alert(
        "default",
        "agent-7",
        "f00",
        "offline",
        AlertState.FIRING,
        Severity.HIGH,
        "silent",
        NOON,
        None,
        ["e:0"],
    ),
    AgentStatus("default", "agent-7", OnlineStatus.OFFLINE, "missed_heartbeats", NOON),
    Spend("default", "a/b", "2026-01-31", 3, [SpendFigure("USD", "0.25", 2, 1)]),
]


def event(data: DerivedData) -> DerivedEvent:
    return DerivedEvent("id-1", "default/agent-7", 1_769_860_800_250, data)


def test_there_is_a_sample_of_every_type() -> None:
    assert {type(sample) for sample in SAMPLES} == {derived.data for derived in DERIVED_TYPES}


@pytest.mark.parametrize("data", SAMPLES, ids=lambda data: type(data).__name__)
def test_an_event_comes_back(data: DerivedData) -> None:
    record = encode_event(event(data))
    assert decode_event(record.headers, record.key, record.value) == event(data)


@pytest.mark.parametrize("data", SAMPLES, ids=lambda data: type(data).__name__)
def test_the_record_is_a_cloudevent_in_binary_mode(data: DerivedData) -> None:
    record = encode_event(event(data))
    headers = dict(record.headers)
    assert headers["ce_specversion"] == b"1.0"
    assert headers["ce_id"] == b"id-1"
    assert headers["ce_subject"] == (b"default" if isinstance(data, Spend) else b"default/agent-7")
    assert headers["content-type"] == b"application/json"
    assert headers["ce_time"] == b"2026-01-31T12:00:00.250Z"
    assert record.topic == event(data).derived_type.topic
    (schema,) = (s for s in all_schemas().values() if s.get("$id") == headers["ce_dataschema"].decode())
    jsonschema.validate(msgspec.json.decode(record.value or b""), schema)


@pytest.mark.parametrize("data", SAMPLES, ids=lambda data: type(data).__name__)
@pytest.mark.parametrize("rest", [0, 7, 250])
def test_the_record_is_what_the_stock_package_writes(data: DerivedData, rest: int) -> None:
    written = DerivedEvent("id-1", "default/agent-7", 1_769_860_800_000 + rest, data)
    record = encode_event(written)
    stock = CloudEvent(
        {
            "id": "id-1",
            "source": SOURCE,
            "type": written.derived_type.name,
            "specversion": "1.0",
            "datacontenttype": "application/json",
            "dataschema": written.derived_type.schema_uri,
            "subject": subject_of(data),
            "time": datetime.fromisoformat(NOON).replace(microsecond=rest * 1000),
        },
        msgspec.json.encode(data),
    )
    expected = to_binary(stock, JSONFormat())
    assert len(record.headers) == len(expected.headers)
    ours, theirs = dict(record.headers), dict(expected.headers)
    times = [datetime.fromisoformat(headers.pop("ce_time").decode()) for headers in (ours, theirs)]
    assert (ours, record.value, times[0]) == (theirs, expected.value, times[1])


def test_a_record_that_is_none_of_ours_is_refused() -> None:
    record = encode_event(event(SAMPLES[0]))
    with pytest.raises(InvalidMessageError):
        decode_event([], record.key, record.value)
    with pytest.raises(InvalidMessageError):
        decode_event(record.headers, record.key, b"{}")
    other = [(name, b"com.example" if name == "ce_type" else value) for name, value in record.headers]
    with pytest.raises(InvalidMessageError):
        decode_event(other, record.key, record.value)


def test_an_erased_agents_last_records_are_ended_on_every_compacted_topic_that_has_its_key() -> None:
    ended = endings_of("default/agent-7")
    by_agent = {
        derived.topic
        for derived in DERIVED_TYPES
        if "compact" in TOPICS[derived.topic].config["cleanup.policy"] and derived.data is not Spend
    }
    assert {record.topic for record in ended} == by_agent
    assert {(record.key, record.value) for record in ended} == {(b"default/agent-7", None)}
