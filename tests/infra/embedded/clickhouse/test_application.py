"""The routes and errors of the HTTP interface, as a client without any library sees them."""

import pytest

from tests.infra.embedded.clickhouse.front import AUTHORIZATION, PASSWORD, USER, EmbeddedClickHouse


def test_ping_needs_no_password(clickhouse_front: EmbeddedClickHouse) -> None:
    for path in ("ping", "replicas_status", ""):
        response = clickhouse_front.http.request("GET", clickhouse_front.url + path)
        assert (response.status, response.data) == (200, b"Ok.\n")


def test_unknown_paths_and_methods_are_refused(clickhouse_front: EmbeddedClickHouse) -> None:
    assert clickhouse_front.http.request("GET", clickhouse_front.url + "nope").status == 404
    assert clickhouse_front.http.request("DELETE", clickhouse_front.url).status == 405


@pytest.mark.parametrize(
    ("arguments", "headers"),
    [
        ("", AUTHORIZATION),
        ("", {"X-ClickHouse-User": USER, "X-ClickHouse-Key": PASSWORD}),
        ("?user=promethios&password=s3cret%20%27quoted%27%20%5C%20password", {}),
    ],
)
def test_every_way_to_say_the_password(
    clickhouse_front: EmbeddedClickHouse, arguments: str, headers: dict[str, str]
) -> None:
    response = clickhouse_front.http.request(
        "POST", clickhouse_front.url + arguments, body="SELECT 1", headers=headers
    )
    assert (response.status, response.data) == (200, b"1\n")


def test_a_client_that_offers_another_protocol_keeps_its_body(clickhouse_front: EmbeddedClickHouse) -> None:
    offer = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABk"}
    response = clickhouse_front.http.request(
        "POST", clickhouse_front.url, body="SELECT 1", headers={**AUTHORIZATION, **offer}
    )
    assert (response.status, response.data) == (200, b"1\n")


@pytest.mark.parametrize("headers", [{}, {"X-ClickHouse-User": USER}, {"Authorization": "Basic eDp5"}])
def test_without_the_password_nothing_runs(
    clickhouse_front: EmbeddedClickHouse, headers: dict[str, str]
) -> None:
    response = clickhouse_front.http.request("POST", clickhouse_front.url, body="SELECT 1", headers=headers)
    assert response.status == 403
    assert response.headers["X-ClickHouse-Exception-Code"] == "516"
    assert b"AUTHENTICATION_FAILED" in response.data


@pytest.mark.parametrize(
    ("sql", "status", "code"),
    [
        ("SELECT * FROM no_such_table", 404, 60),
        ("SELECT no_such_column", 404, 47),
        ("SELEC 1", 400, 62),
        ("", 400, 62),
        ("SELECT 1; SELECT 2", 400, 62),
        ("SELECT 1 FORMAT NoSuchFormat", 404, 73),
        ("SELECT 1 SETTINGS no_such_setting = 1", 404, 115),
        ("SELECT throwIf(1)", 500, 395),
        ("CREATE USER somebody", 501, 48),
        ("KILL QUERY WHERE 1", 501, 48),
        ("SELECT 1 INTO OUTFILE '/tmp/never'", 500, 358),
        (b"SELECT '\xff'", 400, 62),
    ],
)
def test_errors_have_the_codes_of_the_server(
    clickhouse_front: EmbeddedClickHouse, sql: str | bytes, status: int, code: int
) -> None:
    response = clickhouse_front.request(sql)
    assert response.headers["X-ClickHouse-Exception-Code"] == str(code)
    assert response.status == status
    assert response.data.startswith(f"Code: {code}. DB::Exception: ".encode())
    assert response.data.count(b"DB::Exception") == 1


def test_get_cannot_modify(clickhouse_front: EmbeddedClickHouse) -> None:
    url = clickhouse_front.url + "?query="
    assert clickhouse_front.http.request("GET", url + "SELECT%201", headers=AUTHORIZATION).data == b"1\n"
    response = clickhouse_front.http.request("GET", url + "DROP%20TABLE%20x", headers=AUTHORIZATION)
    assert response.headers["X-ClickHouse-Exception-Code"] == "164"


def test_a_response_names_query_format_and_time_zone(clickhouse_front: EmbeddedClickHouse) -> None:
    response = clickhouse_front.request("SELECT 1", query_id="my\r\nid", default_format="JSONEachRow")
    assert response.headers["X-ClickHouse-Query-Id"] == "my??id"
    assert response.headers["X-ClickHouse-Format"] == "JSONEachRow"
    assert response.headers["X-ClickHouse-Timezone"]
    assert response.headers["X-ClickHouse-Server-Display-Name"]
    assert '"read_rows":"1"' in response.headers["X-ClickHouse-Summary"]


def test_a_query_may_come_in_parts_and_as_a_form(clickhouse_front: EmbeddedClickHouse) -> None:
    assert clickhouse_front.query("SELECT 1", b"+ 1") == "2\n"
    response = clickhouse_front.http.request(
        "POST",
        clickhouse_front.url,
        fields={"query": "SELECT {x:UInt8} + 1", "param_x": "4"},
        headers=AUTHORIZATION,
    )
    assert (response.status, response.data) == (200, b"5\n")


def test_external_data_is_refused(clickhouse_front: EmbeddedClickHouse) -> None:
    response = clickhouse_front.http.request(
        "POST",
        clickhouse_front.url + "?query=SELECT+1",
        fields={"table": ("table.csv", b"1", "text/csv")},
        headers=AUTHORIZATION,
    )
    assert (response.status, response.headers["X-ClickHouse-Exception-Code"]) == (501, "48")
