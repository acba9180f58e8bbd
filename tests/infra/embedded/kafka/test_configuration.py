"""The broker's properties: loopback, one node, nothing deleted by size."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.embedded.kafka.configuration import Listeners, render, server_properties
from infra.embedded.kafka.security import security_properties


def properties() -> dict[str, str]:
    return listening()


def listening(*, host: str = "127.0.0.1", advertised_host: str | None = None) -> dict[str, str]:
    listeners = Listeners(
        host=host,
        port=9092,
        internal_port=41000,
        controller_port=40000,
        anonymous=True,
        advertised_host=advertised_host,
    )
    return server_properties(listeners, Path("/data/kafka"), "secret")


def test_everybody_listens_where_they_are_told() -> None:
    found = properties()
    assert found["listeners"] == (
        "PUBLIC://127.0.0.1:9092,INTERNAL://127.0.0.1:41000,CONTROLLER://127.0.0.1:40000"
    )
    assert found["controller.quorum.voters"] == "1@127.0.0.1:40000"
    assert found["inter.broker.listener.name"] == "INTERNAL"
    assert found["log.dirs"] == "/data/kafka"


def test_ourselves_and_the_controller_stay_on_loopback_when_clients_may_come_from_elsewhere() -> None:
    found = listening(host="192.0.2.7")
    assert found["listeners"].endswith("INTERNAL://127.0.0.1:41000,CONTROLLER://127.0.0.1:40000")
    assert found["advertised.listeners"] == "PUBLIC://192.0.2.7:9092,INTERNAL://127.0.0.1:41000"


def test_a_wildcard_is_bound_but_clients_elsewhere_are_told_an_address() -> None:
    found = listening(host="0.0.0.0", advertised_host="192.0.2.7")  # noqa: S104 - nothing is bound
    assert found["listeners"].startswith("PUBLIC://0.0.0.0:9092,")
    assert found["advertised.listeners"].startswith("PUBLIC://192.0.2.7:9092,")


def test_ipv6_addresses_stand_in_brackets() -> None:
    found = listening(host="::", advertised_host="2001:db8::7")
    assert found["listeners"].startswith("PUBLIC://[::]:9092,")
    assert found["advertised.listeners"].startswith("PUBLIC://[2001:db8::7]:9092,")


def test_the_properties_say_who_is_let_in() -> None:
    assert properties().items() >= security_properties(anonymous=True, secret="secret").items()


def test_nothing_is_deleted_by_size_and_no_topic_is_made_unasked() -> None:
    found = properties()
    assert "log.retention.bytes" not in found
    assert found["auto.create.topics.enable"] == "false"
    assert found["message.max.bytes"] == str(16 * 1024 * 1024)
    assert found["num.partitions"] == "4"


def test_every_internal_topic_is_content_with_one_broker() -> None:
    factors = [value for name, value in properties().items() if name.endswith("replication.factor")]
    assert len(factors) == 4
    assert set(factors) == {"1"}


def test_a_controller_without_followers_writes_nothing_while_nothing_happens() -> None:
    assert properties()["metadata.max.idle.interval.ms"] == "0"


def test_a_line_break_would_smuggle_a_property_in_and_is_refused() -> None:
    with pytest.raises(ValueError, match=r"log\.dirs"):
        render({"log.dirs": "/a\nauto.create.topics.enable=true"})


@given(st.dictionaries(st.from_regex(r"[a-z.]{1,9}", fullmatch=True), st.text("ab\\ =#é/", max_size=9)))
def test_each_property_is_one_line(wanted: dict[str, str]) -> None:
    lines = render(wanted).splitlines()
    assert [line.partition("=")[0] for line in lines] == list(wanted)
    assert [line.partition("=")[2].replace("\\\\", "\\") for line in lines] == list(wanted.values())
