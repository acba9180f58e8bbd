"""What the stock OpenTelemetry exporter does with our answers: repeats what it may, as the same batch."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult

from ingest_gateway.listening import listen_tcp
from runtime.http_protocol import JoinedWritesProtocol
from schemas.block import decode_block
from tests.ingest_gateway.fakes import TOKEN
from tests.ingest_gateway.harness import Harness, running

pytestmark = pytest.mark.integration


@asynccontextmanager
async def served(harness: Harness) -> AsyncIterator[str]:
    """The harness's gateway on a port."""
    socket = listen_tcp("127.0.0.1", 0)
    config = uvicorn.Config(
        harness.app, http=JoinedWritesProtocol, ws="none", lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([socket]))
    yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    server.should_exit = True
    await serving


def exporter_to(address: str, token: str = TOKEN) -> OTLPSpanExporter:
    return OTLPSpanExporter(
        endpoint=f"{address}/v1/traces",
        headers={"authorization": f"Bearer {token}"},
        compression=Compression.Gzip,
        timeout=60,
    )


def a_span() -> ReadableSpan:
    span = TracerProvider().get_tracer("test").start_span("a step")
    span.end()
    assert isinstance(span, ReadableSpan)
    return span


async def test_what_kafka_did_not_take_in_time_is_sent_again_as_the_same_batch() -> None:
    async with running() as harness, served(harness) as address:
        harness.sink.hang()
        exporter = exporter_to(address)
        exporting = asyncio.create_task(asyncio.to_thread(exporter.export, [a_span()]))
        async with asyncio.timeout(60):
            while not harness.gateway.metrics._requests["otlp_traces", 503]:  # noqa: ASYNC110 - a counter
                await asyncio.sleep(0.01)
        harness.sink.flow()
        assert await exporting is SpanExportResult.SUCCESS
        exporter.shutdown()  # type: ignore[no-untyped-call] # as the package has it
        segments = [decode_block(headers, value).segments[0] for _, value, headers in harness.sink.records]
        assert len(segments) == 2
        assert segments[0].batch_id == segments[1].batch_id
        assert all(segment.keyed for segment in segments)


async def test_a_wrong_key_is_not_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async with running() as harness, served(harness) as address:
        exporter = exporter_to(address, f"{TOKEN}x")
        with caplog.at_level(logging.ERROR):
            result = await asyncio.to_thread(exporter.export, [a_span()])
        exporter.shutdown()  # type: ignore[no-untyped-call] # as the package has it
        assert result is SpanExportResult.FAILURE
        assert "code: 401" in caplog.text
        assert TOKEN not in caplog.text
        assert harness.gateway.metrics._requests["otlp_traces", 401] == 1
