"""Masks texts and free JSON as a policy says; pure, and never fails."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from operator import attrgetter, is_not

from msgspec.structs import replace

from privacy import labels
from privacy.detection import DataClass, Detector, Finding
from privacy.detectors.named_secret import NAMED_SECRET
from privacy.effort import Effort, ExhaustedError
from privacy.labels import CLASSES, Label
from privacy.own_patterns import OwnPatterns
from privacy.policy import EffectivePolicy
from privacy.secret_names import is_harmless_value, is_secret_name
from schemas.privacy import PrivacyMode

_HOLDING_TEXT = (str, dict, list)
_UNEXAMINED = labels.masked(Label.UNEXAMINED)
_start = attrgetter("start")


class Masker:
    """A policy made ready."""

    def __init__(self, policy: EffectivePolicy) -> None:
        """Compile `policy`; a hash without a key is a mask, as it could be guessed back.

        Raises:
            PatternError: an own pattern is no use.
        """
        modes = {
            DataClass.PERSONAL_DATA: policy.personal_data,
            DataClass.SECRETS: policy.secrets,
            DataClass.OWN_PATTERNS: policy.own_patterns,
        }
        self.min_log_level = policy.min_log_level
        self.classes = frozenset(found for found, mode in modes.items() if mode is not PrivacyMode.OFF)
        self._key = bytes.fromhex(policy.hash_key)
        classes = CLASSES | {pattern.name: DataClass.OWN_PATTERNS for pattern in policy.patterns}
        hashed = {found for found, mode in modes.items() if mode is PrivacyMode.HASH and self._key}
        self._plain = {label: labels.masked(label) for label, found in classes.items() if found not in hashed}
        wanted = policy.patterns if DataClass.OWN_PATTERNS in self.classes else ()
        self._own = OwnPatterns(wanted) if wanted else None

    @property
    def own_patterns(self) -> OwnPatterns | None:
        """The tenant's own patterns, if there are any and they are in force."""
        return self._own

    def mask_json(
        self, value: object, detectors: Sequence[Detector], effort: Effort, *, secret: bool = False
    ) -> object:
        """Free JSON with its texts masked; the same object where nothing was found.

        `secret` says that the value stands under a secret's name. It is nested at most as deep as
        `schemas.nesting` lets pass.
        """
        if isinstance(value, str):
            return self._mask_secret(value) if secret else self.mask_text(value, detectors, effort)
        if isinstance(value, dict):
            # The trigger of this detector is what tells that there is a secret's name.
            names_count = NAMED_SECRET in detectors
            changed = {}
            for name, member in value.items():
                if isinstance(member, _HOLDING_TEXT):
                    if secret or (names_count and is_secret_name(name)):
                        masked = self.mask_json(member, detectors, effort, secret=True)
                    elif isinstance(member, str):
                        masked = self.mask_text(member, detectors, effort)
                    else:
                        masked = self.mask_json(member, detectors, effort)
                    if masked is not member:
                        changed[name] = masked
            return {**value, **changed} if changed else value
        if isinstance(value, list):
            items = [self.mask_json(item, detectors, effort, secret=secret) for item in value]
            return items if any(map(is_not, items, value)) else value
        return value

    def mask_text(self, text: str, detectors: Sequence[Detector], effort: Effort) -> str:
        """A text with what `detectors` and own patterns find in it masked."""
        size = len(text)
        asked = [detector for detector in detectors if detector.shortest <= size and detector.may_find(text)]
        if not asked and self._own is None:
            return text
        encoded = text.encode("utf-8", "surrogatepass")
        masked = self.mask_bytes(encoded, asked, effort)
        return text if masked is encoded else masked.decode("utf-8", "surrogatepass")

    def mask_bytes(self, text: bytes, detectors: Iterable[Detector], effort: Effort) -> bytes:
        """The same for the bytes of a text; the same object where nothing was found."""
        try:
            found = self._findings(text, detectors, effort)
        except ExhaustedError:
            return _UNEXAMINED
        if not found:
            return text
        pieces: list[bytes] = []
        position = 0
        for finding in _merged(found):
            pieces += (text[position : finding.start], self._label(finding.label, finding.normal_form))
            position = finding.end
        pieces.append(text[position:])
        return b"".join(pieces)

    def _mask_secret(self, text: str) -> str:
        encoded = text.encode("utf-8", "surrogatepass")
        if is_harmless_value(text) or labels.is_label(encoded):
            return text
        return self._label(Label.SECRET, encoded).decode()

    def _findings(self, text: bytes, detectors: Iterable[Detector], effort: Effort) -> list[Finding]:
        found: list[Finding] = []
        for detector in detectors:
            found += detector.find(text, effort)
        if b"[" in text:
            found = [one for one in found if not labels.is_inside_label(text, one.start)]
        if self._own is not None:
            found += self._own.find(text, effort)
        return found

    def _label(self, label: str, normal_form: bytes) -> bytes:
        return self._plain.get(label) or labels.hashed(label, normal_form, self._key)


def _merged(found: list[Finding]) -> list[Finding]:
    """Findings in order, those that overlap as one, under the label of that which begins first.

    Of those that begin together it is that of the detector which stands first.
    """
    if len(found) < 2:
        return found
    found.sort(key=_start)
    for one, after in pairwise(found):
        if after.start < one.end:
            return list(_joined(found))
    return found


def _joined(found: list[Finding]) -> Iterator[Finding]:
    current: Finding | None = None
    for one in found:
        if current is None:
            current = one
        elif one.start < current.end:
            current = replace(current, end=max(current.end, one.end))
        else:
            yield current
            current = one
    if current is not None:
        yield current
