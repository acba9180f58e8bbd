-- Log entries by level, by minute, hour and day.
CREATE TABLE agent_logs_1m
(
    tenant_id LowCardinality(String),
    agent_id String,
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    level LowCardinality(String),
    day Date,
    entries SimpleAggregateFunction(sum, UInt64),
    governance_events SimpleAggregateFunction(sum, UInt64),
    message_bytes SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY day
ORDER BY (tenant_id, agent_id, bucket, level, day)
TTL day + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, default_compression_codec = 'ZSTD(1)';

CREATE TABLE agent_logs_1h
(
    tenant_id LowCardinality(String),
    agent_id String,
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    level LowCardinality(String),
    day Date,
    entries SimpleAggregateFunction(sum, UInt64),
    governance_events SimpleAggregateFunction(sum, UInt64),
    message_bytes SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toStartOfMonth(day)
ORDER BY (tenant_id, agent_id, bucket, level, day)
TTL day + INTERVAL 1 YEAR
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, default_compression_codec = 'ZSTD(1)';

CREATE TABLE agent_logs_1d
(
    tenant_id LowCardinality(String),
    agent_id String,
    bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    level LowCardinality(String),
    day Date,
    entries SimpleAggregateFunction(sum, UInt64),
    governance_events SimpleAggregateFunction(sum, UInt64),
    message_bytes SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toStartOfMonth(day)
ORDER BY (tenant_id, agent_id, bucket, level, day)
TTL day + INTERVAL 1 YEAR
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, default_compression_codec = 'ZSTD(1)';

TRUNCATE TABLE agent_logs_1m;
INSERT INTO agent_logs_1m
SELECT
    tenant_id,
    agent_id,
    toStartOfMinute(timestamp) AS bucket,
    level,
    toDate(received_at) AS day,
    count() AS entries,
    countIf(governance_event) AS governance_events,
    sum(length(message)) AS message_bytes
FROM agent_logs AS fine
GROUP BY tenant_id, agent_id, bucket, level, day
SETTINGS insert_deduplicate = 0;

TRUNCATE TABLE agent_logs_1h;
INSERT INTO agent_logs_1h
SELECT
    tenant_id,
    agent_id,
    toStartOfHour(fine.bucket) AS bucket,
    level,
    day,
    sum(fine.entries) AS entries,
    sum(fine.governance_events) AS governance_events,
    sum(fine.message_bytes) AS message_bytes
FROM agent_logs_1m AS fine
GROUP BY tenant_id, agent_id, bucket, level, day
SETTINGS insert_deduplicate = 0;

TRUNCATE TABLE agent_logs_1d;
INSERT INTO agent_logs_1d
SELECT
    tenant_id,
    agent_id,
    toStartOfDay(fine.bucket) AS bucket,
    level,
    day,
    sum(fine.entries) AS entries,
    sum(fine.governance_events) AS governance_events,
    sum(fine.message_bytes) AS message_bytes
FROM agent_logs_1h AS fine
GROUP BY tenant_id, agent_id, bucket, level, day
SETTINGS insert_deduplicate = 0;

CREATE MATERIALIZED VIEW agent_logs_1m_mv TO agent_logs_1m AS
SELECT
    tenant_id,
    agent_id,
    toStartOfMinute(timestamp) AS bucket,
    level,
    toDate(received_at) AS day,
    count() AS entries,
    countIf(governance_event) AS governance_events,
    sum(length(message)) AS message_bytes
FROM agent_logs AS fine
GROUP BY tenant_id, agent_id, bucket, level, day;

CREATE MATERIALIZED VIEW agent_logs_1h_mv TO agent_logs_1h AS
SELECT
    tenant_id,
    agent_id,
    toStartOfHour(fine.bucket) AS bucket,
    level,
    day,
    sum(fine.entries) AS entries,
    sum(fine.governance_events) AS governance_events,
    sum(fine.message_bytes) AS message_bytes
FROM agent_logs_1m AS fine
GROUP BY tenant_id, agent_id, bucket, level, day;

CREATE MATERIALIZED VIEW agent_logs_1d_mv TO agent_logs_1d AS
SELECT
    tenant_id,
    agent_id,
    toStartOfDay(fine.bucket) AS bucket,
    level,
    day,
    sum(fine.entries) AS entries,
    sum(fine.governance_events) AS governance_events,
    sum(fine.message_bytes) AS message_bytes
FROM agent_logs_1h AS fine
GROUP BY tenant_id, agent_id, bucket, level, day;
