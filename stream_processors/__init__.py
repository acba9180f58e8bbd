"""Kafka to trust scores, alerts and tables: pure rules, thin Faust agents, and the ClickHouse writer."""
