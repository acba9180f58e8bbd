"""The list of services: who is there, and in which order they stop."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.supervisor.services import gateway_names, stack_services


def names(*, kafka: bool = True, clickhouse: bool = True, workers: int = 1) -> list[str]:
    services = stack_services(kafka=kafka, clickhouse=clickhouse, gateway_workers=workers)
    return [service.name for service in sorted(services, key=lambda service: -service.order)]


def test_intake_stops_first_and_the_stores_last() -> None:
    assert names() == ["gateway", "processors", "writer", "query", "clickhouse", "kafka"]


def test_external_stores_are_not_started() -> None:
    assert names(kafka=False) == ["gateway", "processors", "writer", "query", "clickhouse"]
    assert "clickhouse" not in names(clickhouse=False)


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
    assert len(set(names(workers=workers))) == 5 + workers
