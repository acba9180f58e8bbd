"""The steps of a run as a tree, by the spans that they name; pure."""

from collections.abc import Mapping, Sequence
from typing import Any

# Steps that lie deeper are put at that depth: answers are not to be nested without end.
MAX_DEPTH = 32


def tree_of(steps: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Steps in the order of time, each with `children`; all are in it once, whatever they say of each other.

    A step is a child of the one whose `span_id` is its `parent_span_id`; of several the first.
    """
    nodes = [{**step, "children": []} for step in steps]
    by_span: dict[str, int] = {}
    for number, node in enumerate(nodes):
        if node["span_id"]:
            by_span.setdefault(node["span_id"], number)
    parents = [_parent(node, number, by_span) for number, node in enumerate(nodes)]
    depths = _depths(parents)
    roots: list[dict[str, Any]] = []
    for number, node in enumerate(nodes):
        parent = _lifted(number, parents, depths)
        (roots if parent is None else nodes[parent]["children"]).append(node)
    return roots


def _parent(node: Mapping[str, Any], number: int, by_span: Mapping[str, int]) -> int | None:
    parent = by_span.get(node["parent_span_id"]) if node["parent_span_id"] else None
    return None if parent == number else parent


def _depths(parents: list[int | None]) -> list[int]:
    """How deep each node lies; a circle is cut where it is met first, which changes `parents`."""
    depths = [-1] * len(parents)
    for start in range(len(parents)):
        path: list[int] = []
        on_path: set[int] = set()
        node: int | None = start
        while node is not None and depths[node] < 0 and node not in on_path:
            path.append(node)
            on_path.add(node)
            node = parents[node]
        if node is not None and depths[node] < 0:
            parents[path[-1]] = None
            node = None
        depth = -1 if node is None else depths[node]
        for step in reversed(path):
            depth += 1
            depths[step] = depth
    return depths


def _lifted(number: int, parents: Sequence[int | None], depths: Sequence[int]) -> int | None:
    parent = parents[number]
    while parent is not None and depths[parent] >= MAX_DEPTH:
        parent = parents[parent]
    return parent
