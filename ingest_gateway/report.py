"""A request's events to what is written: rows of each kind with their stamps, and the receipt; pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

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
from ingest_gateway.log_floor import drop_below
from ingest_gateway.pricing import BUILT_IN, Prices
from ingest_gateway.privacy_index import Privacy
from ingest_gateway.row_limits import RowLimits
from privacy.rows import mask_rows
from runtime.problems import ProblemError
from schemas.block import MAX_SEGMENT_BYTES, Kind, Segment
from schemas.control import ApiKey
from schemas.errors import InvalidMessageError
from schemas.messages.cost import CostRow
from schemas.messages.registry import ReportRoute
from schemas.stamps import batch_id_text, encode_row, row_prefix, stamp_rows


class Part(NamedTuple):
    """One kind's rows of one request: goes into exactly one record."""

    kind: Kind
    segment: Segment
    rows: bytes


class Report(NamedTuple):
    """All that one request stores, whole or not at all per kind; no parts if all of it was dropped."""

    parts: list[Part]
    accepted: int
    dropped: int


class Receipt(msgspec.Struct):
    """What the 202 says: events taken, rows of each kind, and the batch id of the route's own kind.

    `dropped` log entries were below the level from which on the agent's are kept; if that was all, no batch
    was made.
    """

    accepted: int
    rows: dict[Kind, int]
    batch_id: str | None
    dropped: int


class Sender(NamedTuple):
    """What makes a request's rows ready to be written: their stamps, and what of them may be written.

    That is who sent it, the privacy that is in force for it, when it came (milliseconds), the client's key,
    its trace, and the prices by which its tokens are charged.
    """

    identity: Identity
    privacy: Privacy
    received_at: int
    idempotency_key: bytes | None
    traceparent: str
    prices: Prices = BUILT_IN


def build_report(route: ReportRoute, payloads: Sequence[Any], sender: Sender, limits: RowLimits) -> Report:
    """The parts of a request; nothing is made unless every payload is good.

    Raises:
        ProblemError: a payload names another agent or cannot be stored, or there are too many rows or bytes.
    """
    _check_claims(route, payloads, sender.identity.key)
    rows = _rows(route, payloads)
    limits.check_count(sum(map(len, rows.values())))
    parts, dropped = stamped_parts(route.name, rows, sender, limits)
    return Report(parts, len(payloads), dropped)


def receipt(report: Report) -> bytes:
    """The body of the 202."""
    main = batch_id_text(report.parts[0].segment.batch_id) if report.parts else None
    rows = {part.kind: part.segment.lines for part in report.parts}
    return _encoder.encode(Receipt(report.accepted, rows, main, report.dropped))


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
        rows = {route.kind: route.rows(payloads)}
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


def stamped_parts(
    route: str, rows: dict[Kind, list[msgspec.Struct]], sender: Sender, limits: RowLimits
) -> tuple[list[Part], int]:
    """A request's rows as they are written, priced, masked and stamped, and how many entries were dropped.

    This is the one way from what agents send to Kafka, whatever the route; `rows` are used up.

    Raises:
        ProblemError: a row is too large, or all of a kind together are.
    """
    sender.prices.price(cast("list[CostRow]", rows.get(Kind.COST, ())))
    dropped = drop_below(rows, sender.privacy.min_log_level)
    parts = [_part(route, kind, of_kind, sender, limits) for kind, of_kind in rows.items() if of_kind]
    return parts, dropped


def _part(route: str, kind: Kind, rows: list[msgspec.Struct], sender: Sender, limits: RowLimits) -> Part:
    key = sender.identity.key
    identifier = batch_id(sender.identity.agent_key, kind, route, sender.idempotency_key)
    prefix = row_prefix(key.tenant_id, key.agent_id, sender.received_at, identifier)
    bodies = [encode_row(row) for row in rows]
    # Before they are masked, which may make them longer than their sender can know.
    limits.check(bodies, sum(map(len, bodies)))
    encoded = stamp_rows(prefix, mask_rows(rows, bodies, encode_row, sender.privacy.masker))
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
