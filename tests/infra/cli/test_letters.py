"""Letters are shown so that nothing in them speaks to the terminal."""

from infra.cli.letters import as_fields, as_lines, in_one_line, seconds_text
from schemas.dead_letters import HEADER_TABLE
from tests.infra.dead_letters.fake_log import NOW, failed, letter


def shown(value: bytes, *headers: tuple[str, bytes]) -> list[str]:
    return list(as_lines(letter("insert", value, headers, extra=[(HEADER_TABLE, b"t")]), with_value=True))


def test_what_steers_a_terminal_is_written_out() -> None:
    assert in_one_line("a\x1b[31mb\nc\u202ed ä") == "a\\x1b[31mb\\nc\\u202ed ä"
    assert not any("\x1b" in line for line in shown(b"\x1b]0;title\x07", ("h\x1b", b"\x1b")))


def test_a_text_is_shown_line_by_line_and_bytes_in_hexadecimal() -> None:
    assert shown(b'{"a":1}\n{"b":2}\n')[-2:] == ['{"a":1}', '{"b":2}']
    assert shown(b"\xff\x00A")[-1] == f"00000000  {'ff 00 41':<47}  ..A"


def test_of_long_bytes_the_first_are_shown() -> None:
    *_, text, more = shown("ä".encode() * 20_000)
    assert len(text) == 8192
    assert more == "… 23616 bytes more: --raw FILE has them all"
    *_, cut, _ = shown(b"x" + "ä".encode() * 20_000)
    assert len(cut) == 8192
    assert shown(b"\xff" * 20_000)[-2].startswith("00003ff0  ff ff")


def test_the_fields_say_where_it_is_from_and_why() -> None:
    lines = shown(b"", ("kind", b"log"), ("x", b"\xff"))
    for line in ("letter       telemetry.v1:0:0", "reason       why", "offset       7", "table        t"):
        assert line in lines
    assert "header       kind: log" in lines
    assert "header       x: 0xff" in lines
    assert "key          key" in lines
    assert not any(line.startswith("segments") for line in lines)


def test_without_its_value_it_ends_with_its_headers() -> None:
    one = letter("rules", b"secret", extra=[failed(0, 3)])
    lines = list(as_lines(one, with_value=False))
    assert "segments     0, 3" in lines
    assert not any("secret" in line for line in lines)


def test_programs_get_bytes_in_base64_and_only_of_a_whole_letter() -> None:
    one = letter("rules", b"\xff", [("x", b"\xfe")])
    assert as_fields(one, whole=True) | {"value": "/w==", "headers": [{"name": "x", "value": "/g=="}]} == (
        as_fields(one, whole=True)
    )
    assert "value" not in as_fields(one)


def test_a_moment_is_shown_to_the_second() -> None:
    assert seconds_text(NOW) == "2027-01-15 08:00:00Z"
