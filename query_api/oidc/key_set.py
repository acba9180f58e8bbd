"""An issuer's public keys, out of its JSON Web Key Set (RFC 7517); pure."""

import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

MAX_BYTES = 256 * 1024
MAX_KEY_ID = 256
_MOST_KEYS = 100
_LEAST_RSA_BITS = 2048

# An algorithm for each type of key, so that none can be had verified by another's rules.
ALGORITHM_OF = {"RSA": "RS256", "EC": "ES256"}


class KeySetError(ValueError):
    """The bytes are no key set, or one without a key that could be used."""


class KeySet:
    """The keys by their ids; those that are for something else are left out."""

    def __init__(self, keys: dict[str | None, PyJWK]) -> None:
        """None is the id of a key without one."""
        self._keys = keys

    def find(self, key_id: str | None) -> PyJWK | None:
        """The key of this id; without an id, the only one that there is."""
        if key_id is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(key_id)


def parse_key_set(body: bytes) -> KeySet:
    """Read a key set.

    Raises:
        KeySetError: see there.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise KeySetError("it is not JSON") from error
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise KeySetError("it has no list of keys")
    keys: dict[str | None, PyJWK] = {}
    for entry in entries[:_MOST_KEYS]:
        key = _usable(entry)
        if key is not None:
            keys.setdefault(key.key_id, key)
    if not keys:
        raise KeySetError("it has no RSA key of 2048 bits or more, and no EC key on P-256, for signatures")
    return KeySet(keys)


def _usable(entry: Any) -> PyJWK | None:  # noqa: ANN401 - whatever the JSON holds
    if not isinstance(entry, dict) or not _is_for_verifying(entry):
        return None
    key_id = entry.get("kid")
    if key_id is not None and (not isinstance(key_id, str) or len(key_id) > MAX_KEY_ID):
        return None
    try:
        key = PyJWK(entry, algorithm=ALGORITHM_OF[entry["kty"]])
    except (PyJWTError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key.key, RSAPublicKey) and key.key.key_size < _LEAST_RSA_BITS:
        return None
    return key


def _is_for_verifying(entry: dict[str, Any]) -> bool:
    kind = entry.get("kty")
    return (
        isinstance(kind, str)
        and kind in ALGORITHM_OF
        and entry.get("alg", ALGORITHM_OF[kind]) == ALGORITHM_OF[kind]
        and (kind != "EC" or entry.get("crv") == "P-256")
        and entry.get("use", "sig") == "sig"
        and "verify" in entry.get("key_ops", ["verify"])
        # A private key that is published protects nothing.
        and "d" not in entry
    )
