"""A trial says what cannot be tried."""

import pytest
from pydantic import ValidationError

from query_api.resources.alert_trials import RuleTrial

RULE = {"metric": "failures", "condition": {"kind": "threshold", "value": 1}}


def test_a_day_is_tried_unless_it_is_said_otherwise() -> None:
    assert RuleTrial.model_validate({"rule": RULE}).hours == 24


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"hours": 0}, "greater than or equal to 1"),
        ({"hours": 169}, "less than or equal to 168"),
        ({"days": 1}, "Extra inputs"),
    ],
)
def test_what_cannot_be_tried_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        RuleTrial.model_validate({"rule": RULE, **change})
