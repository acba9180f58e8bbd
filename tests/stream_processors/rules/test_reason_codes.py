"""Codes are told apart, and fit the bits that the state has for them."""

from stream_processors.rules import ceilings
from stream_processors.rules.reason_codes import CODES
from stream_processors.rules.trust_score import Costs


def test_codes_are_unique() -> None:
    assert len(set(CODES)) == len(CODES) <= 32


def test_every_component_and_every_ceiling_has_a_code() -> None:
    assert set(Costs.__struct_fields__) | set(ceilings.NAMES) <= set(CODES)
