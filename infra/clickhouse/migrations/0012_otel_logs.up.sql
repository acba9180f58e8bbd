-- Log records of OpenTelemetry share the agents' log table, and keep what ties them to a trace.
ALTER TABLE agent_logs
    ADD COLUMN severity_number UInt8 DEFAULT 0,
    ADD COLUMN severity_text LowCardinality(String) DEFAULT '',
    ADD COLUMN event_name LowCardinality(String) DEFAULT '',
    ADD COLUMN trace_id String DEFAULT '' CODEC(ZSTD(1)),
    ADD COLUMN span_id String DEFAULT '' CODEC(ZSTD(1)),
    ADD COLUMN service_name LowCardinality(String) DEFAULT '',
    ADD COLUMN scope_name LowCardinality(String) DEFAULT '',
    ADD COLUMN resource_attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ADD INDEX trace_ids trace_id TYPE bloom_filter(0.01) GRANULARITY 1;
