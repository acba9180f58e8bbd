"""JSON Web Tokens: what is read of one before its key is known, and the whole check with the key; pure."""

from typing import Any, NamedTuple

import jwt
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from query_api.oidc.key_set import ALGORITHM_OF, MAX_KEY_ID
from query_api.oidc.settings import Provider

MAX_TOKEN = 8 * 1024
MAX_SUBJECT = 255
_LEEWAY_SECONDS = 30
_DOTS = 2

# Everything that `jwt` lets through from its depths when a text is made to break it.
_BROKEN = (PyJWTError, ValueError, TypeError, OverflowError, RecursionError)


class BadTokenError(Exception):
    """The token does not count; the text says why and repeats nothing of it."""


class Header(NamedTuple):
    """What names the key: not to be believed before the signature is checked."""

    algorithm: str
    key_id: str | None


def looks_like_jwt(token: str) -> bool:
    """Whether it has a JWT's three parts, which no token of our own has."""
    return token.count(".") == _DOTS


def read_header(token: str) -> Header:
    """Read which key a token was signed with.

    Raises:
        BadTokenError: too large, not a JWT, another algorithm than RS256 and ES256, or an extension that one
            would have to understand. What a header says of where keys are is never looked at.
    """
    if len(token) > MAX_TOKEN:
        raise BadTokenError(f"it is longer than {MAX_TOKEN} characters")
    try:
        header = jwt.get_unverified_header(token)
    except _BROKEN as error:
        raise BadTokenError("it is not a JSON Web Token") from error
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHM_OF.values():
        raise BadTokenError(f"it is not signed with {' or '.join(ALGORITHM_OF.values())}")
    if "crit" in header or "b64" in header:
        raise BadTokenError("it needs an extension that is not understood")
    if key_id is not None and (not isinstance(key_id, str) or not 0 < len(key_id) <= MAX_KEY_ID):
        raise BadTokenError("its key id is none")
    return Header(algorithm, key_id)


def verified_claims(token: str, header: Header, key: PyJWK, provider: Provider) -> dict[str, Any]:
    """The claims of a token whose signature, issuer, audience and times are good, to half a minute.

    Raises:
        BadTokenError: they are not, or `sub` is not a short text.
    """
    if key.algorithm_name != header.algorithm:
        raise BadTokenError("its key is for another algorithm")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=[header.algorithm],
            audience=provider.audience,
            issuer=provider.issuer,
            leeway=_LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except PyJWTError as error:
        raise BadTokenError(_reason(error)) from error
    except _BROKEN as error:
        raise BadTokenError("its claims cannot be read") from error
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT or not subject.isprintable():
        raise BadTokenError("its subject is not a short text")
    return claims


_REASONS: tuple[tuple[type[PyJWTError], str], ...] = (
    (jwt.ExpiredSignatureError, "it has expired"),
    (jwt.ImmatureSignatureError, "it is not valid yet"),
    (jwt.InvalidAudienceError, "it is for another audience"),
    (jwt.InvalidIssuerError, "it is from another issuer"),
    (jwt.InvalidSignatureError, "its signature does not fit"),
)


def _reason(error: PyJWTError) -> str:
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"it has no {error.claim}"
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), "it is not in order")
