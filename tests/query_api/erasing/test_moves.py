"""Statements of a move: what is bound, what attempts are called, and that no name leads to the pseudonym."""

import msgspec
import pytest

from query_api.erasing import moves
from query_api.erasing.columns import Column
from query_api.erasing.moves import Attempt
from schemas.erasures import Erasure, ErasureMode
from schemas.identity import is_valid_id

ERASURE = Erasure("e1", "acme", ErasureMode.ANONYMISE, 1, "ada", agent_id="gone", up_to=5)
COLUMNS = [
    Column("tenant_id", "LowCardinality(String)", True),
    Column("agent_id", "String", True),
    Column("message", "String", False),
    Column("state", "String", False),
    Column("event_time", "DateTime64(3, 'UTC')", True),
]


def test_no_two_attempts_share_a_pseudonym_and_their_names_do_not_tell_it() -> None:
    one, other = Attempt("e1"), Attempt("e1")
    assert is_valid_id(one.pseudonym)
    assert len({one.pseudonym, other.pseudonym, one.attempt_id, other.attempt_id}) == 4
    assert one.key != other.key
    name = one.copies_of("agent_logs")
    assert name.startswith(moves.copies_prefix("e1"))
    assert one.pseudonym.removeprefix(moves.PSEUDONYM_PREFIX) not in name
    assert one.pseudonym not in moves.note_pseudonym(one).sql


def test_tables_of_a_move_are_no_tables_to_erase_from() -> None:
    assert Attempt("e1").copies_of("agent_logs").startswith(".")
    assert moves.pseudonyms_of("e1").startswith(".")


def test_rows_are_copied_column_by_column_without_aliases() -> None:
    copied = moves.copy_rows(Attempt("e1"), ERASURE, "agent_logs", COLUMNS)
    assert " AS " not in copied.sql
    assert "gone" not in copied.sql
    assert copied.parameters["agent_id"] == "gone"
    assert set(copied.parameters) == {"tenant_id", "agent_id", "pseudonym"}


def test_only_parameters_that_are_used_are_bound() -> None:
    columns = [*COLUMNS, Column("rule", "String", False), Column("trace_id", "String", False)]
    copied = moves.copy_rows(Attempt("e1"), ERASURE, "alerts", columns)
    assert {"id_pattern", "key_high", "key_low"} <= set(copied.parameters)


@pytest.mark.parametrize("close", [moves.close_alerts, moves.close_status])
def test_what_is_open_under_a_pseudonym_is_closed_at_the_end_of_the_agent(
    close: object,
) -> None:
    assert callable(close)
    closing = close(COLUMNS, msgspec.structs.replace(ERASURE, up_to=7), "anonymous-1")
    assert closing.parameters == {"tenant_id": "acme", "agent_id": "anonymous-1", "closed_at": 7}
