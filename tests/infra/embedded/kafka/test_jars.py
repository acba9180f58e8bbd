"""Pins are read as they are written, and only a file's exact bytes pass."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.embedded.kafka.jars import (
    KAFKA_VERSION,
    Jar,
    format_pins,
    installation_name,
    parse_pins,
    pinned_jars,
)

WORD = st.from_regex(r"[a-z][a-z0-9.-]{0,20}", fullmatch=True)
JARS = st.builds(
    Jar,
    coordinate=st.tuples(WORD, WORD, WORD).map(":".join),
    sha256=st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    size=st.integers(0, 10**9),
)


@given(st.lists(JARS).map(tuple))
def test_pins_come_back_as_they_were_written(jars: tuple[Jar, ...]) -> None:
    assert parse_pins(format_pins(jars)) == jars


@pytest.mark.parametrize("line", ["a:b:c", "a:b:c deadbeef", "a:b deadbeef 1", "a:b:c deadbeef one"])
def test_a_line_that_is_no_pin_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"not a pin|invalid literal"):
        parse_pins(line)


def test_the_pinned_set_is_one_broker_with_a_log_binding() -> None:
    names = [jar.filename for jar in pinned_jars()]
    assert names[0] == f"kafka_2.13-{KAFKA_VERSION}.jar"
    assert f"kafka-clients-{KAFKA_VERSION}.jar" in names
    assert any(name.startswith("log4j-slf4j-impl-") for name in names)
    assert len(set(names)) == len(names)
    assert KAFKA_VERSION in installation_name()


@pytest.mark.parametrize("content", [b"whole", b"whol", b"wholf", b"whole!"])
def test_only_the_exact_bytes_match(tmp_path: Path, content: bytes) -> None:
    jar = Jar("g:a:1", hashlib.sha256(b"whole").hexdigest(), 5)
    path = tmp_path / jar.filename
    assert not jar.matches(path)
    path.write_bytes(content)
    assert jar.matches(path) == (content == b"whole")
