"""Everybody has a name of their own."""

from infra.kafka.principals import ADMIN, ANONYMOUS, BROKER, READER, SERVICE_USERS, USERS
from schemas.topics import Service


def test_every_service_is_a_user() -> None:
    assert set(SERVICE_USERS) == set(Service)


def test_no_two_are_the_same() -> None:
    everybody = [ADMIN, READER, BROKER, ANONYMOUS, *SERVICE_USERS.values()]
    assert len(set(everybody)) == len(everybody)
    assert set(USERS) == set(everybody) - {BROKER, ANONYMOUS}
