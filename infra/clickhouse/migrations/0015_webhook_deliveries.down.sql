-- Undoes 0015: the rows are rebuilt from the topic of deliveries within its retention.
DROP TABLE webhook_deliveries;
