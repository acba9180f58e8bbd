"""Entries of the cost ledger, exactly one set for each call."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ingest_gateway.otlp.costs import cost_rows
from schemas.errors import InvalidMessageError
from schemas.messages.cost import CostMetric, CostRow
from schemas.messages.event import EventRow, EventType

ENDED = datetime(2026, 11, 21, tzinfo=UTC)


def event(
    event_type: EventType = EventType.MODEL_CALL,
    attributes: dict[str, Any] | None = None,
    **fields: Any,  # noqa: ANN401 - any field of a row
) -> EventRow:
    return EventRow(event_type, attributes=attributes or {}, **fields)


def of_call(**attributes: Any) -> list[CostRow]:  # noqa: ANN401 - any JSON value
    dotted = {name.replace("__", "."): value for name, value in attributes.items()}
    return cost_rows(event(attributes=dotted, input_tokens=120, output_tokens=30), {}, ENDED)


def test_a_model_call_has_an_entry_for_each_direction() -> None:
    call = event(
        provider="openai",
        model="gpt-5",
        run_id="run",
        trace_id="trace",
        span_id="span",
        input_tokens=120,
        output_tokens=30,
        cache_read_tokens=100,
        cache_creation_tokens=2,
        reasoning_tokens=7,
    )
    common: dict[str, Any] = {
        "timestamp": ENDED,
        "provider": "openai",
        "model": "gpt-5",
        "run_id": "run",
        "trace_id": "trace",
        "span_id": "span",
    }
    assert cost_rows(call, {}, ENDED) == [
        CostRow(CostMetric.TOKENS_IN, "120", cache_read_tokens=100, cache_creation_tokens=2, **common),
        CostRow(CostMetric.TOKENS_OUT, "30", reasoning_tokens=7, **common),
    ]


@pytest.mark.parametrize("event_type", sorted(set(EventType) - {EventType.MODEL_CALL, EventType.TOOL_CALL}))
def test_what_surrounds_calls_costs_nothing(event_type: EventType) -> None:
    usage: dict[str, Any] = {"gen_ai.usage.input_tokens": 5, "promethios.cost.usd": 1}
    assert cost_rows(event(event_type, usage, input_tokens=5), {}, ENDED) == []


def test_no_tokens_no_entry() -> None:
    assert cost_rows(event(input_tokens=0), {}, ENDED) == []
    assert [row.metric_type for row in cost_rows(event(output_tokens=3), {}, ENDED)] == ["tokens_out"]


def test_the_span_says_to_whom_it_is_charged_before_the_resource_does() -> None:
    resource = {"promethios.project_id": "p-resource", "promethios.cost_center": "c-resource"}
    call = event(attributes={"promethios.project_id": "p-span"}, input_tokens=1)
    (row,) = cost_rows(call, resource, ENDED)
    assert (row.project_id, row.cost_center) == ("p-span", "c-resource")


def test_money_of_the_whole_call_stands_once() -> None:
    first, second = of_call(promethios__cost__usd=0.0125)
    assert (first.cost, first.currency, second.cost, second.currency) == ("0.0125", "USD", "0", "USD")


def test_money_by_direction_stands_at_its_direction() -> None:
    first, second = of_call(llm__cost__prompt="0.01", llm__cost__completion=2)
    assert [(row.cost, row.currency) for row in (first, second)] == [("0.01", "USD"), ("2", "USD")]


def test_the_whole_counts_before_the_directions() -> None:
    first, second = of_call(llm__cost__total=3, llm__cost__prompt=1, llm__cost__completion=2)
    assert (first.cost, second.cost) == ("3", "0")


def test_a_tool_costs_what_it_says() -> None:
    (row,) = cost_rows(event(EventType.TOOL_CALL, {"promethios.cost.usd": 0.1}), {}, ENDED)
    assert (row.metric_type, row.amount, row.currency, row.cost) == ("tool_cost", "0.1", "USD", None)
    assert cost_rows(event(EventType.TOOL_CALL, {"llm.cost.total": 1}), {}, ENDED) == []


@pytest.mark.parametrize("money", [-1, "NaN", "Infinity", "much", 10**16, [1], {}, True])
def test_money_that_is_none_is_refused(money: Any) -> None:  # noqa: ANN401 - any JSON value
    with pytest.raises(InvalidMessageError) as refused:
        of_call(promethios__cost__usd=money)
    assert refused.value.field == "promethios.cost.usd"


def test_without_an_end_an_entry_has_the_time_of_the_start() -> None:
    (row,) = cost_rows(event(input_tokens=1, timestamp=ENDED), {}, None)
    assert row.timestamp == ENDED
