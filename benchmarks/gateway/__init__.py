"""`make bench-gateway`: the gateway beside the OpenTelemetry Collector, in one run and on the same broker."""
