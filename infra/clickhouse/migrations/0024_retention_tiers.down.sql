-- Undoes 0024: rows that are older than 90 days go with the next merge.
ALTER TABLE heartbeats MODIFY TTL toDateTime(received_at) + INTERVAL 90 DAY;
ALTER TABLE heartbeats
    MODIFY COLUMN agent_id CODEC(ZSTD(1)),
    MODIFY COLUMN received_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN seq CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN timestamp CODEC(Delta, ZSTD(1));
ALTER TABLE heartbeats RESET SETTING default_compression_codec;
ALTER TABLE agent_metrics MODIFY TTL toDateTime(received_at) + INTERVAL 90 DAY;
ALTER TABLE agent_metrics
    MODIFY COLUMN agent_id CODEC(ZSTD(1)),
    MODIFY COLUMN received_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN seq CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN timestamp CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN response_time_ms CODEC(ZSTD(1));
ALTER TABLE agent_metrics RESET SETTING default_compression_codec;
ALTER TABLE reported_violations MODIFY TTL toDateTime(received_at) + INTERVAL 90 DAY;
ALTER TABLE reported_violations
    MODIFY COLUMN agent_id CODEC(ZSTD(1)),
    MODIFY COLUMN received_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN seq CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN timestamp CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN description CODEC(ZSTD(1)),
    MODIFY COLUMN context CODEC(ZSTD(1));
ALTER TABLE reported_violations RESET SETTING default_compression_codec;
ALTER TABLE agent_logs MODIFY TTL toDateTime(received_at) + INTERVAL 90 DAY;
ALTER TABLE agent_logs
    MODIFY COLUMN agent_id CODEC(ZSTD(1)),
    MODIFY COLUMN received_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN seq CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN timestamp CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN message CODEC(ZSTD(1)),
    MODIFY COLUMN context CODEC(ZSTD(1)),
    MODIFY COLUMN trace_id CODEC(ZSTD(1)),
    MODIFY COLUMN span_id CODEC(ZSTD(1)),
    MODIFY COLUMN resource_attributes CODEC(ZSTD(1));
ALTER TABLE agent_logs RESET SETTING default_compression_codec;
ALTER TABLE agent_events MODIFY TTL toDateTime(received_at) + INTERVAL 90 DAY;
ALTER TABLE agent_events
    MODIFY COLUMN agent_id CODEC(ZSTD(1)),
    MODIFY COLUMN received_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN seq CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN timestamp CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN event_id CODEC(ZSTD(1)),
    MODIFY COLUMN run_id CODEC(ZSTD(1)),
    MODIFY COLUMN message CODEC(ZSTD(1)),
    MODIFY COLUMN latency_ms CODEC(ZSTD(1)),
    MODIFY COLUMN cost_tokens CODEC(ZSTD(1)),
    MODIFY COLUMN input_tokens CODEC(ZSTD(1)),
    MODIFY COLUMN output_tokens CODEC(ZSTD(1)),
    MODIFY COLUMN cache_read_tokens CODEC(ZSTD(1)),
    MODIFY COLUMN cache_creation_tokens CODEC(ZSTD(1)),
    MODIFY COLUMN reasoning_tokens CODEC(ZSTD(1)),
    MODIFY COLUMN conversation_id CODEC(ZSTD(1)),
    MODIFY COLUMN trace_id CODEC(ZSTD(1)),
    MODIFY COLUMN span_id CODEC(ZSTD(1)),
    MODIFY COLUMN parent_span_id CODEC(ZSTD(1)),
    MODIFY COLUMN attributes CODEC(ZSTD(1)),
    MODIFY COLUMN resource_attributes CODEC(ZSTD(1)),
    MODIFY COLUMN span_events CODEC(ZSTD(1)),
    MODIFY COLUMN span_links CODEC(ZSTD(1));
ALTER TABLE agent_events RESET SETTING default_compression_codec;
ALTER TABLE cost_ledger MODIFY TTL toDateTime(received_at) + INTERVAL 365 DAY;
ALTER TABLE cost_ledger
    MODIFY COLUMN agent_id CODEC(ZSTD(1)),
    MODIFY COLUMN received_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN seq CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN timestamp CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN amount CODEC(ZSTD(1)),
    MODIFY COLUMN entry_id CODEC(ZSTD(1)),
    MODIFY COLUMN cost CODEC(ZSTD(1)),
    MODIFY COLUMN run_id CODEC(ZSTD(1)),
    MODIFY COLUMN cache_read_tokens CODEC(ZSTD(1)),
    MODIFY COLUMN cache_creation_tokens CODEC(ZSTD(1)),
    MODIFY COLUMN reasoning_tokens CODEC(ZSTD(1)),
    MODIFY COLUMN trace_id CODEC(ZSTD(1)),
    MODIFY COLUMN span_id CODEC(ZSTD(1)),
    MODIFY COLUMN price_version CODEC(ZSTD(1));
ALTER TABLE cost_ledger RESET SETTING default_compression_codec;
ALTER TABLE otel_metrics MODIFY TTL toDateTime(received_at) + INTERVAL 90 DAY;
ALTER TABLE otel_metrics
    MODIFY COLUMN agent_id CODEC(ZSTD(1)),
    MODIFY COLUMN received_at CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN seq CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN timestamp CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN start_timestamp CODEC(ZSTD(1)),
    MODIFY COLUMN value CODEC(ZSTD(1)),
    MODIFY COLUMN count CODEC(ZSTD(1)),
    MODIFY COLUMN sum CODEC(ZSTD(1)),
    MODIFY COLUMN min CODEC(ZSTD(1)),
    MODIFY COLUMN max CODEC(ZSTD(1)),
    MODIFY COLUMN bucket_counts CODEC(ZSTD(1)),
    MODIFY COLUMN explicit_bounds CODEC(ZSTD(1)),
    MODIFY COLUMN scale CODEC(ZSTD(1)),
    MODIFY COLUMN zero_count CODEC(ZSTD(1)),
    MODIFY COLUMN zero_threshold CODEC(ZSTD(1)),
    MODIFY COLUMN positive_offset CODEC(ZSTD(1)),
    MODIFY COLUMN positive_counts CODEC(ZSTD(1)),
    MODIFY COLUMN negative_offset CODEC(ZSTD(1)),
    MODIFY COLUMN negative_counts CODEC(ZSTD(1)),
    MODIFY COLUMN quantiles CODEC(ZSTD(1)),
    MODIFY COLUMN quantile_values CODEC(ZSTD(1)),
    MODIFY COLUMN flags CODEC(ZSTD(1)),
    MODIFY COLUMN trace_id CODEC(ZSTD(1)),
    MODIFY COLUMN span_id CODEC(ZSTD(1)),
    MODIFY COLUMN attributes CODEC(ZSTD(1)),
    MODIFY COLUMN resource_attributes CODEC(ZSTD(1));
ALTER TABLE otel_metrics RESET SETTING default_compression_codec;
