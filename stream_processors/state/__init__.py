"""The state log: checkpoints of in-memory state on a compacted topic, exact across crashes."""
