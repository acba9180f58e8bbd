"""Values behind a secret's name."""

import pytest

from privacy.detectors.named_secret import NAMED_SECRET
from tests.privacy.samples import found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("password=hunter2", "hunter2"),
        ("PASSWORD: hunter2, next", "hunter2"),
        ('password: "two words"', "two words"),
        ("pwd='a'", "a"),
        ("?api_key=abc&x=1", "abc"),
        ("DB_PASSWORD => x y", "x"),
        ('{"client_secret":"abc"}', "abc"),
        (r"{\"token\": \"abc\"}", "abc"),
        ("aws_secret_access_key = wJalr/K7M+x=", "wJalr/K7M+x="),
        ("Authorization: Token abc", "abc"),
        ('password="cut off', "cut off"),
        ("x-api-key:abc", "abc"),
    ],
)
def test_values(text: str, value: str) -> None:
    assert found(NAMED_SECRET, text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "password",
        "password is long",
        "tokens=512",
        "token: 15",
        "secretary: Ann",
        "password=null",
        "secret=***",
        "password=[secret]",
        "token=[token:0123456789ab]",
        "pwd=",
    ],
)
def test_no_values(text: str) -> None:
    assert found(NAMED_SECRET, text) == []
