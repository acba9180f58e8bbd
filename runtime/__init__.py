"""What every process needs once: settings, Kafka clients, control log, health, logging, problem+json."""
