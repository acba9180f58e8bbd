"""Multipart forms as clients send them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import encode_multipart_formdata

from infra.embedded.clickhouse.errors import ClickHouseError
from infra.embedded.clickhouse.form import form_boundary, parse_form

NAMES = st.from_regex(r"[a-z_]{1,10}", fullmatch=True)


@given(st.dictionaries(NAMES, st.text(st.characters(codec="utf-8")), min_size=1))
def test_fields_arrive_as_they_were_sent(fields: dict[str, str]) -> None:
    body, content_type = encode_multipart_formdata(fields)
    boundary = form_boundary(content_type.encode())
    assert boundary is not None
    assert dict(parse_form(body, boundary)) == fields


def test_other_content_types_are_no_forms() -> None:
    assert form_boundary(b"text/plain") is None
    assert form_boundary(b"application/x-www-form-urlencoded") is None
    assert form_boundary(b'multipart/form-data; charset=x; boundary="b"') == b"b"


def test_files_are_external_data() -> None:
    body, _ = encode_multipart_formdata({"t": ("t.csv", b"1")}, boundary="b")
    with pytest.raises(ClickHouseError, match="External data"):
        parse_form(body, b"b")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b",
        b"--b\r\nx",
        b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1',
        b"--b\r\n\r\n1\r\n--b--",
    ],
)
def test_damaged_forms_are_refused(body: bytes) -> None:
    with pytest.raises(ClickHouseError, match="BAD_ARGUMENTS"):
        parse_form(body, b"b")
