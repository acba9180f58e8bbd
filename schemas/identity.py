"""Ids of tenants and agents, API keys, and the partition that an agent's history lives in."""

import hashlib
import re
import secrets
from typing import NamedTuple

from aiokafka.partitioner import murmur2

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_KEY_PREFIX = "promethios_"
_SECRET = re.compile(r"[A-Za-z0-9]{16,128}")
_SECRET_BYTES = 32
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

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
    """The two parts of an API key as its text says them; nothing is verified yet."""

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
    number = int.from_bytes(secrets.token_bytes(_SECRET_BYTES))
    digits = []
    while number:
        number, digit = divmod(number, len(_BASE62))
        digits.append(_BASE62[digit])
    return "".join(digits).rjust(43, "0")


def format_api_key(agent_id: str, secret: str) -> str:
    """The key's text, shown to its owner once."""
    return f"{_KEY_PREFIX}{agent_id}_{secret}"


def parse_api_key(text: str) -> ParsedKey | None:
    """Split `promethios_{agentId}_{secret}` at its last underscore; None when it has not that shape."""
    if not text.startswith(_KEY_PREFIX):
        return None
    agent_id, separator, secret = text[len(_KEY_PREFIX) :].rpartition("_")
    if not separator or not is_valid_id(agent_id) or _SECRET.fullmatch(secret) is None:
        return None
    return ParsedKey(agent_id, secret)


def hash_secret(text: str) -> str:
    """SHA-256 of a whole key or token, in hex: all that is stored of it.

    A slow hash is not needed: the input carries 256 random bits.
    """
    return hashlib.sha256(text.encode()).hexdigest()
