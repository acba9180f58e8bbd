"""What agents send and what is kept of it: one file a kind, wire payload and row side by side."""
