"""What a request's URL, headers and form say."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.embedded.clickhouse.errors import ClickHouseError
from infra.embedded.clickhouse.request import Request, parse_request


def test_arguments_settings_and_parameters_are_told_apart() -> None:
    request = parse_request(
        b"query=SELECT+1&database=d&default_format=JSON&query_id=q&session_id=s&session_timeout=5&session_check=1"
        b"&wait_end_of_query=1&buffer_size=10&max_threads=2&param_x=a%5Cb&param_y=&quota_key=k"
        b"&client_protocol_version=54460",
        {},
    )
    assert request == Request(
        query=b"SELECT 1",
        database="d",
        default_format="JSON",
        query_id="q",
        session_id="s",
        session_timeout=5.0,
        session_check=True,
        wait_end_of_query=True,
        buffer_size=10,
        client_protocol_version=54460,
        settings={"max_threads": "2"},
        parameters={"x": "a\\b", "y": ""},
    )


def test_headers_and_forms() -> None:
    headers = {b"x-clickhouse-database": b"d", b"x-clickhouse-format": b"CSV", b"x-clickhouse-query-id": b"q"}
    request = parse_request(b"database=url&param_x=1", headers, [("query", "SELECT 2"), ("param_x", "2")])
    assert (request.database, request.default_format, request.query_id) == ("url", "CSV", "q")
    assert (request.query, request.parameters) == (b"SELECT 2", {"x": "2"})


def test_a_query_id_cannot_break_the_header_it_is_repeated_in() -> None:
    assert parse_request(b"query_id=a%0D%0Ab%C3%A9", {}).query_id == "a??b?"


@pytest.mark.parametrize(
    ("query_string", "code"),
    [
        (b"session_timeout=-1", 374),
        (b"session_timeout=3601", 374),
        (b"session_timeout=x", 374),
        (b"buffer_size=many", 36),
        (b"compress=1", 48),
        (b"decompress=1", 48),
        (b"role=admin", 48),
        (b"&".join([b"a=1"] * 10_001), 36),
        (b"a=\xff", 36),
    ],
)
def test_bad_arguments_are_refused(query_string: bytes, code: int) -> None:
    with pytest.raises(ClickHouseError) as caught:
        parse_request(query_string, {})
    assert caught.value.code == code


@given(st.dictionaries(st.from_regex(r"[a-z]{4,9}_x", fullmatch=True), st.text(st.characters(codec="utf-8"))))
def test_settings_and_parameters_arrive_as_they_were_sent(values: dict[str, str]) -> None:
    sent = urlencode({**values, **{f"param_{name}": value for name, value in values.items()}})
    request = parse_request(sent.encode(), {})
    assert request.settings == values
    assert request.parameters == values
