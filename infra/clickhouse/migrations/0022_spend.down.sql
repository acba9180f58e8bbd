-- Undoes 0022: the rows are rebuilt from the derived topic within its retention.
DROP TABLE spend;
