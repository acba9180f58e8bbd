"""What a reader is told adds up: every entry is handed over or counted as missed."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from query_api.tail_buffer import TailBuffer, Taken

PUTS = st.lists(st.binary(min_size=1, max_size=9) | st.none(), max_size=60)


@given(PUTS, st.integers(1, 5), st.integers(1, 30))
def test_entries_are_handed_over_in_order_or_counted(
    steps: list[bytes | None], most_entries: int, most_bytes: int
) -> None:
    """None in `steps` is a reader who takes what is there."""
    buffer = TailBuffer(most_entries, most_bytes)
    put = [step for step in steps if step is not None]
    seen: list[bytes | None] = []
    for step in [*steps, None]:
        if step is not None:
            buffer.put(step)
            continue
        taken = buffer.take()
        seen += [None] * taken.missed
        seen += taken.entries
        assert len(taken.entries) <= most_entries
        assert len(taken.entries) <= 1 or sum(map(len, taken.entries)) <= most_bytes
    assert len(seen) == len(put)
    assert all(found in {None, sent} for found, sent in zip(seen, put, strict=True))


def test_the_newest_entry_is_kept_whatever_its_size() -> None:
    buffer = TailBuffer(10, 4)
    buffer.put(b"ab")
    buffer.put(b"much too long")
    assert buffer.take() == Taken(1, (b"much too long",))


async def test_waiting_ends_with_an_entry_the_end_or_the_time() -> None:
    buffer = TailBuffer(10, 100)
    await buffer.wait(0.01)
    assert not buffer.take().says_something
    waiting = asyncio.create_task(buffer.wait(30))
    await asyncio.sleep(0)
    buffer.put(b"a")
    await asyncio.wait_for(waiting, 60)
    buffer.end("stopping")
    buffer.end("another")
    await buffer.wait(30)
    assert buffer.take() == Taken(0, (b"a",), "stopping")
