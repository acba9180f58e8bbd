-- Every attempt to deliver a notification to a webhook; what was sent is in the tables of derived events.
CREATE TABLE webhook_deliveries
(
    event_id String CODEC(ZSTD(1)),
    event_time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    tenant_id LowCardinality(String),
    agent_id String CODEC(ZSTD(1)),
    webhook_id String CODEC(ZSTD(1)),
    notification_id String CODEC(ZSTD(1)),
    event_type LowCardinality(String),
    attempt UInt32,
    outcome LowCardinality(String),
    http_status UInt16,
    error String CODEC(ZSTD(1)),
    duration_ms UInt32,
    retry_at Nullable(DateTime64(3, 'UTC'))
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(event_time)
ORDER BY (tenant_id, webhook_id, event_time, event_id)
TTL toDateTime(event_time) + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1;
