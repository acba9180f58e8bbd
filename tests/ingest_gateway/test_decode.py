"""Bodies in every form, and every way to be wrong."""

import codecs
import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_gateway.decode import MAX_REPORTED_ERRORS, PayloadDecoder, check_values
from ingest_gateway.limits import Limits
from runtime.problems import ProblemError
from schemas.messages.log import LogPayload

DECODER = PayloadDecoder(LogPayload, Limits(max_events=100))
GOOD = b'{"agentId":"a","level":"info","message":"m"}'
WRONG = b'{"agentId":"a","level":"loud","message":"m"}'


def problem_of(body: bytes, *, lines: bool = False) -> ProblemError:
    with pytest.raises(ProblemError) as refused:
        DECODER.decode(body, lines=lines)
    return refused.value


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (GOOD, 1),
        (b" \r\n" + GOOD, 1),
        (b"[" + GOOD + b"," + GOOD + b"]", 2),
        (b"\n [" + GOOD + b"]", 1),
        (GOOD + b"\n" + GOOD + b"\n", 2),
        (GOOD + b"\r\n\r\n" + GOOD, 2),
    ],
)
@pytest.mark.parametrize("lines", [False, True])
def test_one_object_an_array_and_lines_are_all_taken(body: bytes, events: int, lines: bool) -> None:
    assert len(DECODER.decode(body, lines=lines)) == events


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b"[" + GOOD,
        b"[" + GOOD + b"]]",
        GOOD + b"\n{",
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        GOOD.replace(b'"m"', b'"\xff"'),
        GOOD.replace(b'"m"', b'"\\ud800"'),
        GOOD.replace(b'"m"', b"NaN"),
        GOOD.replace(b"}", b',"context":' + b"[" * 100_000),
        b"[" * 100_000,
    ],
)
def test_what_is_not_json_is_bad_json(body: bytes) -> None:
    assert problem_of(body).kind.tag == "bad-json"


@pytest.mark.parametrize("lines", [False, True])
def test_no_event_at_all_is_refused(lines: bool) -> None:
    assert problem_of(b"[]", lines=lines).kind.tag == "no-events"
    assert problem_of(b"\n\n", lines=True).kind.tag == "no-events"


@pytest.mark.parametrize("form", ["array", "lines"])
def test_each_wrong_event_is_named(form: str) -> None:
    events = [GOOD, WRONG, GOOD, b"3", GOOD.replace(b'"message":"m"', b'"note":"m"')]
    body = b"[" + b",".join(events) + b"]" if form == "array" else b"\n".join(events)
    problem = problem_of(body, lines=form == "lines")
    assert problem.kind.tag == "bad-fields"
    assert [(error["index"], error["field"]) for error in problem.errors] == [
        (1, "level"),
        (3, ""),
        (4, "note"),
    ]


def test_a_wrong_single_event_has_index_0() -> None:
    reason = "Invalid enum value 'loud': it is one of debug, info, warn, error"
    assert problem_of(WRONG).errors == [{"index": 0, "field": "level", "reason": reason}]


def test_reported_errors_are_bounded() -> None:
    assert len(problem_of(b"[" + b",".join([WRONG] * 99) + b"]").errors) == MAX_REPORTED_ERRORS


def test_a_number_without_bound_is_refused() -> None:
    for number in (b"1" * 200_000, b"1e999"):
        assert problem_of(GOOD.replace(b"}", b',"context":' + number + b"}")).kind.tag == "bad-fields"


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        (codecs.BOM_UTF8 + GOOD, "byte order mark"),
        (GOOD.decode().encode("utf-16"), "send UTF-8"),
        (GOOD.decode().encode("utf-16-le"), "send UTF-8"),
        (GOOD.decode().encode("utf-32-be"), "send UTF-8"),
        (GOOD.replace(b'"m"', b"NaN"), "invalid character"),
        (GOOD.replace(b'"m"', b'"a\0b"'), "invalid character"),
        (GOOD.replace(b'"m"', b'"\\ud800"'), "surrogate"),
    ],
)
def test_the_usual_mistakes_are_called_by_their_names(body: bytes, hint: str) -> None:
    assert hint in problem_of(body).detail


def test_of_a_repeated_key_the_last_counts() -> None:
    (event,) = DECODER.decode(GOOD.replace(b'"m"', b'"m","message":"n"'), lines=False)
    assert event.message == "n"


def test_a_large_body_names_its_first_wrong_event_only() -> None:
    padding = GOOD.replace(b'"m"', b'"' + b"m" * 60_000 + b'"')
    body = b"[" + b",".join([padding] * 20 + [WRONG, WRONG]) + b"]"
    assert [error["index"] for error in problem_of(body).errors] == [20]
    assert [error["index"] for error in problem_of(body[1:-1].replace(b"},", b"}\n"), lines=True).errors] == [
        20
    ]
    assert problem_of(padding.replace(b"info", b"loud")).errors[0]["field"] == "level"


def test_a_body_may_hold_so_many_values() -> None:
    check_values(b"[" + b"0," * 1000 + b"0]", 1000)
    with pytest.raises(ProblemError) as refused:
        check_values(b"[" + b"0," * 1001 + b"0]", 1000)
    assert (refused.value.kind.status, refused.value.kind.tag) == (413, "too-many-values")


def test_a_million_keys_are_not_even_decoded() -> None:
    keys = b",".join(b'"%d":0' % number for number in range(1_000_000))
    body = GOOD.replace(b"}", b',"context":{' + keys + b"}}")
    assert PayloadDecoder(LogPayload, Limits()).decode(GOOD, lines=False)
    with pytest.raises(ProblemError, match="too-many-values"):
        PayloadDecoder(LogPayload, Limits()).decode(body, lines=False)


def test_too_many_events_are_refused() -> None:
    assert len(DECODER.decode(b"\n".join([GOOD] * 100), lines=True)) == 100
    assert problem_of(b"\n".join([GOOD] * 101), lines=True).kind.tag == "too-many-events"


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_give_events_or_a_problem(body: bytes, lines: bool) -> None:
    # No other exception than a problem may come out.
    with contextlib.suppress(ProblemError):
        assert DECODER.decode(body, lines=lines)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_gives_events_or_a_problem(value: object) -> None:
    try:
        body = msgspec.json.encode(value)
    except UnicodeEncodeError:
        return
    assert problem_of(body).kind.tag in {"bad-fields", "no-events"}
