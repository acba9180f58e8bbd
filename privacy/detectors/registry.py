"""All detectors that come with Promethios."""

from privacy.detection import DataClass, Detector
from privacy.detectors.api_key import API_KEY
from privacy.detectors.card import CARD
from privacy.detectors.email import EMAIL
from privacy.detectors.http_credentials import AUTHORIZATION, URL_PASSWORD
from privacy.detectors.iban import IBAN
from privacy.detectors.ip_address import IPV4, IPV6
from privacy.detectors.jwt import JWT
from privacy.detectors.named_secret import NAMED_SECRET
from privacy.detectors.phone import PHONE
from privacy.detectors.private_key import PRIVATE_KEY

DETECTORS = (
    PRIVATE_KEY,
    API_KEY,
    JWT,
    AUTHORIZATION,
    URL_PASSWORD,
    NAMED_SECRET,
    EMAIL,
    CARD,
    IBAN,
    PHONE,
    IPV4,
    IPV6,
)


def detectors_of(classes: frozenset[DataClass]) -> tuple[Detector, ...]:
    """Those that find something of these classes."""
    return tuple(detector for detector in DETECTORS if detector.data_class in classes)
