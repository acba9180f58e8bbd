"""Kafka and ClickHouse without Docker: real engines for a machine that has only Python."""
