"""Entries of the cost ledger for a span: tokens of a model call, money where the span says it; pure.

Only the span of the call itself makes entries. Instrumentations repeat the sum of all calls on the spans of
the agent or workflow around them, and to count those too would charge every token twice.
"""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ingest_gateway.otlp.attributes import Attributes
from ingest_gateway.otlp.genai import text_of
from schemas.errors import InvalidMessageError
from schemas.messages.cost import CostMetric, CostRow, decimal_text
from schemas.messages.event import EventRow, EventType

# No convention has an attribute for money yet; these are ours, OpenInference's, and what others use.
_MONEY = ("promethios.cost.usd", "llm.cost.total", "gen_ai.usage.cost")
_INPUT_MONEY = "llm.cost.prompt"
_OUTPUT_MONEY = "llm.cost.completion"
_PRICES = frozenset((*_MONEY, _INPUT_MONEY, _OUTPUT_MONEY))
_CURRENCY = "USD"
_PAID = "0"
_PROJECT = ("promethios.project_id",)
_COST_CENTER = ("promethios.cost_center",)


def cost_rows(event: EventRow, resource: Attributes, ended: datetime | None) -> list[CostRow]:
    """The entries of a span whose row is `event`; none unless it is a call of a model or a tool.

    Money is whole: what is known only for the call as a whole stands on its first entry.

    Raises:
        InvalidMessageError: money that is negative, no number, or too much.
    """
    match event.event_type:
        case EventType.MODEL_CALL:
            rows = _model_call(event, ended)
        case EventType.TOOL_CALL:
            rows = _tool_call(event, ended)
        case _:
            return []
    project_id = text_of(event.attributes, _PROJECT) or text_of(resource, _PROJECT)
    cost_center = text_of(event.attributes, _COST_CENTER) or text_of(resource, _COST_CENTER)
    for row in rows:
        row.project_id, row.cost_center = project_id, cost_center
    return rows


def _model_call(event: EventRow, ended: datetime | None) -> list[CostRow]:
    rows = []
    if event.input_tokens:
        row = _row(event, ended, CostMetric.TOKENS_IN, str(event.input_tokens))
        row.cache_read_tokens = event.cache_read_tokens
        row.cache_creation_tokens = event.cache_creation_tokens
        rows.append(row)
    if event.output_tokens:
        row = _row(event, ended, CostMetric.TOKENS_OUT, str(event.output_tokens))
        row.reasoning_tokens = event.reasoning_tokens
        rows.append(row)
    _charge(rows, event.attributes)
    return rows


def _charge(rows: list[CostRow], attributes: Attributes) -> None:
    """Write money on entries: by direction where both are known, else the whole on the first."""
    if _PRICES.isdisjoint(attributes):
        return
    directions = {
        CostMetric.TOKENS_IN: _money(attributes, _INPUT_MONEY),
        CostMetric.TOKENS_OUT: _money(attributes, _OUTPUT_MONEY),
    }
    totals = [money for money in (_money(attributes, name) for name in _MONEY) if money is not None]
    whole = totals[0] if totals else None
    for row in rows:
        # What the first entry pays for is paid: on the others stands nothing, not no price.
        cost = directions[row.metric_type] if whole is None else whole if row is rows[0] else _PAID
        if cost is not None:
            row.cost, row.currency = cost, _CURRENCY


def _tool_call(event: EventRow, ended: datetime | None) -> list[CostRow]:
    money = _money(event.attributes, _MONEY[0])
    if money is None:
        return []
    row = _row(event, ended, CostMetric.TOOL_COST, money)
    row.currency = _CURRENCY
    return [row]


def _row(event: EventRow, ended: datetime | None, metric: CostMetric, amount: str) -> CostRow:
    row = CostRow(metric, amount, "", ended or event.timestamp)
    row.provider, row.model = event.provider, event.model
    row.run_id, row.trace_id, row.span_id = event.run_id, event.trace_id, event.span_id
    return row


def _money(attributes: Attributes, name: str) -> str | None:
    value: Any = attributes.get(name)
    if value is None:
        return None
    try:
        return decimal_text(Decimal(str(value)), name)
    except InvalidOperation:
        raise InvalidMessageError("must be a number", field=name) from None
