"""What stands where something was masked."""

import pytest

from privacy.labels import (
    Label,
    hashed,
    is_inside_label,
    is_label,
    is_valid_name,
    label_ends_at,
    label_starts_at,
    masked,
)


@pytest.mark.parametrize("label", Label)
def test_each_label_is_known_as_one(label: Label) -> None:
    assert is_valid_name(label)
    assert is_label(masked(label))
    assert is_label(hashed(label, b"x", b"key"))


def test_a_hash_is_keyed_and_of_its_kind() -> None:
    # HMAC-SHA-256 with the key "key" of "email", a zero byte, and "a@b.co".
    assert hashed("email", b"a@b.co", b"key") == b"[email:7593b5002bfc]"
    assert hashed("email", b"a@b.co", b"other") != hashed("email", b"a@b.co", b"key")
    assert hashed("phone", b"1", b"key")[7:] != hashed("card1", b"1", b"key")[7:]


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"[Email]", b"[email", b"email]", b"[email:1]", b"[1]", b"[a b]"]
)
def test_other_brackets_are_none(text: bytes) -> None:
    assert not is_label(text)


def test_places_around_a_label() -> None:
    text = b"x[email:0123456789ab]y [no label]"
    start, end = 1, text.index(b"]") + 1
    assert label_starts_at(text, start)
    assert label_ends_at(text, end)
    assert [index for index in range(len(text)) if is_inside_label(text, index)] == list(
        range(start + 1, end)
    )
    assert not any(label_starts_at(text, index) for index in range(len(text)) if index != start)
    assert not any(label_ends_at(text, index) for index in range(len(text) + 1) if index != end)


@pytest.mark.parametrize("name", ["", "A", "1a", "a_b", "a" * 33, "a]"])
def test_a_name_has_a_rule(name: str) -> None:
    assert not is_valid_name(name)
