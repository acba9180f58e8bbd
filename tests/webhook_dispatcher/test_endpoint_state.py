"""The state reads back as it was written."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from webhook_dispatcher.endpoint_state import EndpointState, Retry, positions_of
from webhook_dispatcher.notification import Place

OFFSETS = st.dictionaries(
    st.builds(Place, st.sampled_from(["a.v1", "b.v1"]), st.integers(0, 99)), st.integers(0, 2**60)
)


@given(OFFSETS)
def test_positions_are_kept_by_topic_and_partition(offsets: dict[Place, int]) -> None:
    state = EndpointState("w1", 5, positions_of(offsets), failures=2, head=Retry("e1", 2), gone_at=7)
    again = msgspec.json.decode(msgspec.json.encode(state), type=EndpointState)
    assert again == state
    assert again.by_place() == offsets
