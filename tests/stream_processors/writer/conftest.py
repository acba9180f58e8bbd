"""The tables of the integration tests."""

from tests.integration.conftest import tables

__all__ = ["tables"]
