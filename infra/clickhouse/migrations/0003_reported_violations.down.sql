-- Undoes 0003: the rows are rebuilt from Kafka within its retention.
DROP TABLE reported_violations;
