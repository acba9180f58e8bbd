"""Ids of tenants and agents, API keys, and the partition that an agent's history lives in."""

import hashlib
import re
import secrets
import zlib
from typing import NamedTuple

from aiokafka.partitioner import murmur2

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_SECRET_BYTES = 32
_SECRET_CHARACTERS = 43
_CHECKSUM_CHARACTERS = 6
_SECRET = re.compile(rf"[A-Za-z0-9]{{{_SECRET_CHARACTERS + _CHECKSUM_CHARACTERS}}}")
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

KEY_PREFIX = "promethios_"
# Not how an API key begins, so that neither is taken for the other.
OPERATOR_PREFIX = "promethios-operator_"

ID_RULE = "1 to 128 letters, digits, dots, underscores or hyphens, the first a letter or digit"


class AgentRef(NamedTuple):
    """An agent of a tenant; the key of its records on every topic is `tenant/agent`."""

    tenant_id: str
    agent_id: str

    @property
    def key(self) -> str:
        """The record key, unambiguous because ids hold no slash."""
        return f"{self.tenant_id}/{self.agent_id}"


class ParsedKey(NamedTuple):
    """The two parts of an API key as its text says them; whether there is such a key is another question."""

    agent_id: str
    secret: str


def is_valid_id(text: str) -> bool:
    """Whether `text` may name a tenant or an agent (see ID_RULE)."""
    return _ID.fullmatch(text) is not None


def partition_of(key: str, partitions: int) -> int:
    """The partition of a record key, as Kafka's default partitioner computes it (murmur2, positive)."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)


def new_secret() -> str:
    """A secret of 256 random bits in base 62, so that a key parses at its last underscore."""
    return _base62(int.from_bytes(secrets.token_bytes(_SECRET_BYTES)), _SECRET_CHARACTERS)


def new_api_key(agent_id: str) -> str:
    """The text of a new key, shown to its owner once: `promethios_{agentId}_{secret}`.

    The secret ends with the CRC-32 of all before it in six digits of base 62, as GitHub's tokens do: a key
    that was cut or mistyped is told from an unknown one, by its text alone and so without telling a secret.
    """
    text = f"{KEY_PREFIX}{agent_id}_{new_secret()}"
    return text + _checksum(text)


def parse_api_key(text: str) -> ParsedKey | None:
    """Split a key at its last underscore; None when `new_api_key` cannot have made it: cut or mistyped."""
    if not text.startswith(KEY_PREFIX):
        return None
    agent_id, separator, secret = text[len(KEY_PREFIX) :].rpartition("_")
    if not separator or not is_valid_id(agent_id) or not _is_whole(text, secret):
        return None
    return ParsedKey(agent_id, secret)


def new_operator_token() -> str:
    """The text of a new operator token, shown to its owner once; it ends with a checksum as API keys do."""
    text = OPERATOR_PREFIX + new_secret()
    return text + _checksum(text)


def is_mistyped_operator_token(text: str) -> bool:
    """Whether it begins as `new_operator_token` does and was cut or mistyped since."""
    prefix, secret = text[: len(OPERATOR_PREFIX)], text[len(OPERATOR_PREFIX) :]
    return prefix == OPERATOR_PREFIX and not _is_whole(text, secret)


def hash_secret(text: str) -> str:
    """SHA-256 of a whole key or token, in hex: all that is stored of it.

    A slow hash is not needed: the input carries 256 random bits.
    """
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of_secret(text: bytes) -> bytes:
    """What `hash_secret` gives, as 32 bytes: the quicker form, for looking keys up."""
    return hashlib.sha256(text).digest()


def _is_whole(text: str, secret: str) -> bool:
    checked, checksum = text[:-_CHECKSUM_CHARACTERS], text[-_CHECKSUM_CHARACTERS:]
    return _SECRET.fullmatch(secret) is not None and _checksum(checked) == checksum


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode()), _CHECKSUM_CHARACTERS)


def _base62(number: int, characters: int) -> str:
    digits = []
    while number:
        number, digit = divmod(number, len(_BASE62))
        digits.append(_BASE62[digit])
    return "".join(reversed(digits)).rjust(characters, "0")
