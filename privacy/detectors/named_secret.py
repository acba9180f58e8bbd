"""Values that stand behind a secret's name: `password=…`, `"api_key": "…"`, `token: …`."""

from privacy.detection import DataClass, Detector, Finding, search
from privacy.engine import Match, compile_bytes
from privacy.labels import Label, label_starts_at
from privacy.secret_names import ENDING, is_harmless_value

_ASSIGNED = rb"(?:\\*[\"'])?[ \t]{0,3}(?::=|=>|=|:)[ \t]{0,3}"

# In quotes, also those of a JSON text that is quoted itself; or bare, perhaps behind an HTTP scheme.
_PATTERN = compile_bytes(
    rb"(?i)(" + ENDING + rb")" + _ASSIGNED + rb"(?:\\+\"([^\"\\]+)|\\+'([^'\\]+)|\"([^\"\n]+)|'([^'\n]+)"
    rb"|(?:(?:bearer|basic|token|apikey|digest)[ \t]{1,3})?([^\s\"',;&<>(){}\\]+))"
)
_FORMS = (2, 3, 4, 5, 6)


def _judge(_text: bytes, match: Match) -> Finding | None:
    form = next(number for number in _FORMS if match.start(number) >= 0)
    value: bytes = match.group(form)
    is_count = match.group(1).lower() == b"token" and value.isdigit()
    if is_count or label_starts_at(value, 0) or is_harmless_value(value.decode("latin-1")):
        return None
    start, end = match.span(form)
    return Finding(start, end, Label.SECRET, value)


# A field of such a name may have any value, which is looked at by its name.
NAMED_SECRET = Detector(
    data_class=DataClass.SECRETS,
    trigger=rb"(?i)" + ENDING + rb"(?:\\*[\"'])?(?: |\\t){0,3}(?:=|:)",
    gate=rb"(?i)" + ENDING + rb"(?:[=:]|[\\\"'][\\\"' =:t]| [ =:\\])",
    find=search(_PATTERN, _judge, whole_runs=True),
    shortest=5,
    hints=("=", ":"),
)
