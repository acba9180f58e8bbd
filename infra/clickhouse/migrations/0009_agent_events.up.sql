-- The steps of agents' runs, sorted by agent and time; a trace or a run is found through its skipping index.
CREATE TABLE agent_events
(
    tenant_id LowCardinality(String),
    agent_id String CODEC(ZSTD(1)),
    received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    batch_id UUID,
    seq UInt32 CODEC(Delta, ZSTD(1)),
    timestamp DateTime64(6, 'UTC') DEFAULT received_at CODEC(Delta, ZSTD(1)),
    event_type LowCardinality(String),
    event_id String DEFAULT '' CODEC(ZSTD(1)),
    run_id String DEFAULT '' CODEC(ZSTD(1)),
    name LowCardinality(String) DEFAULT '',
    tool_name LowCardinality(String) DEFAULT '',
    action LowCardinality(String) DEFAULT '',
    decision LowCardinality(String) DEFAULT '',
    success Nullable(Bool),
    error_type LowCardinality(String) DEFAULT '',
    message String DEFAULT '' CODEC(ZSTD(1)),
    latency_ms Nullable(Float64) CODEC(ZSTD(1)),
    cost_tokens Nullable(UInt64) CODEC(ZSTD(1)),
    provider LowCardinality(String) DEFAULT '',
    model LowCardinality(String) DEFAULT '',
    input_tokens Nullable(UInt64) CODEC(ZSTD(1)),
    output_tokens Nullable(UInt64) CODEC(ZSTD(1)),
    cache_read_tokens Nullable(UInt64) CODEC(ZSTD(1)),
    cache_creation_tokens Nullable(UInt64) CODEC(ZSTD(1)),
    reasoning_tokens Nullable(UInt64) CODEC(ZSTD(1)),
    conversation_id String DEFAULT '' CODEC(ZSTD(1)),
    trace_id String DEFAULT '' CODEC(ZSTD(1)),
    span_id String DEFAULT '' CODEC(ZSTD(1)),
    parent_span_id String DEFAULT '' CODEC(ZSTD(1)),
    span_kind LowCardinality(String) DEFAULT '',
    service_name LowCardinality(String) DEFAULT '',
    scope_name LowCardinality(String) DEFAULT '',
    attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    resource_attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    span_events String DEFAULT '' CODEC(ZSTD(1)),
    span_links String DEFAULT '' CODEC(ZSTD(1)),
    INDEX trace_ids trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX run_ids run_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(received_at)
ORDER BY (tenant_id, agent_id, timestamp, batch_id, seq)
TTL toDateTime(received_at) + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1;
