"""Credentials of HTTP."""

import pytest

from privacy.detectors.http_credentials import AUTHORIZATION, URL_PASSWORD
from tests.privacy.samples import found


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("Authorization: Bearer abc123def", "abc123def"),
        ("bearer " + "x" * 20, "x" * 20),
        ("Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    ],
)
def test_tokens(text: str, token: str) -> None:
    assert found(AUTHORIZATION, text) == [token]


@pytest.mark.parametrize(
    "text", ["bearer responsibilities", "Basic understanding", "basic dXNlcg==", "forbearer abc123def"]
)
def test_prose(text: str) -> None:
    assert found(AUTHORIZATION, text) == []


@pytest.mark.parametrize(
    ("url", "password"),
    [
        ("postgres://bob:pw@db/x", "pw"),
        ("https://bob@x.com:p@ss@host/", "p@ss"),
        ("redis://:pw@cache:6379", "pw"),
    ],
)
def test_passwords_in_urls(url: str, password: str) -> None:
    assert found(URL_PASSWORD, f"see {url} there") == [password]


@pytest.mark.parametrize(
    "url", ["https://host:8080/a@b", "https://bob@host/", "http://h/?q=a:b@c", "://u:[secret]@h"]
)
def test_urls_without_passwords(url: str) -> None:
    assert found(URL_PASSWORD, url) == []
