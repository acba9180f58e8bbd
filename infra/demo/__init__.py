"""The demo: agents that do real work, measure it truly and report it over HTTP; a seeded few misbehave."""
