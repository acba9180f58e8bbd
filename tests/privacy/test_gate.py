"""Yes or no, as RE2 says it too."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.detection import DataClass
from privacy.detectors.registry import detectors_of
from privacy.engine import compile_bytes
from privacy.gate import Gate
from tests.privacy.samples import CANARIES, SURVIVORS

TRIGGERS = [detector.trigger for detector in detectors_of(frozenset({DataClass.SECRETS}))]
GATE = Gate(TRIGGERS)
ANY = compile_bytes(b"|".join(b"(?:%b)" % trigger for trigger in TRIGGERS))
PIECES = [
    *CANARIES,
    *SURVIVORS[:-1],
    "password: x",
    '"token":"a"',
    "Bearer abcdefgh1",
    "a://b:c@d",
    "\n",
    "\\",
    "\t",
    "é",
]


@given(st.lists(st.sampled_from(PIECES) | st.characters(exclude_categories=["Cs"]), max_size=6).map("".join))
def test_both_matchers_are_of_one_mind(text: str) -> None:
    encoded = msgspec.json.encode([text])
    assert GATE.opens_for(encoded) == (ANY.search(encoded) is not None)


@pytest.mark.parametrize(
    ("text", "expected"), [(b"", False), (b"xax", True), (b"b\n", True), (b"x\xff\x00", False)]
)
def test_it_opens_for_any_of_its_patterns(text: bytes, expected: bool) -> None:
    assert Gate([b"a", b"(?i)B"]).opens_for(text) is expected
