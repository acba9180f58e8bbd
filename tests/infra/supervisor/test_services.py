"""The list of services: who is there, and in which order they stop."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.supervisor.services import gateway_names, stack_services


def names(*, kafka: bool = True, clickhouse: bool = True, workers: int = 1) -> set[str]:
    services = stack_services(kafka=kafka, clickhouse=clickhouse, gateway_workers=workers)
    return {service.name for service in services}


def test_intake_stops_first_and_the_stores_last() -> None:
    services = stack_services(kafka=True, clickhouse=True, gateway_workers=1)
    by_order: dict[int, set[str]] = {}
    for service in services:
        by_order.setdefault(service.order, set()).add(service.name)
    assert [by_order[order] for order in sorted(by_order, reverse=True)] == [
        {"gateway"},
        {"processors", "writer", "query", "webhooks"},
        {"clickhouse"},
        {"kafka"},
    ]


def test_external_stores_are_not_started() -> None:
    assert names() - names(kafka=False) == {"kafka"}
    assert names() - names(clickhouse=False) == {"clickhouse"}


@given(st.integers(2, 64))
def test_several_gateways_are_numbered_from_zero(workers: int) -> None:
    assert gateway_names(workers) == [f"gateway-{worker}" for worker in range(workers)]
    services = stack_services(kafka=True, clickhouse=True, gateway_workers=workers)
    gateways = [service for service in services if service.role == "gateway"]
    assert [service.environment["PROMETHIOS_GATEWAY_WORKER"] for service in gateways] == [
        str(worker) for worker in range(workers)
    ]
    assert len({service.environment["PROMETHIOS_GATEWAY_SOCKET"] for service in gateways}) == workers


@pytest.mark.parametrize("workers", [1, 3])
def test_names_are_unique(workers: int) -> None:
    assert len(names(workers=workers)) == 6 + workers
