"""Which names have secret values."""

import pytest

from privacy.secret_names import is_harmless_value, is_secret_name


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "DB_PASSWORD",
        "X-Api-Key",
        "apiKey",
        "aws_secret_access_key",
        "client_secret",
        "refresh_token",
        "Authorization",
        "credentials",
        "privateKey",
        "set-cookie",
        "passphrase",
    ],
)
def test_secret_names(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "tokens", "max_tokens", "token_type", "password_reset", "key", "secretary", "a" * 200 + "token"],
)
def test_other_names(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize("value", ["", "None", "null", "TRUE", "****", "...", "•••"])
def test_values_that_tell_nothing(value: str) -> None:
    assert is_harmless_value(value)


def test_a_value_that_tells_something() -> None:
    assert not is_harmless_value("hunter2")
