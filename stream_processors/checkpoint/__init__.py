"""How in-memory state and the log advance together: own, absorb, cut, store, acknowledge, and load again."""
