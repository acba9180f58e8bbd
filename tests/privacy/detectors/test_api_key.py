"""API keys."""

import pytest

from privacy.detectors.api_key import API_KEY
from schemas.identity import new_api_key, new_operator_token
from tests.privacy.samples import found

# In two parts, lest those who look for keys find these.
KEYS = [
    "sk-" + "proj-" + "aB3_" * 6,
    "sk-" + "ant-api03-" + "aB3-" * 6,
    "AKIA" + "IOSFODNN7EXAMPLE",
    "ghp_" + "aB3d" * 9,
    "github_pat_" + "aB3d_" * 6 + "x",
    "glpat-" + "aB3d" * 5,
    "xoxb-" + "123456789012-abcdef",
    "hooks.slack.com/services/" + "T0/B0/abc",
    "AIza" + "aB3d_-x" * 5,
    "sk_live_" + "aB3d" * 4,
    "rk_test_" + "aB3d" * 4,
    "whsec_" + "aB3d" * 6,
    "SG." + "aB3d" * 5 + "." + "aB3d" * 5,
    "hf_" + "aB3d" * 8,
    "npm_" + "aB3d" * 9,
    "pypi-AgE" + "aB3d" * 12,
]


# Random keys have no place in a test's name: all processes have to find the same tests.
@pytest.mark.parametrize(
    "key",
    [*KEYS, new_api_key("agent-7"), new_api_key("a.b_c-d"), new_operator_token()],
    ids=lambda key: key[:13],
)
def test_keys(key: str) -> None:
    assert found(API_KEY, f'use "{key}" for it') == [key]
    assert found(API_KEY, f"key={key}") == [key]


@pytest.mark.parametrize(
    "text", ["task-" + "a" * 30, "sk-learn", "AKIA123", "ghp_short", "promethios_agent", "XAKIA" + "A" * 16]
)
def test_no_keys(text: str) -> None:
    assert found(API_KEY, text) == []
