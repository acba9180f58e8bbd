-- Undoes 0027: searches without an agent read the times of all rows of the tenant again.
ALTER TABLE agent_logs DROP PROJECTION IF EXISTS newest;
ALTER TABLE agent_logs DROP PROJECTION IF EXISTS times;
