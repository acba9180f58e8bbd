"""A gate misses nothing that a trigger finds."""

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from privacy.detectors.registry import DETECTORS
from privacy.engine import compile_bytes
from privacy.gate import Gate
from tests.privacy.samples import CANARIES, SURVIVORS

GATES = {detector: Gate([detector.gate or detector.trigger]) for detector in DETECTORS}
TRIGGERS = {detector: compile_bytes(detector.trigger) for detector in DETECTORS}
PIECES = [
    *CANARIES,
    *SURVIVORS[:-1],
    "password",
    "api key",
    "Token",
    "Bearer abcdefgh1",
    "basic",
    "a://b:c@d",
    *"=:'\"\\ \n\t\r\0é(+0",
    "  ",
    ".",
    "49 30 901820",
]


@example("password\t: x")
@example('Token"\t= x')
@example("api key   = x")
@example("pwd\\\\': x")
@example("basic\tabcdefgh1")
@example("00491 234")
@example("\x10030 901820")
@example("\n030 901820")
@given(st.lists(st.sampled_from(PIECES) | st.characters(exclude_categories=["Cs"]), max_size=7).map("".join))
def test_wherever_a_trigger_occurs_its_gate_is_open(text: str) -> None:
    encoded = msgspec.json.encode([text])
    for detector in DETECTORS:
        if TRIGGERS[detector].search(encoded):
            assert GATES[detector].matches(encoded, 10), detector.trigger


def test_a_row_without_anything_opens_nothing() -> None:
    row = b'{"message":"3 calls in 12.5 ms, run bf052be7775c","timestamp":"2026-09-21T14:13:20.001Z"}'
    assert not any(gate.matches(row, 10) for gate in GATES.values())


@given(st.lists(st.sampled_from([b"a", b"B", b"x", b"\n", b"\xff"]), max_size=30).map(b"".join))
def test_all_ends_are_named_in_order_with_their_patterns(text: bytes) -> None:
    expected = [(place + 1, int(byte != b"a"[0])) for place, byte in enumerate(text) if byte in b"aBb"]
    assert Gate([b"a", b"(?i)B"]).matches(text, 100) == expected
    assert len(Gate([b"a", b"(?i)B"]).matches(text, 3)) == min(len(expected), 4)


@pytest.mark.parametrize("text", [b"", b"x\xff\x00"])
def test_it_stays_closed(text: bytes) -> None:
    assert Gate([b"a"]).matches(text, 10) == []
