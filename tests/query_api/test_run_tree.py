"""A run's steps form a tree whatever they say of each other: each is in it once, and it ends."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from query_api.run_tree import MAX_DEPTH, tree_of

SPANS = st.sampled_from(["", "a", "b", "c", "d"])


def step(span_id: str, parent: str = "", name: int = 0) -> dict[str, Any]:
    return {"span_id": span_id, "parent_span_id": parent, "name": name}


def shape(nodes: list[dict[str, Any]]) -> list[Any]:
    return [(node["name"], shape(node["children"])) for node in nodes]


def names(nodes: list[dict[str, Any]]) -> list[int]:
    return [name for node in nodes for name in (node["name"], *names(node["children"]))]


def depth(nodes: list[dict[str, Any]]) -> int:
    return max((1 + depth(node["children"]) for node in nodes), default=0)


def test_calls_lie_within_the_step_that_made_them() -> None:
    steps = [
        step("", "", 0),
        step("a", "", 1),
        step("b", "a", 2),
        step("c", "a", 3),
        step("d", "b", 4),
        step("", "", 5),
    ]
    assert shape(tree_of(steps)) == [(0, []), (1, [(2, [(4, [])]), (3, [])]), (5, [])]


def test_a_parent_that_was_not_reported_is_none() -> None:
    assert shape(tree_of([step("b", "lost", 1)])) == [(1, [])]


def test_of_two_steps_with_one_span_the_first_is_the_parent() -> None:
    assert shape(tree_of([step("a", "", 1), step("a", "", 2), step("", "a", 3)])) == [(1, [(3, [])]), (2, [])]


@given(st.lists(st.tuples(SPANS, SPANS), max_size=30))
def test_each_step_is_in_it_once(pairs: list[tuple[str, str]]) -> None:
    steps = [step(span, parent, number) for number, (span, parent) in enumerate(pairs)]
    assert sorted(names(tree_of(steps))) == list(range(len(steps)))


@given(st.integers(1, 200))
def test_it_is_no_deeper_than_it_may_be(length: int) -> None:
    chain = [step(str(number), str(number - 1), number) for number in range(length)]
    tree = tree_of(chain)
    assert depth(tree) == min(length, MAX_DEPTH + 1)
    assert sorted(names(tree)) == list(range(length))
