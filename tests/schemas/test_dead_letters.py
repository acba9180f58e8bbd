"""The headers of a dead letter."""

from schemas import dead_letters
from schemas.dead_letters import Origin, Stage, dead_letter_headers


def test_own_headers_come_first_and_ours_say_why_and_from_where() -> None:
    headers = dead_letter_headers(
        (("kind", b"log"),), Origin("topic", 3, 14), Stage.INSERT, "no such thing ä"
    )
    assert headers == [
        ("kind", b"log"),
        (dead_letters.HEADER_TOPIC, b"topic"),
        (dead_letters.HEADER_PARTITION, b"3"),
        (dead_letters.HEADER_OFFSET, b"14"),
        (dead_letters.HEADER_STAGE, b"insert"),
        (dead_letters.HEADER_REASON, "no such thing ä".encode()),
    ]


def test_a_long_reason_is_cut_and_an_unencodable_one_does_not_fail() -> None:
    headers = dict(dead_letter_headers((), Origin("t", 0, 0), Stage.RULES, "x" * 100_000))
    assert len(headers[dead_letters.HEADER_REASON]) == 4096
    assert (
        dict(dead_letter_headers((), Origin("t", 0, 0), Stage.RULES, "\ud800"))[dead_letters.HEADER_REASON]
        == b"?"
    )
