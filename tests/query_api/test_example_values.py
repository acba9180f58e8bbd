"""No name stands there for nothing, and none is a secret of somebody's."""

from query_api.app import create_app
from query_api.example_values import BY_NAME
from tests.query_api.test_app import SETTINGS


def test_every_name_is_that_of_a_field_of_the_api() -> None:
    schemas = create_app(SETTINGS).openapi()["components"]["schemas"]
    fields = {field for schema in schemas.values() for field in schema.get("properties", {})}
    assert set(BY_NAME) <= fields
