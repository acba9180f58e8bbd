"""Ids, keys and partitions."""

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from schemas.identity import (
    AgentRef,
    digest_of_secret,
    hash_secret,
    is_mistyped_operator_token,
    is_valid_id,
    new_api_key,
    new_operator_token,
    new_secret,
    parse_api_key,
    partition_of,
)

IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", fullmatch=True)


@given(IDS)
def test_a_key_parses_back_whatever_underscores_its_agent_has(agent_id: str) -> None:
    text = new_api_key(agent_id)
    parsed = parse_api_key(text)
    assert parsed is not None
    assert parsed.agent_id == agent_id
    assert text == f"promethios_{agent_id}_{parsed.secret}"


@given(IDS, st.data())
def test_a_key_that_was_mistyped_or_cut_does_not_parse(agent_id: str, data: st.DataObject) -> None:
    text = new_api_key(agent_id)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("0aZ_.-").filter(lambda letter: letter != text[place]))
    assert parse_api_key(text[:place] + letter + text[place + 1 :]) is None
    assert parse_api_key(text[:place]) is None
    assert parse_api_key(text + letter) is None


def test_the_checksum_is_crc32_in_base_62() -> None:
    # CRC-32 of all before it is 60821733, in base 62 the digits [4, 7, 12, 31, 43].
    assert parse_api_key("promethios_a_" + "0" * 43 + "047CVh") is not None


@pytest.mark.parametrize(
    "text", ["", "promethios_", "promethios_a", "promethios_a_", "promethios__x", "other_a_" + "x" * 43]
)
def test_other_texts_are_no_keys(text: str) -> None:
    assert parse_api_key(text) is None


@pytest.mark.parametrize("text", ["", ".a", "-a", "_a", "a/b", "a b", "ä", "a" * 129, "a\n"])
def test_ids_that_would_not_be_safe_are_refused(text: str) -> None:
    assert not is_valid_id(text)


def test_an_operator_token_is_no_api_key_and_any_change_of_it_is_noticed() -> None:
    token = new_operator_token()
    assert token != new_operator_token()
    assert not is_mistyped_operator_token(token)
    assert parse_api_key(token) is None
    other_end = "1" if token[-1] == "0" else "0"
    for wrong in (token[:-1], token + "0", token[:-1] + other_end, "promethios-operator_"):
        assert is_mistyped_operator_token(wrong)
    assert not is_mistyped_operator_token("something else")


def test_secrets_are_long_and_differ() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(len(secret) == 43 and secret.isalnum() for secret in secrets)


@given(IDS, st.integers(1, 64))
def test_the_partition_is_that_of_kafkas_default_partitioner(agent_id: str, count: int) -> None:
    key = AgentRef("default", agent_id).key
    partitions = list(range(count))
    assert partition_of(key, count) == DefaultPartitioner()(key.encode(), partitions, partitions)


def test_only_a_hash_is_kept() -> None:
    assert digest_of_secret(b"abc").hex() == hash_secret("abc")
    assert hash_secret("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
