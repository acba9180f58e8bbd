"""OpenTelemetry in: OTLP/HTTP, in protobuf or JSON, to rows of events, costs, logs and metric points."""
