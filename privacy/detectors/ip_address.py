"""IP addresses, versions 4 and 6; a port or prefix length behind them stays."""

import re
import socket

from privacy.detection import DataClass, Detector, Finding, search
from privacy.engine import ENCODED_LEFT, LEFT, Match, compile_bytes
from privacy.labels import Label, label_ends_at
from privacy.surroundings import continues_number, follows_word, number_continues, precedes_word

_V4 = compile_bytes(LEFT + rb"([0-9]{1,3}(?:\.[0-9]{1,3}){3})")
_V6 = compile_bytes(LEFT + rb"([0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)")
_LONGEST_V6 = 45

# What a version number may follow: `Chrome/120.0.0.0`, but not `/hosts/10.0.0.1`.
_PRODUCT = re.compile(rb"(?:^|[\s\"'(;])[A-Za-z][A-Za-z0-9_-]{0,30}/\Z")
_LONGEST_PRODUCT = 33


def _judge_v4(text: bytes, match: Match) -> Finding | None:
    start, end = match.span(1)
    address: bytes = match.group(1)
    if follows_word(text, start) or precedes_word(text, end) or not _is_address(socket.AF_INET, address):
        return None
    before_is_joined = continues_number(text, start) and text[start - 1] == ord(".")
    after_is_joined = number_continues(text, end) and text[end] == ord(".")
    if before_is_joined or after_is_joined or _is_version(text, start):
        return None
    return Finding(start, end, Label.IP, address)


def _is_version(text: bytes, start: int) -> bool:
    """Whether it is that of a product."""
    if text[start - 1 : start] != b"/":
        return False
    before = text[max(0, start - _LONGEST_PRODUCT) : start]
    return label_ends_at(text, start - 1) or _PRODUCT.search(before) is not None


def _judge_v6(text: bytes, match: Match) -> Finding | None:
    start = match.start(1)
    address: bytes = match.group(1).rstrip(b".")
    if address.endswith(b":") and not address.endswith(b"::"):
        address = address[:-1]
    end = start + len(address)
    if len(address) > _LONGEST_V6 or follows_word(text, start) or precedes_word(text, match.end(1)):
        return None
    # Without a digit it may be a name: dead::beef.
    if not any(48 <= character <= 57 for character in address) or not _is_address(socket.AF_INET6, address):
        return None
    return Finding(start, end, Label.IP, socket.inet_pton(socket.AF_INET6, address.decode()))


def _is_address(family: socket.AddressFamily, address: bytes) -> bool:
    try:
        socket.inet_pton(family, address.decode())
    except OSError:
        return False
    return True


IPV4 = Detector(
    data_class=DataClass.PERSONAL_DATA,
    trigger=ENCODED_LEFT + rb"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
    gate=rb"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
    find=search(_V4, _judge_v4),
    shortest=7,
    hints=(".",),
)

# Either two colons beside one another and a digit, or all seven.
_SHORTENED = rb"[0-9][0-9A-Fa-f:]*::|::[0-9A-Fa-f:]*[0-9]"

IPV6 = Detector(
    data_class=DataClass.PERSONAL_DATA,
    trigger=_SHORTENED + rb"|(?::[0-9A-Fa-f]{1,4}){5}:",
    gate=_SHORTENED + rb"|:[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]{7}",
    find=search(_V6, _judge_v6, whole_runs=True),
    shortest=3,
    hints=(":",),
)
