"""What an agent's work took: tokens, seconds of computing, money for tools."""

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec

from schemas.errors import InvalidMessageError
from schemas.messages.values import Count, Moment, ShortText
from schemas.timestamps import check_storable

DECIMALS = 12
MAX_AMOUNT = Decimal(10) ** 15

# What the schema says beyond the types.
_IS_MONEY = [
    {"properties": {"metric_type": {"const": "tool_cost"}}},
    {"properties": {"cost": {"not": {"type": "null"}}}, "required": ["cost"]},
]
MONEY_HAS_A_CURRENCY = {
    "if": {"anyOf": _IS_MONEY},
    "then": {"properties": {"currency": {"minLength": 3}}, "required": ["currency"]},
}

_STEP = Decimal(1).scaleb(-DECIMALS)
_UNITS = 10**DECIMALS

Amount = Annotated[Decimal, msgspec.Meta(extra_json_schema={"minimum": 0, "maximum": int(MAX_AMOUNT)})]
Currency = Annotated[str, msgspec.Meta(pattern="^([A-Z]{3})?$", description="three letters of ISO 4217")]


class CostMetric(StrEnum):
    """What an entry counts, which is also the unit of its amount."""

    TOKENS_IN = "tokens_in"
    TOKENS_OUT = "tokens_out"
    COMPUTE_SECONDS = "compute_seconds"
    TOOL_COST = "tool_cost"


class Attribution(msgspec.Struct, forbid_unknown_fields=True):
    """To whom the cost is charged."""

    project_id: ShortText = ""
    cost_center: ShortText = ""


class CostPayload(msgspec.Struct, forbid_unknown_fields=True):
    """`POST /v1/cost/entries`; `instance_id` is the agent, `tenant_id` must be the key's if sent.

    `amount` is in the unit that `metric_type` names: tokens, seconds, or for `tool_cost` money in `currency`.
    `cost` is the money that tokens or seconds were billed at, in `currency`, where the agent knows it. Tokens
    that are dearer or cheaper than others are part of the amount: of input those read from a cache or written
    into one, of output those of reasoning.
    """

    metric_type: CostMetric
    amount: Amount
    agent_id: str = msgspec.field(name="instance_id")
    tenant_id: ShortText | None = None
    entry_id: ShortText = ""
    timestamp: Moment | None = None
    currency: Currency = ""
    cost: Amount | None = None
    provider: ShortText = ""
    model: ShortText = ""
    cache_read_tokens: Count | None = None
    cache_creation_tokens: Count | None = None
    reasoning_tokens: Count | None = None
    run_id: ShortText = ""
    attribution: Attribution = msgspec.field(default_factory=Attribution)


class CostRow(msgspec.Struct, omit_defaults=True):
    """A row of `cost_ledger` beside its stamps; decimals are texts, which keep every digit.

    `amount` includes what `cache_read_tokens`, `cache_creation_tokens` and `reasoning_tokens` name. Where the
    agent said nothing of money, `price_version` is that of the price table by which `cost` was found.
    """

    FREE_TEXT: ClassVar[tuple[str, ...]] = ()

    metric_type: CostMetric
    amount: str
    entry_id: str = ""
    timestamp: datetime | None = None
    currency: str = ""
    cost: str | None = None
    provider: str = ""
    model: str = ""
    run_id: str = ""
    project_id: str = ""
    cost_center: str = ""
    cache_read_tokens: int | None = None
    cache_creation_tokens: int | None = None
    reasoning_tokens: int | None = None
    trace_id: str = ""
    span_id: str = ""
    price_version: int | None = None


def to_row(payload: CostPayload) -> CostRow:
    """The row of a cost entry.

    Raises:
        InvalidMessageError: money without its currency, an amount out of range, or an impossible date.
    """
    if payload.timestamp is not None:
        check_storable(payload.timestamp, "timestamp")
    if not payload.currency and (payload.cost is not None or payload.metric_type is CostMetric.TOOL_COST):
        raise InvalidMessageError("money needs its currency, such as USD", field="currency")
    _check_parts(payload)
    return CostRow(
        metric_type=payload.metric_type,
        amount=decimal_text(payload.amount, "amount"),
        entry_id=payload.entry_id,
        timestamp=payload.timestamp,
        currency=payload.currency,
        cost=None if payload.cost is None else decimal_text(payload.cost, "cost"),
        provider=payload.provider,
        model=payload.model,
        run_id=payload.run_id,
        project_id=payload.attribution.project_id,
        cost_center=payload.attribution.cost_center,
        cache_read_tokens=payload.cache_read_tokens,
        cache_creation_tokens=payload.cache_creation_tokens,
        reasoning_tokens=payload.reasoning_tokens,
    )


def _check_parts(payload: CostPayload) -> None:
    """Refuse tokens that are no part of the amount."""
    cached = (payload.cache_read_tokens or 0) + (payload.cache_creation_tokens or 0)
    parts = (
        ("cache_read_tokens", cached, CostMetric.TOKENS_IN),
        ("reasoning_tokens", payload.reasoning_tokens or 0, CostMetric.TOKENS_OUT),
    )
    for field, tokens, metric in parts:
        if tokens and (payload.metric_type is not metric or tokens > payload.amount):
            raise InvalidMessageError(f"must be part of an amount of {metric}", field=field)


def decimal_text(value: Decimal, field: str) -> str:
    """The number with at most DECIMALS digits behind the point, rounded half to even.

    Raises:
        InvalidMessageError: it is negative, above MAX_AMOUNT, or no number.
    """
    if not value.is_finite() or not 0 <= value <= MAX_AMOUNT:
        raise InvalidMessageError(f"must be 0 to {MAX_AMOUNT:f}", field=field)
    # Quantized also when it has fewer: 0E+999999 is a zero whose text has a million digits.
    return f"{value.quantize(_STEP, ROUND_HALF_EVEN).normalize():f}"


def cost_units(amount: Decimal) -> int:
    """An amount up to MAX_AMOUNT as a whole number of its smallest steps (10^-12), which add up exactly."""
    return int(amount * _UNITS)


def units_text(units: int) -> str:
    """The amount that so many steps are, as a text without zeros at its end."""
    whole, rest = divmod(units, _UNITS)
    return f"{whole}.{rest:0{DECIMALS}}".rstrip("0").rstrip(".")
