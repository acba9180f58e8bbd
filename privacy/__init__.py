"""Finds personal data and secrets in free text and masks them; pure, for the gateway and the query API."""
