"""An agent that reports with the stock OpenTelemetry SDK: a run with its steps, logs and metrics.

    OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:8080 \
    OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20promethios_agent-7_..." \
    python examples/opentelemetry/agent.py

Nothing in it knows of Promethios: endpoint and key come from those two variables. Attributes are those of
OpenTelemetry's conventions for generative AI, as instrumentation libraries set them. Prints the trace id.
"""

import logging
import time

from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

RESOURCE = Resource.create(
    {
        "service.name": "travel-agent",
        "service.version": "1.4.2",
        "promethios.project_id": "bookings",
        "promethios.cost_center": "cc-42",
    }
)
log = logging.getLogger("travel-agent")


def main() -> None:
    """Report one run and wait until all of it was accepted."""
    providers = connect()
    trace_id = run(trace.get_tracer("travel-agent"), metrics.get_meter("travel-agent"))
    for provider in providers:
        provider.shutdown()
    print(trace_id)


def connect() -> tuple[TracerProvider, LoggerProvider, MeterProvider]:
    """Traces, logs and metrics by OTLP, in protobuf and gzip; the environment says where to."""
    tracers = TracerProvider(resource=RESOURCE)
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(compression=Compression.Gzip)))
    trace.set_tracer_provider(tracers)

    loggers = LoggerProvider(resource=RESOURCE)
    loggers.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(compression=Compression.Gzip)))
    log.addHandler(LoggingHandler(logger_provider=loggers))
    log.setLevel(logging.INFO)

    exporter = OTLPMetricExporter(compression=Compression.Gzip)
    meters = MeterProvider(resource=RESOURCE, metric_readers=[PeriodicExportingMetricReader(exporter)])
    metrics.set_meter_provider(meters)
    return tracers, loggers, meters


def run(tracer: trace.Tracer, meter: metrics.Meter) -> str:
    """Plan a journey: two model calls, a tool call that works and one that fails; returns the trace id."""
    tokens = meter.create_histogram("gen_ai.client.token.usage", unit="{token}")
    attributes: dict[str, str | int] = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "travel-agent",
        "gen_ai.conversation.id": "conversation-5",
        # The sum of its calls, as frameworks write it: it must not be charged a second time.
        "gen_ai.usage.input_tokens": 2100,
        "gen_ai.usage.output_tokens": 260,
    }
    with tracer.start_as_current_span("invoke_agent travel-agent", attributes=attributes) as span:
        log.info("planning a journey")
        call_model(tracer, tokens, input_tokens=1200, output_tokens=180)
        with tracer.start_as_current_span("execute_tool search", attributes=tool("search")):
            time.sleep(0.01)
        call_model(tracer, tokens, input_tokens=900, output_tokens=80)
        book(tracer)
        return f"{span.get_span_context().trace_id:032x}"


def call_model(
    tracer: trace.Tracer, tokens: metrics.Histogram, input_tokens: int, output_tokens: int
) -> None:
    """One call of a model; input includes what came out of the cache, output what was spent on reasoning."""
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5",
        "gen_ai.conversation.id": "conversation-5",
    }
    with tracer.start_as_current_span("chat gpt-5", kind=SpanKind.CLIENT, attributes=attributes) as span:
        span.set_attributes(
            {
                "gen_ai.response.model": "gpt-5-2026-08",
                "gen_ai.response.finish_reasons": ["stop"],
                "gen_ai.usage.input_tokens": input_tokens,
                "gen_ai.usage.output_tokens": output_tokens,
                "gen_ai.usage.cache_read.input_tokens": 800,
                "gen_ai.usage.reasoning.output_tokens": 60,
            }
        )
    for token_type, count in (("input", input_tokens), ("output", output_tokens)):
        tokens.record(count, {"gen_ai.token.type": token_type, "gen_ai.request.model": "gpt-5"})


def book(tracer: trace.Tracer) -> None:
    """A tool that fails; its exception ends up on its span, and in the log."""
    with tracer.start_as_current_span("execute_tool book", attributes=tool("book")) as span:
        try:
            ask_airline()
        except TimeoutError as error:
            span.record_exception(error)
            span.set_status(Status(StatusCode.ERROR, str(error)))
            span.set_attribute("error.type", type(error).__name__)
            log.exception("booking failed", extra={"tool": "book", "attempt": 2})


def ask_airline() -> None:
    """Not there today."""
    raise TimeoutError("no answer within 5 s")


def tool(name: str) -> dict[str, str]:
    """The attributes of a tool call."""
    return {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name}


if __name__ == "__main__":
    main()
