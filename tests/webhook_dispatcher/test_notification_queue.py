"""The queue keeps the order of each partition, and its positions never pass what is not settled."""

from hypothesis import given
from hypothesis import strategies as st

from tests.webhook_dispatcher.samples import notification_of
from webhook_dispatcher.notification import Notification, Place
from webhook_dispatcher.notification_queue import NotificationQueue

TOPIC = "promethios.alerts.v1"


def test_an_empty_queue_is_where_it_was_put() -> None:
    queue = NotificationQueue({Place(TOPIC, 0): 5})
    assert queue.head() is None
    assert queue.positions() == {Place(TOPIC, 0): 5} == queue.read


def test_what_nobody_wants_is_passed() -> None:
    queue = NotificationQueue({Place(TOPIC, 0): 5})
    queue.add(Place(TOPIC, 0), [], 9)
    assert queue.positions() == {Place(TOPIC, 0): 9}


def test_between_partitions_the_older_comes_first() -> None:
    queue = NotificationQueue({Place(TOPIC, p): 0 for p in range(2)})
    for partition, timestamp in ((0, 20), (1, 10)):
        queue.add(Place(TOPIC, partition), [notification_of(partition=partition, timestamp=timestamp)], 1)
    head = queue.head()
    assert head is not None
    assert head.place.partition == 1
    queue.settle_head()
    assert queue.positions() == {Place(TOPIC, 0): 0, Place(TOPIC, 1): 1}


# For each record: its partition and its timestamp, in the order in which they are read.
RECORDS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5)), max_size=30)


@given(RECORDS, st.data())
def test_whatever_comes_when(records: list[tuple[int, int]], data: st.DataObject) -> None:
    places = [Place(TOPIC, partition) for partition in range(3)]
    queue = NotificationQueue(dict.fromkeys(places, 0))
    ends, settled = dict.fromkeys(places, 0), dict[Place, list[int]]()
    waiting: list[Notification] = []

    def settle() -> None:
        head = queue.head()
        assert head is not None
        queue.settle_head()
        waiting.remove(head)
        settled.setdefault(head.place, []).append(head.offset)

    for partition, timestamp in records:
        place = places[partition]
        notification = notification_of(partition=partition, offset=ends[place], timestamp=timestamp)
        ends[place] += 1
        queue.add(place, [notification], ends[place])
        waiting.append(notification)
        for _ in range(data.draw(st.integers(0, len(queue)))):
            settle()
        for at, position in queue.positions().items():
            unsettled = [n.offset for n in waiting if n.place == at]
            assert position == min(unsettled, default=ends[at])
    while len(queue):
        settle()
    assert queue.positions() == ends
    assert all(offsets == sorted(offsets) for offsets in settled.values())
