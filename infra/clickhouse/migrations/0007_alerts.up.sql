-- Every change in the life of an alert; its present state is the newest row of its fingerprint.
CREATE TABLE alerts
(
    event_id String CODEC(ZSTD(1)),
    event_time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    tenant_id LowCardinality(String),
    agent_id String CODEC(ZSTD(1)),
    fingerprint String,
    rule LowCardinality(String),
    state LowCardinality(String),
    severity LowCardinality(String),
    summary String CODEC(ZSTD(1)),
    started_at DateTime64(3, 'UTC'),
    ended_at Nullable(DateTime64(3, 'UTC')),
    evidence Array(String)
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(event_time)
ORDER BY (tenant_id, fingerprint, event_time, event_id)
TTL toDateTime(event_time) + INTERVAL 365 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1;
