"""Bring a Kafka cluster into the shape that the registry of topics says."""
