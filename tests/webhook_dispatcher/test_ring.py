"""The ring gives what the log would, or says that it no longer has it."""

from hypothesis import given
from hypothesis import strategies as st

from tests.webhook_dispatcher.samples import notification_of
from webhook_dispatcher.ring import Page, Ring

LOG = [notification_of(offset=offset) for offset in range(0, 120, 2)]


def test_an_empty_ring_has_nothing_to_say_but_where_it_begins() -> None:
    ring = Ring(7, 3)
    assert ring.page(7, 5) == Page([], 7)
    assert ring.page(6, 5) is None


@given(
    st.lists(st.integers(0, 7), max_size=30),
    st.integers(1, 5),
    st.integers(0, 130),
    st.integers(1, 10),
)
def test_a_page_is_a_run_of_the_log(steps: list[int], capacity: int, offset: int, limit: int) -> None:
    ring, taken = Ring(0, capacity), 0
    for step in steps:
        part = LOG[taken : taken + step]
        taken += len(part)
        # Each record is followed by one that is no notification.
        ring.extend(part, 2 * taken)
        assert len(ring._held) <= 2 * capacity
    page = ring.page(offset, limit)
    if page is None:
        assert offset < ring.start
        return
    wanted = [n for n in LOG[:taken] if n.offset >= offset]
    assert list(page.notifications) == wanted[:limit]
    if len(wanted) <= limit:
        assert page.next_offset == max(offset, ring.end)
    else:
        assert page.notifications[-1].offset < page.next_offset <= wanted[limit].offset
