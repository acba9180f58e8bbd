"""The broker, tables and writer of the integration tests."""

from tests.integration.conftest import tables, topics, writer

__all__ = ["tables", "topics", "writer"]
