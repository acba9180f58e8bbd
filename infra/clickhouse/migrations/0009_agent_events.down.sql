-- Undoes 0009: the rows are rebuilt from Kafka within its retention.
DROP TABLE agent_events;
