"""All detectors together: the trigger knows of whatever they find."""

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from privacy.detection import DataClass, Detector
from privacy.detectors.registry import DETECTORS, detectors_of
from privacy.effort import Effort
from privacy.engine import compile_bytes
from tests.privacy.samples import CANARIES, SURVIVORS

PIECES = [
    *CANARIES,
    *SURVIVORS,
    "\n",
    "\t",
    "\x1f",
    '"',
    "\\",
    "\\n",
    " ",
    "",
    "é",
    "password=x1y",
    "u://a:b@c",
]
TRIGGERS = {detector: compile_bytes(detector.trigger) for detector in DETECTORS}


@pytest.mark.parametrize("data_class", [DataClass.PERSONAL_DATA, DataClass.SECRETS])
def test_each_class_has_its_detectors(data_class: DataClass) -> None:
    chosen = detectors_of(frozenset({data_class}))
    assert {detector.data_class for detector in chosen} == {data_class}
    assert len(chosen) == sum(detector.data_class is data_class for detector in DETECTORS)


def occurs(detector: Detector, text: str) -> bool:
    return any(True for _ in detector.find(text.encode("utf-8", "surrogatepass"), Effort()))


@example("1(555) 123-4567")
@given(st.lists(st.sampled_from(PIECES) | st.characters(exclude_categories=["Cs"]), max_size=6).map("".join))
def test_whatever_is_found_in_a_text_triggers_in_its_json(text: str) -> None:
    encoded = msgspec.json.encode({"message": text.encode(errors="ignore").decode()})
    for detector in DETECTORS:
        if occurs(detector, text.encode(errors="ignore").decode()):
            assert TRIGGERS[detector].search(encoded), detector.trigger
            assert detector.may_find(text)


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.trigger[:20].decode("latin-1"))
def test_a_trigger_stays_within_its_line(detector: Detector) -> None:
    for canary in CANARIES:
        split = b'"\n"'.join([b"x", canary.encode()[:6], canary.encode()[6:]])
        match = TRIGGERS[detector].search(split)
        assert match is None or b"\n" not in match.group()[1:]
