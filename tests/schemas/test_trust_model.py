"""Trust parameters: bounded one by one, checked against each other, and stored as what differs."""

import msgspec
import pytest

from schemas.errors import InvalidMessageError
from schemas.trust_model import (
    CeilingParameters,
    LevelParameters,
    OutcomeParameters,
    SeverityParameters,
    SpendingParameters,
    TrustParameters,
    ViolationParameters,
    check_parameters,
)


def test_the_defaults_are_in_order() -> None:
    check_parameters(TrustParameters())


def test_only_what_differs_is_stored() -> None:
    parameters = TrustParameters(ceilings=CeilingParameters(silence=30.0))
    stored = msgspec.json.encode(parameters)
    assert stored == b'{"ceilings":{"silence":30.0}}'
    assert msgspec.json.decode(stored, type=TrustParameters) == parameters


@pytest.mark.parametrize(
    "text",
    [
        b'{"outcomes":{"slow_half_life_hours":0}}',
        b'{"outcomes":{"exponent":-1}}',
        b'{"levels":{"trusted":100.5}}',
        b'{"incidents":{"threshold":1}}',
        b'{"forget_after_days":0}',
        b'{"forget_after":60}',
        b'{"violations":{"low":{"nats":0.1}}}',
        b'{"outcomes":{"slow_half_life_hours":1.5}}',
    ],
)
def test_what_is_unknown_or_out_of_bounds_cannot_be_read(text: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=TrustParameters)


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        (TrustParameters(levels=LevelParameters(good=49.0)), "levels"),
        (TrustParameters(levels=LevelParameters(restricted=0.0)), "levels"),
        (TrustParameters(levels=LevelParameters(trusted=98.0)), "levels"),
        (TrustParameters(outcomes=OutcomeParameters(fast_half_life_minutes=2000)), "outcomes"),
        (TrustParameters(spending=SpendingParameters(usual_half_life_hours=24)), "spending"),
        (TrustParameters(spending=SpendingParameters(slow_half_life_hours=48)), "spending"),
        (
            TrustParameters(violations=ViolationParameters(low=SeverityParameters(0.5, 6, 0.6))),
            "violations",
        ),
        (
            TrustParameters(violations=ViolationParameters(critical=SeverityParameters(7.0, 6, 6.0))),
            "violations",
        ),
    ],
)
def test_numbers_that_contradict_each_other_are_refused(parameters: TrustParameters, field: str) -> None:
    with pytest.raises(InvalidMessageError) as refused:
        check_parameters(parameters)
    assert refused.value.field == field
