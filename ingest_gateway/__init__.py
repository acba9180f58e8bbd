"""HTTP in, Kafka out: authenticates agents, validates what they report, answers when Kafka has it."""
