"""What a masked text is, whatever the text was."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.detectors.registry import DETECTORS
from privacy.effort import Effort
from privacy.labels import Label
from privacy.masker import Masker
from privacy.policy import DEFAULT, EffectivePolicy
from schemas.privacy import OwnPattern, PrivacyMode
from tests.privacy.samples import ALL, CANARIES, HASHING, KEY, SURVIVORS, mask

FRAGMENTS = [
    *CANARIES,
    *SURVIVORS,
    *map(str, Label),
    *"+-./,:;@[]()=\"'\\ \n\t_%",
    "password=",
    "Bearer ",
    "://u:",
    "[email]",
    "[card:0123456789ab]",
    "\\n",
    "0",
    "::",
    "é",
    "x",
]
texts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=4), max_size=8).map("".join)
values = st.recursive(
    texts | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(("canary", "label"), CANARIES.items(), ids=list(CANARIES.values()))
def test_each_kind_is_replaced_by_its_label(canary: str, label: Label) -> None:
    assert mask(f"see {canary}, then") == f"see [{label}], then"


@pytest.mark.parametrize("text", SURVIVORS)
def test_what_only_looks_like_it_survives(text: str) -> None:
    assert mask(text) is text


@given(
    st.text(max_size=20),
    st.sampled_from([" ", "\n", "\\n", '"', ", ", "(", "<", "=", "\t"]),
    st.sampled_from(list(CANARIES)),
    st.sampled_from(["", " ", "\n", '"', ",", ")", ">", ";"]),
)
def test_nothing_is_left_of_what_was_found(before: str, left: str, canary: str, right: str) -> None:
    for masker in (ALL, HASHING):
        assert canary not in mask(before + left + canary + right, masker)


@given(texts)
def test_masking_again_changes_nothing(text: str) -> None:
    for masker in (ALL, HASHING):
        once = mask(text, masker)
        assert mask(once, masker) == once


@given(st.text() | texts)
def test_any_text_is_taken(text: str) -> None:
    masked = mask(text)
    assert masked is text or "[" in masked


@given(values)
def test_the_structure_of_json_is_unchanged(value: object) -> None:
    assert shape(ALL.mask_json(value, DETECTORS, Effort())) == shape(value)


def shape(value: object) -> object:
    match value:
        case dict():
            return {name: shape(member) for name, member in value.items()}
        case list():
            return [shape(item) for item in value]
        case str():
            return str
    return value


def test_values_are_masked_at_any_depth_and_names_are_not() -> None:
    value: dict[str, Any] = {"a@b.co": [{"to": ["x a@b.co", 1, None]}, "y"], "n": 4111111111111111}
    masked = ALL.mask_json(value, DETECTORS, Effort())
    assert masked == {"a@b.co": [{"to": ["x [email]", 1, None]}, "y"], "n": 4111111111111111}
    assert value["a@b.co"][0]["to"][0] == "x a@b.co"


def test_a_value_under_a_secrets_name_is_masked_whatever_it_is() -> None:
    value = {"password": "two words", "Auth": {"X-Api-Key": ["k1", ""], "token": None}, "tokens": "three"}
    assert ALL.mask_json(value, DETECTORS, Effort()) == {
        "password": "[secret]",
        "Auth": {"X-Api-Key": ["[secret]", ""], "token": None},
        "tokens": "three",
    }


def test_a_class_that_is_off_is_left_alone() -> None:
    masker = Masker(EffectivePolicy(personal_data=PrivacyMode.OFF, secrets=PrivacyMode.OFF))
    assert masker.classes.isdisjoint({"personal_data", "secrets"})


def test_by_default_secrets_are_masked_and_personal_data_is_not() -> None:
    assert Masker(DEFAULT).classes == {"secrets", "own_patterns"}


def test_hashes_join_equal_values_of_one_tenant_only() -> None:
    other = Masker(EffectivePolicy(personal_data=PrivacyMode.HASH, hash_key="ab" * 32))
    one, same = mask("4111 1111 1111 1111", HASHING), mask("4111-1111-1111-1111", HASHING)
    assert one == same
    assert one != mask("4111 1111 1111 1111", other)
    assert one != mask("5555555555554444", HASHING)
    assert len(one) == len("[card:0123456789ab]")


def test_a_hash_without_a_key_is_a_mask() -> None:
    masker = Masker(EffectivePolicy(personal_data=PrivacyMode.HASH))
    assert mask("to a@b.co", masker) == "to [email]"


def test_findings_that_overlap_become_one() -> None:
    assert mask("https://bob:pw@example.com/") == "https://bob:[secret]/"


def test_own_patterns_are_masked_by_their_names() -> None:
    masker = Masker(msgspec.structs.replace(DEFAULT, patterns=(OwnPattern("staff", r"\bE-\d{5}\b"),)))
    assert mask("E-12345 and E-1", masker) == "[staff] and E-1"
    hashing = Masker(
        EffectivePolicy(
            own_patterns=PrivacyMode.HASH, hash_key=KEY, patterns=(OwnPattern("staff", r"E-\d{5}"),)
        )
    )
    assert mask("E-12345", hashing).startswith("[staff:")


def test_a_text_that_is_not_examined_to_its_end_is_not_passed_on() -> None:
    effort = Effort(10)
    assert ALL.mask_text("a@b.co " * 11, DETECTORS, effort) == "[unexamined]"
    assert ALL.mask_text("to a@b.co", DETECTORS, effort) == "[unexamined]"
    assert ALL.mask_text("nothing", DETECTORS, effort) == "nothing"


HOSTILE = (
    "a",
    "4",
    "4111 ",
    "1:",
    "a@",
    "a@b.",
    "a@b.co ",
    "01 ",
    "001 ",
    "+1",
    "1.",
    "1.2.3.4 ",
    "sk-",
    "eyJ.",
    "password=",
    'password:"',
    "://a:",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN ",
    "GB82",
    "bearer ",
    "promethios_",
    "promethios_a_aaaaaaaaaaaaaaaa",
    "(0",
    "+1 (555) ",
    "+0",
    "(555) 123-4567",
    "a%40",
    ":1:1234567",
    "[email]",
    "\\n4",
    "0 ",
    "é@",
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_work_grows_with_the_text_and_not_with_its_square(piece: str) -> None:
    def work(size: int) -> Callable[[], object]:
        text = piece * (size // len(piece))
        return lambda: ALL.mask_text(text, DETECTORS, Effort(10**9))

    # Eight times the text: 8 if linear, 64 if not.
    assert least_seconds(work(32_000)) < 24 * least_seconds(work(4_000))


def least_seconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(2):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return max(min(taken), 1e-4)
