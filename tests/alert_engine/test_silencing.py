"""A silence holds for its rules, agents and labels, from its beginning to before its end."""

from alert_engine.silencing import compile_silence, silencing
from schemas.alert_rules import AlertSilence, SilenceTerms

TERMS = SilenceTerms(10, 20, rules=("error_*",), agents=("pay-*",), labels={"stage": "prod"})
SILENCE = compile_silence(AlertSilence("t", "s", 1, TERMS, 1, "a", 1, "a"))
PROD = {"stage": "prod"}


def test_all_that_it_says_has_to_be_so() -> None:
    assert SILENCE.holds("error_rate", "pay-1", PROD, 10)
    assert not SILENCE.holds("error_rate", "pay-1", PROD, 9)
    assert not SILENCE.holds("error_rate", "pay-1", PROD, 20)
    assert not SILENCE.holds("trust_drop", "pay-1", PROD, 10)
    assert not SILENCE.holds("error_rate", "scout", PROD, 10)
    assert not SILENCE.holds("error_rate", "pay-1", {}, 10)


def test_the_first_that_holds_is_named() -> None:
    everything = compile_silence(AlertSilence("t", "x", 1, SilenceTerms(0, 99), 1, "a", 1, "a"))
    assert silencing((SILENCE, everything), "error_rate", "pay-1", PROD, 15) == "s"
    assert silencing((SILENCE, everything), "trust_drop", "pay-1", PROD, 15) == "x"
    assert silencing((SILENCE,), "trust_drop", "pay-1", PROD, 15) == ""
