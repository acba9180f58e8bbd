-- Rows are kept for a year and packed better after a week and after three months: the tiers recent, historical, archived.
-- Only columns that name no codec of their own are packed anew, so they leave it to the table's default.
ALTER TABLE heartbeats MODIFY SETTING default_compression_codec = 'ZSTD(1)';
ALTER TABLE heartbeats
    MODIFY COLUMN agent_id CODEC(Default),
    MODIFY COLUMN received_at CODEC(Delta, Default),
    MODIFY COLUMN seq CODEC(Delta, Default),
    MODIFY COLUMN timestamp CODEC(Delta, Default);
ALTER TABLE heartbeats MODIFY TTL
    toDateTime(received_at) + INTERVAL 7 DAY RECOMPRESS CODEC(ZSTD(3)),
    toDateTime(received_at) + INTERVAL 90 DAY RECOMPRESS CODEC(ZSTD(9)),
    toDateTime(received_at) + INTERVAL 365 DAY;
ALTER TABLE agent_metrics MODIFY SETTING default_compression_codec = 'ZSTD(1)';
ALTER TABLE agent_metrics
    MODIFY COLUMN agent_id CODEC(Default),
    MODIFY COLUMN received_at CODEC(Delta, Default),
    MODIFY COLUMN seq CODEC(Delta, Default),
    MODIFY COLUMN timestamp CODEC(Delta, Default),
    MODIFY COLUMN response_time_ms CODEC(Default);
ALTER TABLE agent_metrics MODIFY TTL
    toDateTime(received_at) + INTERVAL 7 DAY RECOMPRESS CODEC(ZSTD(3)),
    toDateTime(received_at) + INTERVAL 90 DAY RECOMPRESS CODEC(ZSTD(9)),
    toDateTime(received_at) + INTERVAL 365 DAY;
ALTER TABLE reported_violations MODIFY SETTING default_compression_codec = 'ZSTD(1)';
ALTER TABLE reported_violations
    MODIFY COLUMN agent_id CODEC(Default),
    MODIFY COLUMN received_at CODEC(Delta, Default),
    MODIFY COLUMN seq CODEC(Delta, Default),
    MODIFY COLUMN timestamp CODEC(Delta, Default),
    MODIFY COLUMN description CODEC(Default),
    MODIFY COLUMN context CODEC(Default);
ALTER TABLE reported_violations MODIFY TTL
    toDateTime(received_at) + INTERVAL 7 DAY RECOMPRESS CODEC(ZSTD(3)),
    toDateTime(received_at) + INTERVAL 90 DAY RECOMPRESS CODEC(ZSTD(9)),
    toDateTime(received_at) + INTERVAL 365 DAY;
ALTER TABLE agent_logs MODIFY SETTING default_compression_codec = 'ZSTD(1)';
ALTER TABLE agent_logs
    MODIFY COLUMN agent_id CODEC(Default),
    MODIFY COLUMN received_at CODEC(Delta, Default),
    MODIFY COLUMN seq CODEC(Delta, Default),
    MODIFY COLUMN timestamp CODEC(Delta, Default),
    MODIFY COLUMN message CODEC(Default),
    MODIFY COLUMN context CODEC(Default),
    MODIFY COLUMN trace_id CODEC(Default),
    MODIFY COLUMN span_id CODEC(Default),
    MODIFY COLUMN resource_attributes CODEC(Default);
ALTER TABLE agent_logs MODIFY TTL
    toDateTime(received_at) + INTERVAL 7 DAY RECOMPRESS CODEC(ZSTD(3)),
    toDateTime(received_at) + INTERVAL 90 DAY RECOMPRESS CODEC(ZSTD(9)),
    toDateTime(received_at) + INTERVAL 365 DAY;
ALTER TABLE agent_events MODIFY SETTING default_compression_codec = 'ZSTD(1)';
ALTER TABLE agent_events
    MODIFY COLUMN agent_id CODEC(Default),
    MODIFY COLUMN received_at CODEC(Delta, Default),
    MODIFY COLUMN seq CODEC(Delta, Default),
    MODIFY COLUMN timestamp CODEC(Delta, Default),
    MODIFY COLUMN event_id CODEC(Default),
    MODIFY COLUMN run_id CODEC(Default),
    MODIFY COLUMN message CODEC(Default),
    MODIFY COLUMN latency_ms CODEC(Default),
    MODIFY COLUMN cost_tokens CODEC(Default),
    MODIFY COLUMN input_tokens CODEC(Default),
    MODIFY COLUMN output_tokens CODEC(Default),
    MODIFY COLUMN cache_read_tokens CODEC(Default),
    MODIFY COLUMN cache_creation_tokens CODEC(Default),
    MODIFY COLUMN reasoning_tokens CODEC(Default),
    MODIFY COLUMN conversation_id CODEC(Default),
    MODIFY COLUMN trace_id CODEC(Default),
    MODIFY COLUMN span_id CODEC(Default),
    MODIFY COLUMN parent_span_id CODEC(Default),
    MODIFY COLUMN attributes CODEC(Default),
    MODIFY COLUMN resource_attributes CODEC(Default),
    MODIFY COLUMN span_events CODEC(Default),
    MODIFY COLUMN span_links CODEC(Default);
