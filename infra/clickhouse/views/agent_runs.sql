-- A row a run: when it went from and to, its calls and failures, what it took, and how it ended.
CREATE OR REPLACE VIEW agent_runs AS
SELECT
    tenant_id,
    agent_id,
    run_id,
    min(timestamp) AS started_at,
    max(timestamp) AS last_event_at,
    dateDiff('millisecond', started_at, last_event_at) AS duration_ms,
    count() AS events,
    countIf(event_type = 'ToolCall') AS tool_calls,
    countIf(event_type = 'ModelCall') AS model_calls,
    countIf(success = false OR event_type = 'Error') AS failures,
    sum(coalesce(input_tokens, 0)) AS tokens_in,
    sum(coalesce(output_tokens, 0)) AS tokens_out,
    countIf(event_type = 'RunEnd') > 0 AS ended,
    argMaxIf(success, timestamp, event_type IN ('RunEnd', 'Outcome') AND success IS NOT NULL) AS succeeded,
    argMaxIf(message, timestamp, event_type = 'Outcome') AS outcome
FROM agent_events
WHERE run_id != ''
GROUP BY tenant_id, agent_id, run_id;
