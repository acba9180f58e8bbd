"""Keys as clients write them, and the batch ids that they make."""

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_gateway.idempotency import KEY_PATTERN, MAX_KEY_LENGTH, batch_id, parse_idempotency_key
from runtime.problems import ProblemError
from schemas.block import Kind

keys = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=100).filter(
    lambda text: not text.startswith('"')
)


def test_no_header_is_no_key() -> None:
    assert parse_idempotency_key(None) is None


@given(keys)
def test_a_key_is_the_same_quoted_and_bare(text: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert parse_idempotency_key(text.encode()) == text.encode()
    assert parse_idempotency_key(quoted.encode()) == text.encode()


@pytest.mark.parametrize(
    "header",
    [b"", b" ", b'""', b'"open', b'"a"b"', b'"a\\x"', b"tab\there", b"\xc3\xa9", b"k" * (MAX_KEY_LENGTH + 1)],
)
def test_a_key_that_cannot_be_used_is_refused(header: bytes) -> None:
    with pytest.raises(ProblemError) as refused:
        parse_idempotency_key(header)
    assert refused.value.kind.tag == "bad-idempotency-key"


@given(st.text(st.sampled_from('ab"\\ ~!'), max_size=8) | st.text(max_size=300))
def test_the_pattern_for_schemas_says_the_same(text: str) -> None:
    stripped = text.strip(" ")
    try:
        parse_idempotency_key(stripped.encode())
    except ProblemError:
        assert not re.fullmatch(KEY_PATTERN, stripped)
    else:
        assert re.fullmatch(KEY_PATTERN, stripped)


def test_the_longest_key_is_taken() -> None:
    assert parse_idempotency_key(b"k" * MAX_KEY_LENGTH) == b"k" * MAX_KEY_LENGTH


def test_without_a_key_each_batch_has_a_new_uuid_of_version_7() -> None:
    ids = {batch_id("t/a", Kind.LOG, "log", None) for _ in range(100)}
    assert len(ids) == 100
    assert {uuid.UUID(bytes=identifier).version for identifier in ids} == {7}


def test_a_keyed_batch_id_is_stable_across_processes_and_releases() -> None:
    assert batch_id("t/a", Kind.LOG, "log", b"k").hex() == "b851f16aa37f582487daa8b88b275227"


def test_each_part_of_the_scope_makes_another_batch_id() -> None:
    scopes = [
        ("t/a", Kind.LOG, "log", b"k"),
        ("t/b", Kind.LOG, "log", b"k"),
        ("u/a", Kind.LOG, "log", b"k"),
        ("t/a", Kind.VIOLATION, "log", b"k"),
        ("t/a", Kind.LOG, "metrics", b"k"),
        ("t/a", Kind.LOG, "log", b"l"),
    ]
    assert len({batch_id(*scope) for scope in scopes}) == len(scopes)
