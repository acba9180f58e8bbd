-- Every change of an agent's status; its present status is the newest row.
CREATE TABLE agent_status
(
    event_id String CODEC(ZSTD(1)),
    event_time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    tenant_id LowCardinality(String),
    agent_id String CODEC(ZSTD(1)),
    status LowCardinality(String),
    reason LowCardinality(String),
    last_seen_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(event_time)
ORDER BY (tenant_id, agent_id, event_time, event_id)
TTL toDateTime(event_time) + INTERVAL 365 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1;
