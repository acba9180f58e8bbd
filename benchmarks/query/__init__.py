"""The query API over a hundred million log rows."""
