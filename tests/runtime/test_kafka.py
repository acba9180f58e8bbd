"""How aiokafka's clients are told to reach a cluster, and what our producers promise."""

import ssl

import pytest

from runtime.kafka import connection, producer
from runtime.settings import parse_kafka_url


def test_a_plain_broker_needs_no_credentials() -> None:
    assert connection(parse_kafka_url("kafka://x:1")) == {
        "bootstrap_servers": "x:1",
        "security_protocol": "PLAINTEXT",
    }


def test_a_cluster_gets_tls_that_verifies_and_scram() -> None:
    arguments = connection(parse_kafka_url("kafka+sasl_ssl://user:pass@x:1"))
    assert arguments["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert arguments["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (arguments["sasl_plain_username"], arguments["sasl_plain_password"]) == ("user", "pass")


async def test_a_producer_cannot_wait_for_less_than_all_replicas() -> None:
    with pytest.raises(ValueError, match="acks"):
        producer(parse_kafka_url("kafka://x:1"), client_id="test", acks=1)
