-- Undoes 0004: the rows are rebuilt from Kafka within its retention.
DROP TABLE agent_logs;
