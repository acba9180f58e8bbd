"""Which functions analysts may call: those in functions.txt, aggregates with ClickHouse's combinators too."""

from importlib.resources import files

from query_api.analyst_sql.refusal import forbidden

_AGGREGATE = "aggregate"

# As system.aggregate_function_combinators has them.
_COMBINATORS = (
    *("If", "Array", "Map", "ForEach", "Distinct", "OrDefault", "OrNull", "Resample", "ArgMin", "ArgMax"),
    *("SimpleState", "State", "Merge"),
)
_MOST_COMBINATORS = 4


def _read() -> dict[str, frozenset[str]]:
    """The names of each section, in small letters."""
    sections: dict[str, set[str]] = {}
    current: set[str] = set()
    for line in files(__package__).joinpath("functions.txt").read_text().splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), set())
        elif not line.startswith("#"):
            current.update(line.lower().split())
    return {section: frozenset(names) for section, names in sections.items()}


_SECTIONS = _read()
_KNOWN = frozenset().union(*_SECTIONS.values())
_AGGREGATES = _SECTIONS[_AGGREGATE]


def function_name(written: object) -> str:
    """The name of a function that may be called, as it was written.

    Raises:
        RefusedSqlError: it is not known to be safe.
    """
    if not isinstance(written, str):
        raise forbidden("The name of a function stands without quotes.")
    if written.lower() in _KNOWN or _is_combined(written):
        return written
    raise forbidden(f"The function {written[:80]} is not among those that analysts may call.")


def _is_combined(written: str) -> bool:
    rest = written
    for _ in range(_MOST_COMBINATORS):
        suffix = next((suffix for suffix in _COMBINATORS if rest.endswith(suffix)), None)
        if suffix is None:
            return False
        rest = rest.removesuffix(suffix)
        if rest.lower() in _AGGREGATES:
            return True
    return False
