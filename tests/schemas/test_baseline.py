"""What is published keeps the promises of the last release; before the first one, of the frozen set."""

import copy
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from schemas import baseline
from tests.schemas.derived_examples import EXAMPLES, DerivedExample

TYPE = "io.promethios.alert.changed.v1"
FILE = f"{TYPE}.schema.json"


def test_the_contract_keeps_its_promises() -> None:
    broken = baseline.broken_promises(baseline.released(), baseline.current())
    assert broken == [], "a breaking change is a new type and topic, `.v2`; see docs/topics.md"


def test_each_type_is_frozen() -> None:
    assert baseline.released().keys() == baseline.current().keys(), "python -m schemas.baseline"


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_who_knows_the_released_schema_reads_what_is_published_now(example: DerivedExample) -> None:
    Draft202012Validator(baseline.released()[example.schema_file]).validate(example.value)


def test_a_type_that_is_gone_or_elsewhere_is_a_broken_promise() -> None:
    now = baseline.current()
    elsewhere, gone = copy.deepcopy(now), copy.deepcopy(now)
    elsewhere[baseline.TOPICS_FILE][TYPE] = "other"
    assert baseline.broken_promises(now, elsewhere) == [
        f"{TYPE}: was on promethios.alerts.v1 and is on other"
    ]
    del gone[baseline.TOPICS_FILE][TYPE], gone[FILE]
    assert len(baseline.broken_promises(now, gone)) == 2
    # The other way round it is a type that was added.
    assert baseline.broken_promises(gone, now) == []


def test_a_change_of_a_schema_is_named_with_its_file() -> None:
    now = baseline.current()
    without = copy.deepcopy(now)
    del without[FILE]["properties"]["summary"]
    assert baseline.broken_promises(now, without) == [f"{FILE} /summary: was removed"]


def test_another_identity_of_a_schema_is_a_broken_promise() -> None:
    now = baseline.current()
    other = copy.deepcopy(now)
    other[FILE]["$id"] = "urn:other"
    assert len(baseline.broken_promises(now, other)) == 1


def test_what_is_written_is_what_is_released_then(tmp_path: Path) -> None:
    folder = tmp_path / "baseline"
    baseline.write({**baseline.current(), "stale.json": {}}, folder)
    baseline.write(baseline.current(), folder)
    assert baseline.released(folder) == baseline.current()
