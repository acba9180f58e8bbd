"""SQL texts with bound parameters, one file a subject; pure, nothing here speaks to ClickHouse."""
