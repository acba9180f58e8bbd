"""Reading the paths of wrong fields."""

import pytest

from ingest_gateway.field_errors import field_error, from_message


@pytest.mark.parametrize(
    ("message", "field", "reason"),
    [
        (
            "Expected `int`, got `str` - at `$.metrics.interactions`",
            "metrics.interactions",
            "Expected `int`, got `str`",
        ),
        ("Invalid enum value 'x' - at `$.level`", "level", "Invalid enum value 'x'"),
        ("Object missing required field `message`", "message", "Object missing required field `message`"),
        (
            "Object missing required field `type` - at `$.metrics.violations[2]`",
            "metrics.violations[2].type",
            "Object missing required field `type`",
        ),
        ("Object contains unknown field `zz`", "zz", "Object contains unknown field `zz`"),
        ("Expected `object`, got `int`", "", "Expected `object`, got `int`"),
        ("", "", ""),
    ],
)
def test_messages_name_the_field_in_full(message: str, field: str, reason: str) -> None:
    assert from_message(3, message) == field_error(3, field, reason)
