-- Undoes 0002: the rows are rebuilt from Kafka within its retention.
DROP TABLE agent_metrics;
