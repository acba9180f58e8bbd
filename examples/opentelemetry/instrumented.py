"""An agent whose model calls are traced by a library: OpenTelemetry's instrumentation of the OpenAI client.

    OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:8080 \
    OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20promethios_agent-7_..." \
    python examples/opentelemetry/instrumented.py

The model is a small server in this process, so that no account is needed. Prints the trace id.
"""

import openai
from model_server import serve
from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def main() -> None:
    """Ask the model once within a run, and wait until all of it was accepted."""
    resource = Resource.create({"service.name": "instrumented-agent"})
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(compression=Compression.Gzip)))
    trace.set_tracer_provider(tracers)
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(compression=Compression.Gzip))
    meters = MeterProvider(resource=resource, metric_readers=[reader])
    metrics.set_meter_provider(meters)

    OpenAIInstrumentor().instrument()
    model = serve()
    client = openai.OpenAI(base_url=f"http://127.0.0.1:{model.server_port}/v1", api_key="none")
    run = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "instrumented-agent"}
    with trace.get_tracer("example").start_as_current_span("invoke_agent", attributes=run) as span:
        client.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": "How?"}])
        trace_id = span.get_span_context().trace_id
    model.shutdown()
    tracers.shutdown()
    meters.shutdown()
    print(f"{trace_id:032x}")


if __name__ == "__main__":
    main()
