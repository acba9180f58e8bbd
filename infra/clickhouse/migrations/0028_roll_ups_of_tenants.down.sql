-- Undoes 0028: what is asked of a whole tenant is added up from its agents' rows again.
ALTER TABLE agent_events_1h DROP PROJECTION IF EXISTS of_tenant;
ALTER TABLE agent_events_1h RESET SETTING deduplicate_merge_projection_mode;
ALTER TABLE agent_logs_1h DROP PROJECTION IF EXISTS of_tenant;
ALTER TABLE agent_logs_1h RESET SETTING deduplicate_merge_projection_mode;
ALTER TABLE cost_ledger_1d DROP PROJECTION IF EXISTS of_tenant;
ALTER TABLE cost_ledger_1d RESET SETTING deduplicate_merge_projection_mode;
