"""The rules: pure functions from (state, record) to (state, events). No I/O, no wall clock, no chance."""
