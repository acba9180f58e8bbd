"""Signatures of Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`, one for each secret; pure."""

import base64
import hashlib
import hmac
from collections.abc import Iterable

from schemas.webhooks import SECRET_PREFIX, SigningSecret

_VERSION = "v1"


def sign(secrets: Iterable[SigningSecret], message_id: str, now_ms: int, body: bytes) -> dict[str, str]:
    """The three headers of an attempt that is made now.

    The newest secret signs first, and each that has not expired signs, so that a receiver may have either.
    """
    timestamp = str(now_ms // 1000)
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = [
        f"{_VERSION},{_signature(secret.secret, signed)}"
        for secret in secrets
        if secret.expires_at is None or secret.expires_at > now_ms
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
