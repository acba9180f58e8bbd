-- Undoes 0008: the rows are rebuilt from the derived topic within its retention.
DROP TABLE agent_status;
