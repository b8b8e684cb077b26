"""The rules of a grammar as flat elements: a position in them says how far a rule was followed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LAST = 0x10FFFF  # the last code point


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of a set. ranges: first and last code point of each; negated: any but those."""

    ranges: tuple[tuple[int, int], ...]
    negated: bool = False


ANY = Characters(((0, LAST),))
Item = Characters | int  # a set of characters, or the number of a rule
Alternatives = list[list[Item]]


@dataclass(frozen=True, slots=True)
class Rules:
    """elements: of all rules, one alternative after the other; None ends an alternative. starts: for each rule, where
    its alternatives begin. root: the number of the rule to begin with.
    """

    elements: tuple[Item | None, ...]
    starts: tuple[tuple[int, ...], ...]
    root: int

    @classmethod
    def of(cls, rules: Sequence[Alternatives], root: int) -> Rules:
        elements: list[Item | None] = []
        starts: list[tuple[int, ...]] = []
        for alternatives in rules:
            begins: list[int] = []
            for items in alternatives:
                begins.append(len(elements))
                elements += [*items, None]
            starts.append(tuple(begins))
        return cls(tuple(elements), tuple(starts), root)


def growing_recursion(rules: Sequence[Alternatives]) -> int | None:
    """A rule that begins with itself and has more behind that, so that following it has no end; None where there is
    none.
    """
    empty = _may_be_empty(rules)
    begins = [list(_begins_with(alternatives, empty)) for alternatives in rules]
    circles = _circles([[rule for rule, _ in found] for found in begins])
    for number, found in enumerate(begins):
        if any(more and circles[number] == circles[rule] for rule, more in found):
            return number
    return None


def _begins_with(alternatives: Alternatives, empty: set[int]) -> Iterator[tuple[int, bool]]:
    """The rules with which a rule can begin, each with whether it has more behind it."""
    for items in alternatives:
        for place, item in enumerate(items):
            if not isinstance(item, int):
                break
            yield item, place + 1 < len(items)
            if item not in empty:
                break


def _may_be_empty(rules: Sequence[Alternatives]) -> set[int]:
    """The rules that can be followed without any character."""
    empty: set[int] = set()
    while True:
        more = {
            number
            for number, alternatives in enumerate(rules)
            if number not in empty and any(all(item in empty for item in items) for items in alternatives)
        }
        if not more:
            return empty
        empty |= more


def _circles(edges: Sequence[Sequence[int]]) -> list[int]:
    """For each node of a graph the number of its circle: two nodes have the same where each leads to the other (Tarjan,
    without recursion: grammars nest deeply).
    """
    low, order, on_stack = [0] * len(edges), [0] * len(edges), [False] * len(edges)
    circle, stack, counted = [-1] * len(edges), list[int](), 0
    for root in range(len(edges)):
        work = [] if order[root] else [(root, 0)]
        while work:
            node, place = work.pop()
            if not place:
                counted += 1
                low[node] = order[node] = counted
                stack.append(node)
                on_stack[node] = True
            else:
                low[node] = min(low[node], low[edges[node][place - 1]])
            for index in range(place, len(edges[node])):
                other = edges[node][index]
                if not order[other]:
                    work += [(node, index + 1), (other, 0)]
                    break
                if on_stack[other]:
                    low[node] = min(low[node], order[other])
            else:
                if low[node] == order[node]:
                    _close(stack, on_stack, circle, node)
    return circle


def _close(stack: list[int], on_stack: list[bool], circle: list[int], node: int) -> None:
    while True:
        other = stack.pop()
        on_stack[other], circle[other] = False, node
        if other == node:
            return
