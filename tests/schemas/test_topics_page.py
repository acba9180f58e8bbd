"""`docs/topics.md` tells of every derived type what the registry says."""

from pathlib import Path

import pytest

from schemas.derived import DERIVED_TYPES, SOURCE, DerivedType
from schemas.topics import TOPICS

PAGE = (Path(__file__).parents[2] / "docs" / "topics.md").read_text()
DAY_MS = 24 * 60 * 60 * 1000


@pytest.mark.parametrize("derived", DERIVED_TYPES, ids=lambda derived: str(derived.name))
def test_a_type_stands_there_with_topic_and_retention(derived: DerivedType) -> None:
    (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| `{derived.topic}` |"))
    config = TOPICS[derived.topic].config
    assert f"`{derived.name}`" in row
    assert f"{int(config['retention.ms']) // DAY_MS} days" in row
    assert ("the last of each key" in row) is ("compact" in config["cleanup.policy"])


@pytest.mark.parametrize("derived", DERIVED_TYPES, ids=lambda derived: str(derived.name))
def test_a_type_stands_there_with_schema_and_examples(derived: DerivedType) -> None:
    assert f"(../schemas/json/{derived.schema_file})" in PAGE
    assert f"(../schemas/examples/derived/{derived.name}/)" in PAGE


def test_the_source_stands_there() -> None:
    assert f"`{SOURCE}`" in PAGE
