"""Attacks on tokens, one a line: each is refused, and each for its own reason."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from jwt import PyJWK

from query_api.oidc.key_set import parse_key_set
from query_api.oidc.tokens import MAX_TOKEN, BadTokenError, looks_like_jwt, read_header, verified_claims
from tests.query_api.oidc.identity_provider import (
    AUDIENCE,
    claims,
    ec_key,
    key_set,
    provider,
    public_jwk,
    public_pem,
    rsa_key,
    token,
)

RSA, EC, STRANGER = rsa_key(), ec_key(), rsa_key()
KEYS = parse_key_set(key_set(public_jwk(RSA, "r"), public_jwk(EC, "e")))
NOW = int(time.time())


def checked(text: str) -> dict[str, Any]:
    header = read_header(text)
    key = KEYS.find(header.key_id)
    assert isinstance(key, PyJWK)
    return verified_claims(text, header, key, provider())


def encoded(part: object) -> str:
    data = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(header: object, signature: bytes = b"", **changed: object) -> str:
    return f"{encoded(header)}.{encoded(claims(**changed))}.{encoded(signature)}"


def hmac_of_public_key() -> str:
    """The classic: the public key, which all know, taken for a secret."""
    signed = f"{encoded({'alg': 'HS256', 'kid': 'r'})}.{encoded(claims())}"
    return f"{signed}.{encoded(hmac.new(public_pem(RSA), signed.encode(), hashlib.sha256).digest())}"


def with_other_claims(text: str, **changed: object) -> str:
    header, _, signature = text.split(".")
    return f"{header}.{encoded(claims(**changed))}.{signature}"


@pytest.mark.parametrize(("key", "kid"), [(RSA, "r"), (EC, "e")], ids=["RS256", "ES256"])
def test_a_good_token_says_its_claims(key: Any, kid: str) -> None:  # noqa: ANN401 - a key of either kind
    assert checked(token(key, kid))["sub"] == "ada"
    assert checked(token(key, kid, aud=[AUDIENCE, "other"]))["promethios_role"] == "analyst"


def test_clocks_may_differ_by_half_a_minute() -> None:
    now = int(time.time())
    assert checked(token(RSA, "r", exp=now - 20, nbf=now + 20, iat=now + 20))


ATTACKS = {
    "alg none": (forged({"alg": "none", "kid": "r"}), "not signed with"),
    "alg None": (forged({"alg": "None", "kid": "r"}), "not signed with"),
    "no alg": (forged({"kid": "r"}), "not signed with|not a JSON Web Token"),
    "alg is a list": (forged({"alg": ["RS256"], "kid": "r"}), "not signed with|not a JSON Web Token"),
    "HS256 by the public key": (hmac_of_public_key(), "not signed with"),
    "another RSA algorithm": (forged({"alg": "RS384", "kid": "r"}, b"x" * 256), "not signed with"),
    "PSS": (forged({"alg": "PS256", "kid": "r"}, b"x" * 256), "not signed with"),
    "RS256 for an EC key": (token(RSA, "e"), "another algorithm"),
    "ES256 for an RSA key": (token(EC, "r"), "another algorithm"),
    "no signature": (forged({"alg": "RS256", "kid": "r"}), "does not fit"),
    "EC signature of zeros": (forged({"alg": "ES256", "kid": "e"}, bytes(64)), "does not fit"),
    "a stranger's signature": (token(STRANGER, "r"), "does not fit"),
    "claims exchanged": (with_other_claims(token(RSA, "r"), promethios_role="admin"), "does not fit"),
    "key brought along": (token(STRANGER, "r", {"jwk": public_jwk(STRANGER, "r")}), "does not fit"),
    "key named elsewhere": (token(STRANGER, "r", {"jku": "http://evil.example/keys"}), "does not fit"),
    "chain brought along": (token(STRANGER, "r", {"x5c": ["AAAA"], "x5u": "http://evil.example"}), "fit"),
    "unknown extension": (token(RSA, "r", {"crit": ["exp"], "exp": 1}), "extension|not a JSON Web Token"),
    "detached payload": (token(RSA, "r", {"crit": ["b64"], "b64": False}), "extension|not a JSON Web Token"),
    "kid is a path": (token(RSA, "../../dev/null"), None),
    "kid is a query": (token(RSA, "r' OR '1'='1"), None),
    "kid is long": (token(RSA, "k" * 1000), "key id"),
    "kid is empty": (token(RSA, ""), "key id"),
    "kid is a number": (forged({"alg": "RS256", "kid": 1}), "not a JSON Web Token|key id"),
    "no kid where there are two keys": (token(RSA, None), None),
    "expired": (token(RSA, "r", exp=NOW - 60), "expired"),
    "without an end": (token(RSA, "r", exp=None), "no exp"),
    "end is a text": (token(RSA, "r", exp="soon"), "not in order"),
    "end is infinite": (token(RSA, "r", exp=float("inf")), "cannot be read|not in order"),
    "not yet valid": (token(RSA, "r", nbf=NOW + 3600), "not valid yet"),
    "of the future": (token(RSA, "r", iat=NOW + 3600), "not valid yet"),
    "another audience": (token(RSA, "r", aud="other"), "another audience"),
    "no audience": (token(RSA, "r", aud=None), "no aud"),
    "empty audience": (token(RSA, "r", aud=[]), "no aud|another audience"),
    "audience within another": (token(RSA, "r", aud=f"{AUDIENCE}-test"), "another audience"),
    "audience is an object": (token(RSA, "r", aud={AUDIENCE: 1}), "another audience"),
    "another issuer": (token(RSA, "r", iss="https://evil.example/"), "another issuer"),
    "issuer without its slash": (token(RSA, "r", iss="https://login.example.com"), "another issuer"),
    "no issuer": (token(RSA, "r", iss=None), "no iss"),
    "issuer is a list": (forged({"alg": "RS256", "kid": "r"}, iss=[1]), "does not fit"),
    "no subject": (token(RSA, "r", sub=None), "no sub"),
    "empty subject": (token(RSA, "r", sub=""), "subject"),
    "long subject": (token(RSA, "r", sub="a" * 256), "subject"),
    "subject of two lines": (token(RSA, "r", sub="ada\nbob"), "subject"),
    "oversized": (token(RSA, "r", more="x" * MAX_TOKEN), "longer than"),
    "deeply nested header": (f"{encoded(b'[' * 4000)}.e30.AA", "not a JSON Web Token"),
    "header is a list": (f"{encoded([])}.e30.AA", "not a JSON Web Token"),
    "not base64": ("!.!.!", "not a JSON Web Token"),
    "empty parts": ("..", "not a JSON Web Token"),
    "not ASCII": ("é.é.é", "not a JSON Web Token"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_are_refused_each_for_its_reason(name: str) -> None:
    text, reason = ATTACKS[name]
    if reason is None:
        assert KEYS.find(read_header(text).key_id) is None
        return
    with pytest.raises(BadTokenError, match=reason):
        checked(text)


def test_every_attack_would_be_taken_for_a_jwt() -> None:
    assert all(looks_like_jwt(text) for text, _ in ATTACKS.values())


@pytest.mark.parametrize("text", ["promethios-operator_abc", "a.b", "a.b.c.d.e", ""])
def test_other_tokens_are_none(text: str) -> None:
    assert not looks_like_jwt(text)
