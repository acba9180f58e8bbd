"""The query API: what operators read of their fleet, and the control records that they write."""
