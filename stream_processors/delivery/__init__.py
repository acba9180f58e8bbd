"""Compares what the log has accepted with what the tables hold."""
