-- Undoes 0026: searches without an agent read all rows of the tenant again.
ALTER TABLE agent_logs DROP INDEX timestamps;
