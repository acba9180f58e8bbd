"""A request's events to what is written: rows of each kind with their stamps, and the receipt; pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from ingest_gateway.auth import Identity
from ingest_gateway.errors import (
    BAD_FIELDS,
    CORRECT_AND_REPEAT,
    EVENTS_TOO_LARGE,
    OTHER_AGENT,
    OTHER_TENANT,
)
from ingest_gateway.field_errors import field_error
from ingest_gateway.idempotency import batch_id
from ingest_gateway.row_limits import RowLimits
from runtime.problems import ProblemError
from schemas.block import MAX_SEGMENT_BYTES, Kind, Segment
from schemas.control import ApiKey
from schemas.errors import InvalidMessageError
from schemas.messages.registry import ReportRoute
from schemas.stamps import batch_id_text, encode_lines, join_lines, row_prefix


class Part(NamedTuple):
    """One kind's rows of one request: goes into exactly one record."""

    kind: Kind
    segment: Segment
    rows: bytes


class Report(NamedTuple):
    """All that one request stores, whole or not at all per kind."""

    parts: list[Part]
    accepted: int


class Receipt(msgspec.Struct):
    """What the 202 says: events taken, rows of each kind, and the batch id of the route's own kind."""

    accepted: int
    rows: dict[Kind, int]
    batch_id: str


class Sender(NamedTuple):
    """What stamps a request's rows: who sent it, when (milliseconds), the client's key, and its trace."""

    identity: Identity
    received_at: int
    idempotency_key: bytes | None
    traceparent: str = ""


def build_report(route: ReportRoute, payloads: Sequence[Any], sender: Sender, limits: RowLimits) -> Report:
    """The parts of a request; nothing is made unless every payload is good.

    Raises:
        ProblemError: a payload names another agent or cannot be stored, or there are too many rows or bytes.
    """
    _check_claims(route, payloads, sender.identity.key)
    rows = _rows(route, payloads)
    limits.check_count(sum(map(len, rows.values())))
    parts = [
        stamped_part(route.name, kind, of_kind, sender, limits) for kind, of_kind in rows.items() if of_kind
    ]
    return Report(parts, len(payloads))


def receipt(report: Report) -> bytes:
    """The body of the 202."""
    main = batch_id_text(report.parts[0].segment.batch_id)
    rows = {part.kind: part.segment.lines for part in report.parts}
    return _encoder.encode(Receipt(report.accepted, rows, main))


def _check_claims(route: ReportRoute, payloads: Sequence[Any], key: ApiKey) -> None:
    agent_id = key.agent_id
    for index, payload in enumerate(payloads):
        if payload.agent_id != agent_id:
            errors = [field_error(index, route.agent_field, "is not the agent of the API key")]
            raise ProblemError(OTHER_AGENT, "an agent reports for itself only", errors)
        if route.names_tenant and payload.tenant_id not in {None, key.tenant_id}:
            errors = [field_error(index, "tenant_id", "is not the tenant of the API key")]
            raise ProblemError(OTHER_TENANT, "correct it or leave it out: the key says it", errors)


def _rows(route: ReportRoute, payloads: Sequence[Any]) -> dict[Kind, list[msgspec.Struct]]:
    try:
        rows = {route.kind: [route.to_row(payload) for payload in payloads]}
        if route.nested is not None:
            nested = route.nested.rows
            rows[route.nested.kind] = [row for payload in payloads for row in nested(payload)]
    except InvalidMessageError:
        raise ProblemError(BAD_FIELDS, CORRECT_AND_REPEAT, _unstorable(route, payloads)) from None
    return rows


def _unstorable(route: ReportRoute, payloads: Sequence[Any]) -> list[dict[str, Any]]:
    """The first payload that the type let pass and the rows do not."""
    for index, payload in enumerate(payloads):
        try:
            route.to_row(payload)
            if route.nested is not None:
                route.nested.rows(payload)
        except InvalidMessageError as error:
            return [field_error(index, error.field, error.reason)]
    return []


def stamped_part(
    route: str, kind: Kind, rows: list[msgspec.Struct], sender: Sender, limits: RowLimits
) -> Part:
    """A request's rows of one kind, of which there is at least one, as they are written.

    Raises:
        ProblemError: a row is too large, or all together are.
    """
    key = sender.identity.key
    identifier = batch_id(sender.identity.agent_key, kind, route, sender.idempotency_key)
    lines = encode_lines(row_prefix(key.tenant_id, key.agent_id, sender.received_at, identifier), rows)
    limits.check(lines)
    encoded = join_lines(lines)
    if len(encoded) > MAX_SEGMENT_BYTES:
        raise ProblemError(
            EVENTS_TOO_LARGE,
            f"they make {len(encoded)} bytes of {kind} rows, at most {MAX_SEGMENT_BYTES} fit: send fewer",
        )
    keyed = sender.idempotency_key is not None
    segment = Segment(
        key.tenant_id,
        key.agent_id,
        identifier,
        keyed,
        len(rows),
        len(encoded),
        sender.received_at,
        sender.traceparent,
    )
    return Part(kind, segment, encoded)


_encoder = msgspec.json.Encoder()
