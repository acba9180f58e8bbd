"""Rows of a request, masked."""

from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from privacy.detectors.email import EMAIL
from privacy.detectors.registry import DETECTORS
from privacy.effort import Effort
from privacy.masker import Masker
from privacy.policy import DEFAULT
from privacy.rows import _masked_texts, mask_rows
from privacy.trigger import make_triggers
from schemas.messages.cost import CostMetric, CostRow
from schemas.messages.event import EventRow, EventType
from schemas.messages.log import LogRow
from schemas.messages.metrics import MetricsRow
from schemas.messages.otel_metric import OtelMetricRow
from schemas.messages.values import LogLevel
from schemas.messages.violation import ViolationRow
from schemas.privacy import OwnPattern, PrivacyMode
from schemas.stamps import encode_row
from tests.privacy.samples import ALL, CANARIES, SURVIVORS

# Else the first example would take longer than examples may.
make_triggers()

texts = st.lists(
    st.sampled_from([*CANARIES, *SURVIVORS[:-1], "password=hunter2", "\n", '"', "\\", " "]), max_size=3
).map("".join)
contexts = st.none() | st.dictionaries(
    st.sampled_from(["a", "message", "password", "x-api-key"]), texts | st.lists(texts, max_size=2)
)
rows = st.lists(st.tuples(texts, contexts), max_size=5)


def masked(*logs: tuple[str, Any], masker: Masker = ALL) -> list[dict[str, Any]]:
    made = [LogRow(LogLevel.INFO, message, context) for message, context in logs]
    return [
        msgspec.json.decode(row)
        for row in mask_rows(made, [encode_row(row) for row in made], encode_row, masker)
    ]


@given(rows)
def test_looking_at_all_rows_at_once_misses_nothing(logs: list[tuple[str, Any]]) -> None:
    for (message, context), row in zip(logs, masked(*logs), strict=True):
        assert row["message"] == ALL.mask_text(message, DETECTORS, Effort())
        assert row.get("context") == ALL.mask_json(context, DETECTORS, Effort())


pieces = st.lists(
    st.sampled_from([*CANARIES, "password=hunter2", "://a:b@c", "0049 30 1234567", *' \n\t"\\0a+(:']),
    max_size=3,
).map("".join)
trees = st.recursive(
    pieces,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "token", "to\nken"]), inner)
    ),
    max_leaves=5,
)


@example([("a@b.co", {"a": ["a@b.co"]}), ("", {"a": ["a@b.co"]}), ("a@b.co", {"a": ["x"]})])
@example([("a@b.co", {"token": "x"}), ("", {"a": {"token": ["x"]}})])
@given(st.lists(st.tuples(pieces, st.dictionaries(st.sampled_from(["a", "token"]), trees)), max_size=4))
def test_a_context_is_looked_at_where_it_holds_something(
    logs: list[tuple[str, Any]],
) -> None:
    for (message, context), row in zip(logs, masked(*logs), strict=True):
        assert row["message"] == ALL.mask_text(message, DETECTORS, Effort())
        assert row.get("context", {}) == ALL.mask_json(context, DETECTORS, Effort())


@example([("-----BEGIN PRIVATE KEY-----", None), ("x", None), ("-----BEGIN PRIVATE KEY-----", None)])
@example([("password", None), ("=hunter2 a@b.co", None), ("a@b.co", None)])
@given(
    st.lists(st.tuples(pieces.map(lambda text: text.replace("\\", "")), st.none()), min_size=2, max_size=5)
)
def test_texts_that_are_masked_together_do_not_touch(logs: list[tuple[str, Any]]) -> None:
    for (message, _), row in zip(logs, masked(*logs), strict=True):
        assert row["message"] == ALL.mask_text(message, DETECTORS, Effort())


def test_own_patterns_do_not_touch_either() -> None:
    own = (OwnPattern("pair", r"x\sy"),)
    masker = Masker(msgspec.structs.replace(DEFAULT, personal_data=PrivacyMode.MASK, patterns=own))
    rows = masked(("a@b.co x", None), ("y a@b.co", None), masker=masker)
    assert [row["message"] for row in rows] == ["[email] x", "y [email]"]


