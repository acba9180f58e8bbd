"""W3C Trace Context: what is a trace, and what is passed over."""

import pytest

from ingest_gateway.traceparent import parse_traceparent

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
GOOD = f"00-{TRACE}-{SPAN}-01"


@pytest.mark.parametrize(
    "header",
    [GOOD, f" {GOOD} ", f"01-{TRACE}-{SPAN}-01", f"cc-{TRACE}-{SPAN}-01-what-the-future-holds"],
)
def test_a_trace_is_taken_in_the_form_of_version_00(header: str) -> None:
    assert parse_traceparent(header.encode()) == GOOD


@pytest.mark.parametrize(
    "header",
    [
        "",
        "00",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}-01-more",
        f"01-{TRACE}-{SPAN}-01.more",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f'00-{TRACE}-{SPAN}-01"}}',
    ],
)
def test_what_is_none_is_passed_over(header: str) -> None:
    assert parse_traceparent(header.encode()) == ""


def test_no_header_is_no_trace() -> None:
    assert parse_traceparent(None) == ""
