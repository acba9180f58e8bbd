"""The broker's properties: loopback, one node, nothing deleted by size."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.embedded.kafka.configuration import Listeners, render, server_properties


def properties() -> dict[str, str]:
    return listening()


def listening(*, host: str = "127.0.0.1", **others: Any) -> dict[str, str]:  # noqa: ANN401 - any field
    listeners = Listeners(host=host, port=9092, controller_port=40000, **others)
    return server_properties(listeners, Path("/data/kafka"))


def test_clients_and_controller_listen_where_they_are_told() -> None:
    found = properties()
    assert found["listeners"] == "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:40000"
    assert found["controller.quorum.voters"] == "1@127.0.0.1:40000"
    assert found["log.dirs"] == "/data/kafka"


def test_the_controller_stays_on_loopback_when_clients_may_come_from_elsewhere() -> None:
    found = listening(host="192.0.2.7")
    assert "CONTROLLER://127.0.0.1:40000" in found["listeners"]
    assert found["advertised.listeners"] == "PLAINTEXT://192.0.2.7:9092"


WILDCARD = "0.0.0.0"  # noqa: S104 - what these tests are about; nothing is bound


def test_a_wildcard_is_bound_but_clients_elsewhere_are_told_an_address() -> None:
    found = listening(host=WILDCARD, advertised_host="192.0.2.7", internal_port=41000)
    assert found["listeners"] == (
        "PLAINTEXT://0.0.0.0:9092,INTERNAL://127.0.0.1:41000,CONTROLLER://127.0.0.1:40000"
    )
    assert found["advertised.listeners"] == "PLAINTEXT://192.0.2.7:9092,INTERNAL://127.0.0.1:41000"
    assert found["inter.broker.listener.name"] == "INTERNAL"
    protocols = dict(pair.split(":") for pair in found["listener.security.protocol.map"].split(","))
    assert protocols == dict.fromkeys(("PLAINTEXT", "INTERNAL", "CONTROLLER"), "PLAINTEXT")


def test_ipv6_addresses_stand_in_brackets() -> None:
    found = listening(host="::", advertised_host="2001:db8::7", internal_port=41000)
    assert found["listeners"].startswith("PLAINTEXT://[::]:9092,")
    assert found["advertised.listeners"].startswith("PLAINTEXT://[2001:db8::7]:9092,")


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


def test_a_line_break_would_smuggle_a_property_in_and_is_refused() -> None:
    with pytest.raises(ValueError, match=r"log\.dirs"):
        render({"log.dirs": "/a\nauto.create.topics.enable=true"})


@given(st.dictionaries(st.from_regex(r"[a-z.]{1,9}", fullmatch=True), st.text("ab\\ =#é/", max_size=9)))
def test_each_property_is_one_line(wanted: dict[str, str]) -> None:
    lines = render(wanted).splitlines()
    assert [line.partition("=")[0] for line in lines] == list(wanted)
    assert [line.partition("=")[2].replace("\\\\", "\\") for line in lines] == list(wanted.values())
