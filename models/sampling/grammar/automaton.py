"""Follows a grammar character by character: from a state and a character, or a byte of one, to the next state.

A state is all that the grammar may go on with. It holds nodes: a position in the rules with what follows behind it,
which may be several continuations at once, so that ambiguous grammars stay small. Characters that no rule tells apart
are one class; states, nodes and what was once computed are numbered and kept. Pure; not safe for two threads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from models.errors import ModelError
from models.sampling.coin import Ids, Indices
from models.sampling.grammar.rules import LAST, Characters, Rules
from resources.language import tr

MOST_STATES = 200_000
DEAD = 0  # the state in which nothing goes on
_END = 0  # the node in which the grammar is complete
_SURROGATES = 0xD800, 0xDFFF
_LEAST = {1: 0x80, 2: 0x800, 3: 0x10000}  # of a character, by the bytes that follow the first
_TOO_MANY = tr("The grammar has too many states here: write it with fewer repetitions.")
_UNKNOWN = -1

Nodes = frozenset[int]
Table = np.ndarray[tuple[int, int], np.dtype[np.int32]]


class Partial(NamedTuple):
    """The beginning of a character. value: its bits so far; missing: bytes."""

    value: int = 0
    missing: int = 0

    def bounds(self) -> tuple[int, int]:
        """The first and last code point that it may become; the first lies above the last where it is none."""
        low = self.value << (6 * self.missing)
        high = min(low | ((1 << (6 * self.missing)) - 1), LAST)
        low = max(low, _LEAST[self.missing])
        inside = _SURROGATES[0] <= low and high <= _SURROGATES[1]
        return (1, 0) if inside else (low, high)


WHOLE = Partial()


def begun(byte: int) -> Partial | None:
    """What the first byte of a character of several bytes begins; None for other bytes."""
    if 0xC2 <= byte < 0xE0:
        return Partial(byte & 0x1F, 1)
    if 0xE0 <= byte < 0xF0:
        return Partial(byte & 0x0F, 2)
    return Partial(byte & 0x07, 3) if 0xF0 <= byte < 0xF5 else None


class Automaton:
    """start: the state before the first character. classes: how many there are."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self.breaks = _breaks(rules)
        self.classes = len(self.breaks) + 1
        self._nodes: list[tuple[int, Nodes]] = [(_END, frozenset())]  # position, and the nodes that follow
        self._node_of: dict[tuple[int, Nodes], int] = {}
        self._behind: dict[int, dict[int, Nodes]] = {}  # of a node: what follows its character
        self._states: list[tuple[Nodes, Partial]] = [(frozenset(), WHOLE)]
        self._state_of: dict[tuple[Nodes, Partial], int] = {self._states[0]: DEAD}
        self._table: Table = np.full((64, self.classes), _UNKNOWN, np.int32)
        self._table[DEAD] = DEAD
        self._taken: dict[Characters, bytes] = {}  # for each class whether it is in the set
        self._begun: dict[tuple[Characters, Partial], bool] = {}
        entry: dict[int, set[int]] = {}
        for start in rules.starts[rules.root]:
            self._follow(start, frozenset({_END}), entry)
        self.start = self._state(self._merged([_frozen(entry)]), WHOLE)

    def __len__(self) -> int:
        """How many states were met."""
        return len(self._states)

    def classes_of(self, characters: Indices) -> Indices:
        """The class of each code point."""
        return np.searchsorted(self.breaks, characters, "right")

    def is_complete(self, state: int) -> bool:
        """Whether the text may end here."""
        nodes, partial = self._states[state]
        return _END in nodes and partial == WHOLE

    def partial(self, state: int) -> Partial:
        """The character that the text leaves unfinished."""
        return self._states[state][1]

    def step(self, states: Ids, classes: Indices) -> Ids:
        """The state behind a character of each class. states: none with an unfinished character. Raises ModelError."""
        found: Ids = self._table[states, classes]
        missing = np.flatnonzero(found == _UNKNOWN)
        if len(missing):
            pairs = np.unique(states[missing].astype(np.int64) * self.classes + classes[missing])
            for pair in pairs.tolist():
                self._after_class(*divmod(pair, self.classes))
            found = self._table[states, classes]
        return found

    def after(self, state: int, data: bytes) -> int:
        """The state behind these bytes, which may begin and end inside a character. Raises ModelError."""
        for byte in data:
            state = self._after_byte(state, byte)
            if state == DEAD:
                break
        return state

    def begins(self, state: int, partial: Partial) -> bool:
        """Whether a character that begins so may come in this state, in which none is unfinished. As in llama.cpp a set
        with ^ takes no beginning that may become one of its characters.
        """
        low, high = partial.bounds()
        if low > high:
            return False
        for node in self._states[state][0] - {_END}:
            element = self._rules.elements[self._nodes[node][0]]
            assert isinstance(element, Characters)
            key = element, partial
            if key not in self._begun:
                meets = any(first <= high and low <= last for first, last in element.ranges)
                self._begun[key] = meets != element.negated
            if self._begun[key]:
                return True
        return False

    def may_end_inside(self, state: int) -> bool:
        """Whether the unfinished character of this state, if there is one, may become one that goes on."""
        nodes, partial = self._states[state]
        return partial == WHOLE or self.begins(self._state(nodes, WHOLE), partial)

    # ------------------------------------------------------------------------------------------ steps

    def _after_byte(self, state: int, byte: int) -> int:
        nodes, (value, missing) = self._states[state]
        if not missing:
            if byte < 0x80:
                return self._after_character(state, byte)
            first = begun(byte)
            return DEAD if first is None else self._state(nodes, first)
        if byte >> 6 != 2:
            return DEAD
        more = Partial(value << 6 | byte & 0x3F, missing - 1)
        if more.value << (6 * more.missing) < _LEAST[missing]:  # it would have been written in fewer bytes
            return DEAD
        if more.missing:
            low, high = more.bounds()
            return self._state(nodes, more) if low <= high else DEAD
        character, whole = more.value, self._state(nodes, WHOLE)
        return self._after_character(whole, character)

    def _after_character(self, state: int, character: int) -> int:
        if _SURROGATES[0] <= character <= _SURROGATES[1] or character > LAST:
            return DEAD
        found = int(np.searchsorted(self.breaks, character, "right"))
        known = int(self._table[state, found])
        return self._after_class(state, found) if known == _UNKNOWN else known

    def _after_class(self, state: int, found: int) -> int:
        behind = [self._after_node(node) for node in self._states[state][0] if self._takes(node, found)]
        following = self._state(self._merged(behind), WHOLE) if behind else DEAD
        self._table[state, found] = following
        return following

    def _takes(self, node: int, found: int) -> bool:
        if node == _END:
            return False
        element = self._rules.elements[self._nodes[node][0]]
        assert isinstance(element, Characters)
        if element not in self._taken:
            inside = np.zeros(self.classes, np.bool_)
            for low, high in element.ranges:
                first, last = np.searchsorted(self.breaks, (low, high), "right").tolist()
                inside[first : last + 1] = True
            self._taken[element] = bytes(inside != element.negated)
        return bool(self._taken[element][found])

    def _after_node(self, node: int) -> dict[int, Nodes]:
        if node not in self._behind:
            position, parents = self._nodes[node]
            tops: dict[int, set[int]] = {}
            self._follow(position + 1, parents, tops)
            self._behind[node] = _frozen(tops)
        return self._behind[node]

    def _follow(self, position: int, parents: Nodes, tops: dict[int, set[int]]) -> None:
        """Add to `tops` the sets of characters that may come at a position of the rules, and with each the nodes behind
        it; -1 stands for the end of the grammar.
        """
        elements, starts = self._rules.elements, self._rules.starts
        seen: dict[int, set[int]] = {}
        todo = [(position, parents)]
        while todo:
            position, parents = todo.pop()
            met = seen.setdefault(position, set())
            fresh = parents - met
            if not fresh:
                continue
            met |= fresh
            element = elements[position]
            if element is None:
                todo += [self._nodes[parent] for parent in fresh if parent != _END]
                if _END in fresh:
                    tops[-1] = set()
            elif isinstance(element, Characters):
                tops.setdefault(position, set()).update(fresh)
            else:
                last = elements[position + 1] is None
                behind = fresh if last else frozenset({self._node(position + 1, fresh)})
                todo += [(start, behind) for start in starts[element]]

    def _merged(self, several: list[dict[int, Nodes]]) -> Nodes:
        """The nodes at these positions: those at the same one are joined."""
        joined: dict[int, set[int]] = {}
        for tops in several:
            for position, parents in tops.items():
                joined.setdefault(position, set()).update(parents)
        return frozenset(
            _END if position == -1 else self._node(position, frozenset(parents)) for position, parents in joined.items()
        )

    def _node(self, position: int, parents: Nodes) -> int:
        key = position, parents
        if key not in self._node_of:
            self._node_of[key] = len(self._nodes)
            self._nodes.append(key)
        return self._node_of[key]

    def _state(self, nodes: Nodes, partial: Partial) -> int:
        key = nodes, partial
        if key not in self._state_of:
            if len(self._states) == MOST_STATES:
                raise ModelError(_TOO_MANY)
            self._state_of[key] = len(self._states)
            self._states.append(key)
            if len(self._states) > len(self._table):
                more = np.full_like(self._table, _UNKNOWN)
                self._table = np.concatenate((self._table, more))
        return self._state_of[key]


def _frozen(tops: dict[int, set[int]]) -> dict[int, Nodes]:
    return {position: frozenset(parents) for position, parents in tops.items()}


def _breaks(rules: Rules) -> Indices:
    """Where a class of characters begins, except the first."""
    sets = {element for element in rules.elements if isinstance(element, Characters)}
    edges = {edge for one in sets for low, high in one.ranges for edge in (low, high + 1)}
    return np.array(sorted(edges - {0, LAST + 1}), np.intp)
