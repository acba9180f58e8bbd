"""Data and secrets of nobody, and what must survive; keys come in two parts, lest scanners find them."""

from privacy.detection import Detector
from privacy.detectors.registry import DETECTORS
from privacy.effort import Effort
from privacy.labels import Label
from privacy.masker import Masker
from privacy.policy import EffectivePolicy
from schemas.privacy import PrivacyMode

ALL = Masker(EffectivePolicy(personal_data=PrivacyMode.MASK))
KEY = "0f" * 32
HASHING = Masker(EffectivePolicy(personal_data=PrivacyMode.HASH, secrets=PrivacyMode.HASH, hash_key=KEY))

CANARIES = {
    "bob.smith@example.com": Label.EMAIL,
    "+49 30 1234567": Label.PHONE,
    "(555) 123-4567": Label.PHONE,
    "4111 1111 1111 1111": Label.CARD,
    "5555555555554444": Label.CARD,
    "DE89 3704 0044 0532 0130 00": Label.IBAN,
    "203.0.113.7": Label.IP,
    "2001:db8::8a2e:370:7334": Label.IP,
    "sk-" + "proj-abcdefghijklmnopqrstuvwx": Label.API_KEY,
    "sk-" + "ant-api03-abcdefghijklmnopqrs": Label.API_KEY,
    "AKIA" + "IOSFODNN7EXAMPLE": Label.API_KEY,
    "ghp_" + "a1B2" * 9: Label.API_KEY,
    "github_pat_" + "a1B2" * 9: Label.API_KEY,
    "xoxb-" + "123456789012-abcdefghijkl": Label.API_KEY,
    "AIza" + "b" * 35: Label.API_KEY,
    "sk_live_" + "abcdefghijklmnop": Label.API_KEY,
    "promethios_agent-7_" + "A" * 49: Label.API_KEY,
    "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxIn0.abc-def": Label.JWT,
    "-----BEGIN PRIVATE " + "KEY-----\nMIIE\n-----END PRIVATE " + "KEY-----": Label.PRIVATE_KEY,
}

SURVIVORS = (
    "",
    "call to search finished after 1234 ms, run 8f0a1b2c3d4e",
    "2026-11-21T07:54:46.123456+01:00 and 07:54:46.123 and 2026-11-21 07:54:46",
    "21-11-2026, 05/11/2026, 05.11.2026 12:30 and 01-02-2026",
    "1763711686 1763711686123 1763711686123456 1763711686123456789",
    "0190a1b2-1234-7123-8123-0123456789ab 12345678-1234-1234-1234-123456789012",
    "78255d68-0792-3986-bb96-8a437d5c8dfc",
    "4bf92f3577b34da6a3ce929d0e0e4736 and 00f067aa0ba902b7",
    "0.4111111111111111 -273.15 6.02214076e23 3.141592653589793",
    "shape 512 256 1024, 0x7fff5fbff8c0, 1,234,567.89, 00:1a:2b:3c:4d:5e",
    "version 1.2.3, v1.2.3.4, Chrome/120.0.0.0, 1.3.6.1.4.1, react@18.2.0",
    "std::vector<int> dead::beef tests::e2e core::fmt",
    "4111111111111112 4111 1111 1111 1112 4111111111111111000",
    "DE88370400440532013000 GB82WEST1234569876543",
    "sk-learn sk-short task-sk-1 xoxo eyJ. AKIA12 ghp_short",
    "max_tokens: 512, tokens=3, token=15, token_type: bearer, secretary: Ann",
    "bearer responsibilities, basic understanding, Bearer of news",
    "password: null, secret=***, api_key: None",
    "https://example.com:8080/a?b=c#d @mention user@localhost",
    "naïve café 日本語 🙂 \u0000 \ud800",
)


def mask(text: str, masker: Masker = ALL) -> str:
    return masker.mask_text(text, DETECTORS, Effort())


def found(detector: Detector, text: str) -> list[str]:
    """What the detector takes for something, in order."""
    encoded = text.encode()
    return [encoded[one.start : one.end].decode() for one in detector.find(encoded, Effort())]


def normal_forms(detector: Detector, text: str) -> list[bytes]:
    return [one.normal_form for one in detector.find(text.encode(), Effort())]
