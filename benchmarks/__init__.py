"""Measurements of the whole, one command each; none is a test."""
