"""HTTP routes, one file a subject: check who asks, run the query of the same name, shape the answer."""
