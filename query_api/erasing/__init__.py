"""Carries out erasures: a job for each, whose state is its control record, so that a restart goes on."""
