-- What agents count of themselves, one row a report; reported_trust is kept as a claim and never used as a score.
CREATE TABLE agent_metrics
(
    tenant_id LowCardinality(String),
    agent_id String CODEC(ZSTD(1)),
    received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    batch_id UUID,
    seq UInt32 CODEC(Delta, ZSTD(1)),
    timestamp DateTime64(3, 'UTC') DEFAULT received_at CODEC(Delta, ZSTD(1)),
    interactions UInt64,
    response_time_ms Float64 CODEC(ZSTD(1)),
    reported_trust Nullable(Float64),
    violations_count UInt32 DEFAULT 0,
    uptime_seconds Nullable(Float64),
    platform LowCardinality(String) DEFAULT '',
    version LowCardinality(String) DEFAULT '',
    location LowCardinality(String) DEFAULT ''
)
ENGINE = MergeTree
PARTITION BY toDate(received_at)
ORDER BY (tenant_id, agent_id, timestamp, batch_id, seq)
TTL toDateTime(received_at) + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1;
