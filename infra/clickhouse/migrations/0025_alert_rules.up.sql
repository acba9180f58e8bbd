-- Alerts say which rule in which version found what, how often, and whether somebody has silenced them.
ALTER TABLE alerts
    ADD COLUMN change LowCardinality(Nullable(String)),
    ADD COLUMN rule_version UInt64 DEFAULT 0,
    ADD COLUMN metric LowCardinality(String) DEFAULT '',
    ADD COLUMN value Nullable(Float64),
    ADD COLUMN threshold Nullable(Float64),
    ADD COLUMN count UInt64 DEFAULT 1,
    ADD COLUMN first_seen_at Nullable(DateTime64(3, 'UTC')),
    ADD COLUMN last_seen_at Nullable(DateTime64(3, 'UTC')),
    ADD COLUMN silenced_by LowCardinality(String) DEFAULT '';
