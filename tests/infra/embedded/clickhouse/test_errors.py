"""Errors keep the engine's code and text, and get the server's status."""

import pytest

from infra.embedded.clickhouse.errors import SYNTAX_ERROR, ClickHouseError


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        (
            "Code: 60. DB::Exception: gone. (UNKNOWN_TABLE)",
            60,
            "Code: 60. DB::Exception: gone. (UNKNOWN_TABLE)",
        ),
        (
            "Streaming insert finish failed: Code: 27. DB::Exception: no\nline two",
            27,
            "Code: 27. DB::Exception: no\nline two",
        ),
        ("Code: 73. DB::Exception: Code: 73. DB::Exception: what", 73, "Code: 73. DB::Exception: what"),
        (
            "Code: 6. DB::Exception: Code: 7. DB::Exception: what",
            6,
            "Code: 6. DB::Exception: Code: 7. DB::Exception: what",
        ),
        ("something else", 1002, "Code: 1002. DB::Exception: something else (UNKNOWN_EXCEPTION)"),
        ("", 1002, "Code: 1002. DB::Exception: RuntimeError (UNKNOWN_EXCEPTION)"),
    ],
)
def test_the_engines_errors(text: str, code: int, expected: str) -> None:
    error = ClickHouseError.from_engine(RuntimeError(text))
    assert (error.code, error.text) == (code, expected)


@pytest.mark.parametrize(
    ("code", "status"),
    [(62, 400), (60, 404), (516, 403), (194, 401), (159, 408), (229, 413), (202, 503), (48, 501), (241, 500)],
)
def test_statuses(code: int, status: int) -> None:
    assert ClickHouseError(code, "").status == status


def test_the_fronts_own_errors_look_the_same() -> None:
    error = ClickHouseError.of(SYNTAX_ERROR, "no")
    assert (error.code, error.text) == (62, "Code: 62. DB::Exception: no (SYNTAX_ERROR)")
