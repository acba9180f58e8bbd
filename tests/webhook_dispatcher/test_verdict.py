"""What each status means, by Standard Webhooks."""

from hypothesis import given
from hypothesis import strategies as st

from webhook_dispatcher.verdict import Answer, Verdict, verdict_of


@given(st.integers(100, 599))
def test_only_2xx_is_taken_and_a_redirect_is_a_failure(status: int) -> None:
    verdict = verdict_of(Answer(status=status))
    assert (verdict is Verdict.DELIVERED) is (200 <= status < 300)
    assert (verdict is Verdict.GONE) is (status == 410)
    assert (verdict is Verdict.REFUSED) is (status in {413, 415, 422})


def test_no_answer_is_a_failure() -> None:
    assert verdict_of(Answer(error="no answer within 15 s")) is Verdict.FAILED
