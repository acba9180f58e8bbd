"""A silence has a beginning and an end, not too far apart."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from query_api.resources.silences import SilenceBody, SilenceDetails
from schemas.alert_rules import AlertSilence, SilenceTerms

TIMES = {"starts_at": "2026-01-31T12:00:00Z", "ends_at": "2026-01-31T14:00:00+01:00"}


def test_what_is_written_is_shown() -> None:
    terms = SilenceBody.model_validate({**TIMES, "rules": ["error_*"], "labels": {"a": "b"}}).terms()
    assert terms == SilenceTerms(1769860800000, 1769864400000, rules=("error_*",), labels={"a": "b"})
    shown = SilenceDetails.of(AlertSilence("t", "s", 1, terms, 1, "a", 2, "b")).model_dump(mode="json")
    assert (shown["starts_at"], shown["ends_at"]) == ("2026-01-31T12:00:00.000Z", "2026-01-31T13:00:00.000Z")
    assert (shown["rules"], shown["agents"], shown["labels"]) == (["error_*"], ["*"], {"a": "b"})


def test_it_begins_now_if_nobody_says_when() -> None:
    before = datetime.now(UTC)
    asked = SilenceBody.model_validate({"ends_at": (before + timedelta(hours=1)).isoformat()})
    assert before <= asked.starts_at <= datetime.now(UTC)
    with pytest.raises(ValidationError, match="must be after starts_at"):
        SilenceBody.model_validate({"ends_at": before.isoformat()})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ends_at": "2026-01-31T12:00:00Z"}, "must be after starts_at"),
        ({"ends_at": "2027-03-31T12:00:00Z"}, "by a year at most"),
        ({"until": 1}, "Extra inputs"),
        ({"rules": ["a b"]}, "match pattern"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        SilenceBody.model_validate({**TIMES, **change})
