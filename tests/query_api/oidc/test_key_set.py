"""A key set gives the keys that signatures may be checked with, and no other."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from query_api.oidc.key_set import KeySetError, parse_key_set
from tests.query_api.oidc.identity_provider import ec_key, key_set, public_jwk, rsa_key

RSA, EC = rsa_key(), ec_key()


def test_keys_are_found_by_their_ids_each_for_one_algorithm() -> None:
    keys = parse_key_set(key_set(public_jwk(RSA, "r", use="sig", alg="RS256"), public_jwk(EC, "e")))
    found = {name: keys.find(name) for name in ("r", "e")}
    assert {name: key and key.algorithm_name for name, key in found.items()} == {"r": "RS256", "e": "ES256"}
    assert keys.find("other") is None
    assert keys.find(None) is None


def test_without_an_id_the_only_key_is_meant() -> None:
    assert parse_key_set(key_set(public_jwk(RSA, "r"))).find(None) is not None
    assert parse_key_set(key_set(public_jwk(RSA, None))).find(None) is not None
    assert parse_key_set(key_set(public_jwk(RSA, None))).find("r") is None


@pytest.mark.parametrize(
    "spoilt",
    [
        public_jwk(RSA, "x", use="enc"),
        public_jwk(RSA, "x", alg="RS512"),
        public_jwk(RSA, "x", alg="HS256"),
        public_jwk(RSA, "x", key_ops=["encrypt"]),
        public_jwk(rsa_key(1024), "x"),
        public_jwk(ec_key(ec.SECP384R1()), "x"),
        public_jwk(RSA, "x" * 257),
        {**public_jwk(RSA, "x"), "kid": 5},
        {**public_jwk(RSA, "x"), "n": "!"},
        {**public_jwk(RSA, "x"), "kty": "EC"},
        {**public_jwk(RSA, "x"), "d": "AQAB"},
        {**public_jwk(EC, "x"), "y": public_jwk(EC, "x")["x"]},
        {"kty": "oct", "kid": "x", "k": "c2VjcmV0"},
        {"kty": ["RSA"], "kid": "x"},
        {"kid": "x"},
        "x",
        None,
    ],
    ids=range(17),
)
def test_what_cannot_be_used_is_left_out(spoilt: Any) -> None:  # noqa: ANN401 - JSON of any kind
    keys = parse_key_set(key_set(spoilt, public_jwk(EC, "good")))
    assert keys.find("x") is None
    assert keys.find("good") is not None
    with pytest.raises(KeySetError):
        parse_key_set(key_set(spoilt))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"keys": {}}', b'{"keys": []}', b"\xff", b"[" * 100_000], ids=range(7)
)
def test_what_is_no_key_set_is_refused(body: bytes) -> None:
    with pytest.raises(KeySetError):
        parse_key_set(body)


def test_of_two_keys_with_one_id_the_first_counts() -> None:
    keys = parse_key_set(key_set(public_jwk(RSA, "x"), public_jwk(EC, "x")))
    found = keys.find("x")
    assert found is not None
    assert found.algorithm_name == "RS256"
