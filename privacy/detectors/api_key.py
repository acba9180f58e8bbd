"""API keys whose providers gave them a shape, ours included."""

from privacy.detection import DataClass, Detector, Finding, search
from privacy.engine import ENCODED_LEFT, LEFT, Match, compile_bytes
from privacy.labels import Label
from privacy.surroundings import follows_word

_SHAPES = (
    rb"sk-[A-Za-z0-9_-]{20,}",  # OpenAI; Anthropic, whose keys start with sk-ant-
    rb"A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}",  # Amazon Web Services
    rb"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}",  # GitHub
    rb"glpat-[A-Za-z0-9_-]{20,}",  # GitLab
    rb"xox[a-z]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}",  # Slack
    rb"hooks\.slack\.com/services/[A-Za-z0-9/]+",
    rb"AIza[A-Za-z0-9_-]{35,}",  # Google
    rb"[srp]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{20,}",  # Stripe
    rb"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",  # SendGrid
    rb"hf_[A-Za-z0-9]{30,}",  # Hugging Face
    rb"npm_[A-Za-z0-9]{36,}",  # npm
    rb"pypi-AgE[A-Za-z0-9_-]{40,}",  # PyPI
    rb"promethios_[A-Za-z0-9._-]+_[A-Za-z0-9]{16,}|promethios-operator_[A-Za-z0-9]{16,}",
)
_PATTERN = compile_bytes(LEFT + rb"(" + rb"|".join(_SHAPES) + rb")")

_TRIGGERS = (
    rb"sk-[A-Za-z0-9_-]{16}",
    rb"A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{8}",
    rb"gh[pousr]_[A-Za-z0-9]{8}|github_pat_|glpat-",
    rb"xox[a-z]-|xapp-|hooks\.slack\.com/services/",
    rb"AIza[A-Za-z0-9_-]{8}",
    rb"[srp]k_(?:live|test)_|whsec_",
    rb"SG\.[A-Za-z0-9_-]{8}",
    rb"hf_[A-Za-z0-9]{8}|npm_[A-Za-z0-9]{8}|pypi-AgE",
    rb"promethios_|promethios-operator_",
)


def _judge(text: bytes, match: Match) -> Finding | None:
    start, end = match.span(1)
    if follows_word(text, start):
        return None
    return Finding(start, end, Label.API_KEY, match.group(1))


API_KEY = Detector(
    data_class=DataClass.SECRETS,
    trigger=ENCODED_LEFT + rb"(?:" + rb"|".join(_TRIGGERS) + rb")",
    gate=rb"|".join(_TRIGGERS),
    find=search(_PATTERN, _judge),
    shortest=15,
)
