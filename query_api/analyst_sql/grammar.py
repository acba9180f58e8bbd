"""From text to a syntax tree: sqlglot's ClickHouse grammar, with functions left as they are written."""

from typing import ClassVar

from sqlglot import exp
from sqlglot.dialects.clickhouse import ClickHouse
from sqlglot.errors import SqlglotError
from sqlglot.parsers.clickhouse import ClickHouseParser
from sqlglot.tokenizer_core import Token, TokenType

from query_api.analyst_sql.refusal import RefusedSqlError, forbidden, too_large, unreadable

MAX_CHARACTERS = 16_000
MAX_TOKENS = 4_000
MAX_BRACKETS = 40

# Honest queries take one or two steps a token.
_FEWEST_STEPS = 1_000
_STEPS_A_TOKEN = 15

_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})
_BEGINNINGS = frozenset({TokenType.SELECT, TokenType.WITH, TokenType.FROM, TokenType.L_PAREN})

_DESCRIBING = frozenset({"DESC", "DESCRIBE", "SHOW"})
_HOW_TO_DESCRIBE = " `SELECT * FROM agent_logs LIMIT 0` shows in `meta` which columns a table has."


class _Grammar(ClickHouse):
    """What sqlglot would translate between dialects stays the call of a function by its name."""

    INDEX_OFFSET = 0

    class Parser(ClickHouseParser):
        """Counts its steps: it tries readings one after the other, some of them in each other."""

        FUNCTIONS: ClassVar = {}
        FUNCTION_PARSERS: ClassVar = {"CAST": ClickHouseParser.FUNCTION_PARSERS["CAST"]}
        NO_PAREN_FUNCTIONS: ClassVar = {}
        NO_PAREN_FUNCTION_PARSERS: ClassVar = {"CASE": ClickHouseParser.NO_PAREN_FUNCTION_PARSERS["CASE"]}

        steps_left = 0

        def _advance(self, times: int = 1) -> None:
            self.steps_left -= 1
            if self.steps_left < 0:
                raise _TooManyStepsError
            super()._advance(times)


class _TooManyStepsError(Exception):
    """No error of sqlglot's: these make it try the next reading."""


_GRAMMAR = _Grammar()


def parse(text: str) -> exp.Query:
    """The tree of one query.

    Raises:
        RefusedSqlError: it is too large, not one statement, no SELECT, or no SQL.
    """
    if len(text) > MAX_CHARACTERS:
        raise too_large(f"A query may have {MAX_CHARACTERS} characters, this one has {len(text)}.")
    try:
        tokens = _GRAMMAR.tokenize(text)
        _check_tokens(tokens)
        parser = _Grammar.Parser(dialect=_GRAMMAR)
        parser.steps_left = _FEWEST_STEPS + _STEPS_A_TOKEN * len(tokens)
        parsed = [tree for tree in parser.parse(tokens, text) if tree is not None]
    except SqlglotError as error:
        raise unreadable(_sentence(error)) from None
    except (RecursionError, _TooManyStepsError):
        raise nested_too_deeply() from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, AssertionError):
        # What sqlglot's parser trips over on some nonsense; it has no error of its own for that.
        raise unreadable("The query cannot be parsed.") from None
    if len(parsed) != 1:
        raise unreadable("Send one statement." if parsed else "The query is empty: send a SELECT.")
    if not isinstance(parsed[0], exp.Query):
        raise forbidden("Only SELECT is allowed.")
    return parsed[0]


def nested_too_deeply() -> RefusedSqlError:
    """The query's parts lie too deep in each other."""
    return too_large("The query is nested too deeply: take it apart.")


def _check_tokens(tokens: list[Token]) -> None:
    if not tokens:
        raise unreadable("The query is empty: send a SELECT.")
    if tokens[0].token_type not in _BEGINNINGS:
        first = tokens[0].text[:40]
        hint = _HOW_TO_DESCRIBE if first.upper() in _DESCRIBING else ""
        raise forbidden(f"Only SELECT is allowed, not {first}.{hint}")
    if len(tokens) > MAX_TOKENS:
        raise too_large(f"A query may have {MAX_TOKENS} words and signs, this one has {len(tokens)}.")
    depth = 0
    for token in tokens:
        depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
        if depth > MAX_BRACKETS:
            raise nested_too_deeply()


def _sentence(error: SqlglotError) -> str:
    found = getattr(error, "errors", None)
    if not found:
        return "The query cannot be parsed: it ends inside a string, a name or a comment."
    first = found[0]
    return f"{first['description'].rstrip('.')} at line {first['line']}, column {first['col']}."
