"""OTLP/JSON as senders write it: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding."""

import json
from typing import Any

import pytest

from ingest_gateway.otlp.json_codec import JsonCodec
from ingest_gateway.otlp.model import Signal
from runtime.problems import ProblemError
from tests.ingest_gateway.otlp.mapping import LIMITS
from tests.ingest_gateway.otlp.samples import SPAN_ID

CODEC = JsonCodec(LIMITS)


def first_record(body: bytes) -> Any:  # noqa: ANN401 - a record
    return CODEC.decode(Signal.LOGS, body).resource_logs[0].scope_logs[0].log_records[0]


def logs(record: str) -> bytes:
    return b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[%b]}]}]}' % record.encode()


def value(content: str) -> Any:  # noqa: ANN401 - any JSON value
    return CODEC.reader().value(first_record(logs(f'{{"body":{content}}}')).body)


@pytest.mark.parametrize("number", ["1800000000000000000", '"1800000000000000000"'])
def test_long_integers_are_numbers_or_texts(number: str) -> None:
    assert first_record(logs(f'{{"timeUnixNano":{number}}}')).time_unix_nano == 1_800_000_000_000_000_000


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ('{"intValue":"-9223372036854775808"}', -(2**63)),
        ('{"intValue":7}', 7),
        ('{"doubleValue":"NaN"}', "NaN"),
        ('{"doubleValue":"-Infinity"}', "-Infinity"),
        ('{"doubleValue":3}', 3.0),
        ('{"stringValue":"null"}', "null"),
        ('{"stringValue":"5"}', "5"),
        ('{"boolValue":false}', False),
        ('{"bytesValue":"AQI="}', "AQI="),
        ('{"arrayValue":{}}', []),
        ('{"arrayValue":{"values":[{"intValue":"1"},{}]}}', [1, None]),
        ('{"kvlistValue":{"values":[{"key":"k","value":null},{}]}}', {"k": None, "": None}),
        ('{"stringValue":null}', None),
        ("{}", None),
        ("null", None),
    ],
)
def test_values(content: str, read: Any) -> None:  # noqa: ANN401 - any JSON value
    assert value(content) == read


def test_unknown_fields_and_those_that_we_do_not_keep_are_ignored() -> None:
    record = first_record(logs('{"unheard":{"of":[1]},"flags":257,"severityNumber":9}'))
    assert record.severity_number == 9


def test_ids_are_hexadecimal_in_either_case() -> None:
    assert CODEC.identifier(SPAN_ID.hex().upper(), 8) == SPAN_ID.hex()


@pytest.mark.parametrize(
    "raw", ["b7ad6b716920333g", "b7ad6b71 9203331", " " * 16, "AAAAAAAAAAA=", b"12345678"]
)
def test_what_is_not_hexadecimal_is_no_id(raw: str | bytes) -> None:
    assert CODEC.identifier(raw, 8) == ""


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "truncated"),
        (b"{", "truncated"),
        (b"[]", "Expected `object`, got `array`"),
        (logs('{"timeUnixNano":-1}'), "`$.resourceLogs[0].scopeLogs[0].logRecords[0].timeUnixNano`"),
        (logs('{"timeUnixNano":"soon"}'), "Expected `int | null`, got `str`"),
        (logs('{"severityNumber":"SEVERITY_NUMBER_INFO"}'), "Expected `int | null`, got `str`"),
        (logs('{"body":{"intValue":9223372036854775808}}'), "`int` <= 9223372036854775807"),
        (logs('{"body":{"intValue":%s}}' % ("9" * 200_000)), "Integer value out of range"),
        (logs('{"body":{"doubleValue":NaN}}'), "malformed"),
        (logs('{"body":{"stringValue":"\\ud800"}}'), ""),
        (logs('{"body":{"stringValue":"\xff"}}').decode().encode("latin-1"), "utf-8"),
        (b'{"x":' * 100_000, "it is nested too deep"),
        (logs('{"body":' + '{"arrayValue":{"values":[' * 100_000), "it is nested too deep"),
        (b"\xef\xbb\xbf{}", "malformed"),
        ("{}".encode("utf-16"), "malformed"),
    ],
)
def test_what_is_not_such_a_request_is_refused(body: bytes, detail: str) -> None:
    with pytest.raises(ProblemError) as refused:
        CODEC.decode(Signal.LOGS, body)
    assert refused.value.kind.tag == "bad-json"
    assert detail in refused.value.detail


def test_of_two_equal_names_the_last_counts() -> None:
    body = json.dumps({"severityNumber": 9})[:-1] + ',"severityNumber":17}'
    assert first_record(logs(body)).severity_number == 17
