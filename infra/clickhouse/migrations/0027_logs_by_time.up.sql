-- The newest entries of a tenant in the order of time, and the bare times and levels, by which they are chosen.
ALTER TABLE agent_logs ADD PROJECTION IF NOT EXISTS times
(
    SELECT tenant_id, timestamp, level, _part_offset
    ORDER BY tenant_id, timestamp
);
ALTER TABLE agent_logs ADD PROJECTION IF NOT EXISTS newest
(
    SELECT
        tenant_id,
        timestamp,
        batch_id,
        seq,
        agent_id,
        received_at,
        level,
        message,
        context,
        governance_event,
        trace_id,
        span_id
    ORDER BY tenant_id, timestamp, batch_id, seq
) WITH SETTINGS (index_granularity = 1024);
ALTER TABLE agent_logs MATERIALIZE PROJECTION times;
ALTER TABLE agent_logs MATERIALIZE PROJECTION newest;