def test_texts_that_are_not_examined_together_are_not_passed_on() -> None:
    texts = _masked_texts([b"a@b.co", b"a@b.co", b"x"], [EMAIL], ALL, Effort(1))
    assert texts == [b"[unexamined]", b"[unexamined]", b"x"]


def test_a_text_with_escapes_is_masked_as_it_was_written() -> None:
    (row,) = masked(("password\t=hunter2", None))
    assert row["message"] == "password\t=[secret]"


class Labelled(msgspec.Struct):
    """A row with a field of its own kind."""

    FREE_TEXT: ClassVar[tuple[str, ...]] = ("name",)

    labels: dict[str, str]
    name: str


def test_a_text_within_another_field_is_not_taken_for_one_of_the_row() -> None:
    (row,) = masked(("x", {"message": "a@b.co", "token": {"message": "y a@b.co"}}))
    assert row["context"] == {"message": "[email]", "token": {"message": "[secret]"}}
    labelled = Labelled({"name": "a@b.co"}, "x")
    assert mask_rows([labelled], [encode_row(labelled)], encode_row, ALL) == [encode_row(labelled)]


def test_of_several_texts_in_a_row_each_is_masked() -> None:
    row = EventRow(EventType.TOOL_CALL, name="a@b.co", run_id="c@d.co", message="to e@f.co")
    (line,) = mask_rows([row], [encode_row(row)], encode_row, ALL)
    changed = msgspec.json.decode(line)
    assert (changed["name"], changed["run_id"], changed["message"]) == ("[email]", "c@d.co", "to [email]")


@pytest.mark.parametrize("row", [EventRow, LogRow, MetricsRow, OtelMetricRow, ViolationRow])
def test_fields_have_their_own_names_in_json(row: type[msgspec.Struct]) -> None:
    assert row.__struct_encode_fields__ == row.__struct_fields__


def test_rows_without_anything_are_the_same_bytes() -> None:
    made = [LogRow(LogLevel.INFO, "nothing"), LogRow(LogLevel.INFO, "to a@b.co")]
    encoded = [encode_row(row) for row in made]
    first = encoded[0]
    assert mask_rows(made, encoded, encode_row, ALL)[0] is first
    assert mask_rows([], [], encode_row, ALL) == []


def test_names_and_ids_stay() -> None:
    row = CostRow(CostMetric.TOKENS_IN, "1", run_id="a@b.co")
    assert mask_rows([row], [encode_row(row)], encode_row, ALL) == [encode_row(row)]


def test_own_patterns_are_found_with_and_without_escapes() -> None:
    masker = Masker(msgspec.structs.replace(DEFAULT, patterns=(OwnPattern("staff", r"^E-\d+|\bF-\d+$"),)))
    (first, second) = masked(("E-1 E-2", {"a": ["F-3"]}), ("line\nF-4", None), masker=masker)
    assert (first["message"], first["context"]) == ("[staff] E-2", {"a": ["[staff]"]})
    assert second["message"] == "line\n[staff]"


def test_own_patterns_are_found_beside_what_detectors_find() -> None:
    masker = Masker(
        msgspec.structs.replace(
            DEFAULT, personal_data=PrivacyMode.MASK, patterns=(OwnPattern("staff", r"\bE-\d+"),)
        )
    )
    (row,) = masked(("to a@b.co", {"a": ["E-1"]}), masker=masker)
    assert (row["message"], row["context"]) == ("to [email]", {"a": ["[staff]"]})


def test_with_everything_off_nothing_is_changed() -> None:
    off = msgspec.structs.replace(DEFAULT, secrets=PrivacyMode.OFF, own_patterns=PrivacyMode.OFF)
    (row,) = masked(("password=x a@b.co", None), masker=Masker(off))
    assert row["message"] == "password=x a@b.co"


def test_a_request_that_is_all_findings_ends_in_time() -> None:
    logs = [("a@b.co " * 9_000, None)] * 8
    assert [row["message"][:12] for row in masked(*logs)] == ["[email] [ema"] * 6 + ["[unexamined]"] * 2
