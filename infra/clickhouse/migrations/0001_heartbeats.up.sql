-- Signs of life, read by agent and time; the day of arrival partitions, so that no agent's clock can explode the parts.
CREATE TABLE heartbeats
(
    tenant_id LowCardinality(String),
    agent_id String CODEC(ZSTD(1)),
    received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    batch_id UUID,
    seq UInt32 CODEC(Delta, ZSTD(1)),
    timestamp DateTime64(3, 'UTC') DEFAULT received_at CODEC(Delta, ZSTD(1)),
    status LowCardinality(String),
    uptime_seconds Nullable(Float64),
    last_activity Nullable(DateTime64(3, 'UTC'))
)
ENGINE = MergeTree
PARTITION BY toDate(received_at)
ORDER BY (tenant_id, agent_id, timestamp, batch_id, seq)
TTL toDateTime(received_at) + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1;
