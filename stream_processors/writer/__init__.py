"""Kafka to ClickHouse, exactly once: an intent before each insert, and a token that makes repeats void."""
