-- Undoes 0011: the rows are rebuilt from Kafka within its retention.
DROP TABLE otel_metrics;
