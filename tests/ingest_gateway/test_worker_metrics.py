"""Metrics of several workers on one page."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from ingest_gateway.metrics import GatewayMetrics
from ingest_gateway.worker_metrics import OWN_PATH, WorkerMetrics


def metrics_of(worker: int, requests: int) -> GatewayMetrics:
    metrics = GatewayMetrics(worker)
    for _ in range(requests):
        metrics.count_request("log", 202)
        metrics.observe_age(0.2)
        metrics.acknowledged.observe(0.01)
    return metrics


def samples(page: bytes, name: str) -> Iterator[Sample]:
    for family in text_string_to_metric_families(page.decode()):
        yield from (sample for sample in family.samples if sample.name == name)


async def serving(path: Path, page: bytes) -> asyncio.Server:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(f"GET {OWN_PATH} ".encode())
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(page), page))
        await writer.drain()
        writer.close()

    return await asyncio.start_unix_server(answer, path)


async def test_one_worker_has_its_number_on_every_series() -> None:
    page = await WorkerMetrics(metrics_of(3, 2), None).page()
    for family in text_string_to_metric_families(page.decode()):
        assert {sample.labels["worker"] for sample in family.samples} <= {"3"}
    (requests,) = samples(page, "promethios_gateway_requests_total")
    assert requests.value == 2


async def test_the_series_of_all_workers_stand_together(tmp_path: Path) -> None:
    other = await serving(tmp_path / "gateway-1.sock", WorkerMetrics(metrics_of(1, 5), None).own_page())
    page = await WorkerMetrics(metrics_of(0, 2), tmp_path / "gateway-0.sock").page()
    other.close()
    requests = {s.labels["worker"]: s.value for s in samples(page, "promethios_gateway_requests_total")}
    assert requests == {"0": 2, "1": 5}
    assert sum(s.value for s in samples(page, "promethios_gateway_event_age_seconds_count")) == 7
    assert sum(s.value for s in samples(page, "promethios_gateway_kafka_ack_seconds_bucket")) > 7
    types = [line for line in page.decode().splitlines() if line.startswith("# TYPE")]
    assert len(types) == len(set(types))


@pytest.mark.parametrize("silent", [True, False])
async def test_a_worker_that_has_ended_or_hangs_is_left_out(
    tmp_path: Path, silent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest_gateway.worker_metrics._ANSWER_SECONDS", 0.05)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "gateway-1.sock"))
        if silent:
            dead.listen()
        page = await WorkerMetrics(metrics_of(0, 2), tmp_path / "gateway-0.sock").page()
    (requests,) = samples(page, "promethios_gateway_requests_total")
    assert requests.labels["worker"] == "0"
