"""Where this process may connect to on behalf of somebody who only named a URL."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from schemas.networks import Address, Network, is_public, is_within, parse_address, parse_network

OUTGOING_NETWORKS = "PROMETHIOS_OUTGOING_NETWORKS"
_MAX_URL = 2048


@dataclass(frozen=True, slots=True)
class Reach:
    """Public addresses, by TLS; and the operator's own networks, which may also be spoken to in the clear."""

    own: tuple[Network, ...] = ()

    def permits(self, address: Address, *, encrypted: bool) -> bool:
        """Whether a connection to the address may be made; an IPv4 address within IPv6 counts as IPv4."""
        plain = parse_address(str(address)) or address
        return is_within(plain, self.own) or (encrypted and is_public(plain))

    def check_url(self, url: str) -> None:
        """Refuse a URL that could never be called; what a name stands for is known only at each call.

        Raises:
            ValueError: the text says what to write instead.
        """
        parts = _split(url)
        if parts.scheme not in {"https", "http"} or not parts.hostname:
            raise ValueError("must be a URL such as https://example.com/hook")
        if parts.username is not None or parts.password is not None:
            raise ValueError("must hold no user and password: what is sent is signed instead")
        if parts.fragment:
            raise ValueError("must end before its #, which is never sent")
        if parts.scheme == "http" and not self.own:
            raise ValueError(f"must be https; http is only for own networks, named in {OUTGOING_NETWORKS}")
        address = _literal(parts.hostname)
        if address is not None and not self.permits(address, encrypted=parts.scheme == "https"):
            raise ValueError(f"leads to {address}, which is not public: name it in {OUTGOING_NETWORKS}")


class OutgoingSettings(BaseSettings):
    """The variable of a process that minds where a URL leads; mixed into its settings."""

    outgoing_networks: str = Field(
        default="", description="addresses or networks, comma-separated, beside public ones, for webhooks"
    )

    @field_validator("outgoing_networks")
    @classmethod
    def _check_outgoing_networks(cls, value: str) -> str:
        _networks(value)
        return value

    @property
    def reach(self) -> Reach:
        """What PROMETHIOS_OUTGOING_NETWORKS adds to the public addresses."""
        return Reach(_networks(self.outgoing_networks))


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(parse_network(item) for item in text.split(",") if item.strip())


def _split(url: str) -> SplitResult:
    if len(url) > _MAX_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise ValueError(f"must be at most {_MAX_URL} ASCII characters without spaces, escaped where needed")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ValueError("must be a URL such as https://example.com/hook") from error
    return parts


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
