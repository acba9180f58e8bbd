-- Undoes 0001: the rows are rebuilt from Kafka within its retention.
DROP TABLE heartbeats;
