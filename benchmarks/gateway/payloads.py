"""Requests of both peers: the same log records in each one's form, as many bytes a request; pure."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from schemas.timestamps import to_rfc3339

MESSAGE_BYTES = 200

_TOOLS = ("search", "browser", "database", "mail", "calendar")
_TEXT = """agent asked the planner for another step because upstream answered late and its cache was cold so
that a retry went to the second region with fewer tokens left than the budget of this task would allow"""
_FINDING = ", answered by jane.doe@example.com, call +49 30 901820"
_START_NS = 1_790_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class _Entry:
    """One log record, whatever its form."""

    tool: str
    attempt: int
    run: str
    message: str
    time_ns: int


def collector_body(agent_id: str, events: int, *, seed: int) -> bytes:
    """An OTLP/JSON logs request of `events` records, each with a message of MESSAGE_BYTES."""
    records = [
        {
            "timeUnixNano": str(entry.time_ns),
            "severityNumber": 9,
            "severityText": "INFO",
            "body": {"stringValue": entry.message},
            "attributes": [
                {"key": "tool", "value": {"stringValue": entry.tool}},
                {"key": "attempt", "value": {"intValue": str(entry.attempt)}},
                {"key": "run", "value": {"stringValue": entry.run}},
            ],
        }
        for entry in _entries(agent_id, events, seed)
    ]
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": agent_id}}]}
    return orjson.dumps(
        {"resourceLogs": [{"resource": resource, "scopeLogs": [{"scope": {}, "logRecords": records}]}]}
    )


def gateway_body(agent_id: str, events: int, *, seed: int, size: int | None = None) -> bytes:
    """The same records as `POST /api/v1/agents/logs` takes them.

    With `size` the messages are made longer until the body has that many bytes.

    Raises:
        ValueError: the records alone take more than `size`.
    """
    entries = list(_entries(agent_id, events, seed))
    records = [_reported(agent_id, entry) for entry in entries]
    if size is not None:
        missing = size - len(_encoded(records))
        if missing < 0:
            msg = f"{events} records do not fit into {size} bytes"
            raise ValueError(msg)
        generator = random.Random(f"{seed}/{agent_id}/more")  # noqa: S311 - a repeatable load, not a secret
        for number, record in enumerate(records):
            share = missing // events + (number < missing % events)
            record["message"] = f"{record['message']}{_text(generator, share)}"
    return _encoded(records)


def with_findings(body: bytes, every: int, *, first: int = 0) -> bytes:
    """The gateway's body with something to mask in each message whose number, from `first`, `every` divides.

    The messages keep their length.
    """
    decoded = orjson.loads(body)
    records = decoded if isinstance(decoded, list) else [decoded]
    for number, record in enumerate(records, first):
        if number % every == 0:
            record["message"] = record["message"][: -len(_FINDING)] + _FINDING
    return _encoded(records)


def http_request(host: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """A whole HTTP/1.1 request, as it goes over the wire."""
    lines = {"Host": host, "Content-Type": "application/json", **headers, "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def _entries(agent_id: str, events: int, seed: int) -> Iterator[_Entry]:
    generator = random.Random(f"{seed}/{agent_id}")  # noqa: S311 - as above
    for number in range(events):
        yield _Entry(
            generator.choice(_TOOLS),
            generator.randrange(1, 4),
            f"{generator.getrandbits(48):012x}",
            _text(generator, MESSAGE_BYTES),
            _START_NS + number * 1_000_000,
        )


def _reported(agent_id: str, entry: _Entry) -> dict[str, object]:
    return {
        "agentId": agent_id,
        "level": "info",
        "message": entry.message,
        "context": {"tool": entry.tool, "attempt": entry.attempt, "run": entry.run},
        "timestamp": to_rfc3339(entry.time_ns // 1_000_000),
    }


def _encoded(records: list[dict[str, object]]) -> bytes:
    return orjson.dumps(records[0] if len(records) == 1 else records)


def _text(generator: random.Random, length: int) -> str:
    """A piece of the prose: of no meaning, but of words, so that it compresses as messages do."""
    start = generator.randrange(len(_PROSE) - length)
    return _PROSE[start : start + length]


def _prose() -> str:
    generator = random.Random("prose")  # noqa: S311 - as above
    return " ".join(generator.choices(_TEXT.split(), k=20_000))


_PROSE = _prose()
