"""Tells others of derived events: signed HTTP requests to the webhooks that tenants have subscribed."""
