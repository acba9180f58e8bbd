"""Operators whom an identity provider vouches for: OpenID Connect's JSON Web Tokens."""
