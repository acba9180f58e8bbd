-- A tenant's days and hours as sums over its agents: few rows, where the roll-ups have some for each agent.
-- Merging makes these sums anew, because it may make one row of several.
ALTER TABLE cost_ledger_1d MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';
ALTER TABLE cost_ledger_1d ADD PROJECTION IF NOT EXISTS of_tenant
(
    SELECT
        tenant_id,
        bucket,
        metric_type,
        currency,
        provider,
        model,
        project_id,
        cost_center,
        sum(entries),
        sum(amount),
        sum(cost),
        sum(billed)
    GROUP BY tenant_id, bucket, metric_type, currency, provider, model, project_id, cost_center
);
ALTER TABLE cost_ledger_1d MATERIALIZE PROJECTION of_tenant;
ALTER TABLE agent_logs_1h MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';
ALTER TABLE agent_logs_1h ADD PROJECTION IF NOT EXISTS of_tenant
(
    SELECT tenant_id, bucket, level, sum(entries), sum(governance_events), sum(message_bytes)
    GROUP BY tenant_id, bucket, level
);
ALTER TABLE agent_logs_1h MATERIALIZE PROJECTION of_tenant;
ALTER TABLE agent_events_1h MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';
ALTER TABLE agent_events_1h ADD PROJECTION IF NOT EXISTS of_tenant
(
    SELECT tenant_id, bucket, event_type, sum(events), sum(judged), sum(failures)
    GROUP BY tenant_id, bucket, event_type
);
ALTER TABLE agent_events_1h MATERIALIZE PROJECTION of_tenant;