ALTER TABLE agent_events MODIFY TTL
    toDateTime(received_at) + INTERVAL 7 DAY RECOMPRESS CODEC(ZSTD(3)),
    toDateTime(received_at) + INTERVAL 90 DAY RECOMPRESS CODEC(ZSTD(9)),
    toDateTime(received_at) + INTERVAL 365 DAY;
ALTER TABLE cost_ledger MODIFY SETTING default_compression_codec = 'ZSTD(1)';
ALTER TABLE cost_ledger
    MODIFY COLUMN agent_id CODEC(Default),
    MODIFY COLUMN received_at CODEC(Delta, Default),
    MODIFY COLUMN seq CODEC(Delta, Default),
    MODIFY COLUMN timestamp CODEC(Delta, Default),
    MODIFY COLUMN amount CODEC(Default),
    MODIFY COLUMN entry_id CODEC(Default),
    MODIFY COLUMN cost CODEC(Default),
    MODIFY COLUMN run_id CODEC(Default),
    MODIFY COLUMN cache_read_tokens CODEC(Default),
    MODIFY COLUMN cache_creation_tokens CODEC(Default),
    MODIFY COLUMN reasoning_tokens CODEC(Default),
    MODIFY COLUMN trace_id CODEC(Default),
    MODIFY COLUMN span_id CODEC(Default),
    MODIFY COLUMN price_version CODEC(Default);
ALTER TABLE cost_ledger MODIFY TTL
    toDateTime(received_at) + INTERVAL 7 DAY RECOMPRESS CODEC(ZSTD(3)),
    toDateTime(received_at) + INTERVAL 90 DAY RECOMPRESS CODEC(ZSTD(9)),
    toDateTime(received_at) + INTERVAL 365 DAY;
ALTER TABLE otel_metrics MODIFY SETTING default_compression_codec = 'ZSTD(1)';
ALTER TABLE otel_metrics
    MODIFY COLUMN agent_id CODEC(Default),
    MODIFY COLUMN received_at CODEC(Delta, Default),
    MODIFY COLUMN seq CODEC(Delta, Default),
    MODIFY COLUMN timestamp CODEC(Delta, Default),
    MODIFY COLUMN start_timestamp CODEC(Default),
    MODIFY COLUMN value CODEC(Default),
    MODIFY COLUMN count CODEC(Default),
    MODIFY COLUMN sum CODEC(Default),
    MODIFY COLUMN min CODEC(Default),
    MODIFY COLUMN max CODEC(Default),
    MODIFY COLUMN bucket_counts CODEC(Default),
    MODIFY COLUMN explicit_bounds CODEC(Default),
    MODIFY COLUMN scale CODEC(Default),
    MODIFY COLUMN zero_count CODEC(Default),
    MODIFY COLUMN zero_threshold CODEC(Default),
    MODIFY COLUMN positive_offset CODEC(Default),
    MODIFY COLUMN positive_counts CODEC(Default),
    MODIFY COLUMN negative_offset CODEC(Default),
    MODIFY COLUMN negative_counts CODEC(Default),
    MODIFY COLUMN quantiles CODEC(Default),
    MODIFY COLUMN quantile_values CODEC(Default),
    MODIFY COLUMN flags CODEC(Default),
    MODIFY COLUMN trace_id CODEC(Default),
    MODIFY COLUMN span_id CODEC(Default),
    MODIFY COLUMN attributes CODEC(Default),
    MODIFY COLUMN resource_attributes CODEC(Default);
ALTER TABLE otel_metrics MODIFY TTL
    toDateTime(received_at) + INTERVAL 7 DAY RECOMPRESS CODEC(ZSTD(3)),
    toDateTime(received_at) + INTERVAL 90 DAY RECOMPRESS CODEC(ZSTD(9)),
    toDateTime(received_at) + INTERVAL 365 DAY;
