"""Reading the paths of wrong fields."""

import pytest
from msgspec import inspect

from ingest_gateway.field_errors import field_error, from_message
from schemas.messages.event import EventPayload
from schemas.messages.log import LogPayload
from schemas.messages.metrics import MetricsPayload


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


@pytest.mark.parametrize(
    ("payload", "message", "reason"),
    [
        (LogPayload, "Invalid enum value 'fatal' - at `$.level`", ": it is one of debug, info, warn, error"),
        (
            MetricsPayload,
            "Invalid enum value 'x' - at `$.metrics.violations[2].severity`",
            ": it is one of low, medium, high, critical",
        ),
        (
            MetricsPayload,
            "Object contains unknown field `trust` - at `$.metrics`",
            ": there are interactions, responseTime, trustScore, ",
        ),
        (EventPayload, "Object contains unknown field `agentId`", "instance_id"),
        (LogPayload, "Invalid enum value 'x' - at `$.nowhere[0].level`", "Invalid enum value 'x'"),
        (LogPayload, "Expected `str`, got `int` - at `$.level`", "Expected `str`, got `int`"),
    ],
)
def test_what_is_not_known_is_told_what_is(payload: type, message: str, reason: str) -> None:
    found = from_message(0, message, inspect.type_info(payload))["reason"]
    assert reason in found
    assert found.startswith(message.partition(" - at")[0])
