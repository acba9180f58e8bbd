"""A partition's checkpoint and outputs compared with a replay of its log."""
