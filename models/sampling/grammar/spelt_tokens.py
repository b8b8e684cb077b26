"""The tokens of a vocabulary as characters, and as a tree in which those that begin alike share their beginning.

A grammar is followed along the tree once for the whole vocabulary. The tree tells apart only the classes of characters
that the grammar does. Pure.
"""

from __future__ import annotations  # array[int] can be written in an annotation, not evaluated, before Python 3.12

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from models.sampling.coin import Ids, Indices
from models.sampling.grammar.automaton import DEAD, Automaton, Partial, begun


@dataclass(frozen=True, slots=True)
class SpeltTokens:
    """characters: the code points of all tokens, one token after the other, without a character that the token leaves
    unfinished. starts, lengths: of each token in them; the length is -1 for a token that no text begins with. tails:
    the tokens that end inside a character, and how. inner: the tokens that begin inside a character, with their bytes.
    ends: the tokens that end a text.
    """

    characters: Indices
    starts: Indices
    lengths: Indices
    tails: dict[int, Partial]
    inner: dict[int, bytes]
    ends: Ids

    @property
    def count(self) -> int:
        return len(self.lengths)

    @classmethod
    def of(cls, data: bytes, ends: array[int], end_tokens: Sequence[int], control: Iterable[int] = ()) -> SpeltTokens:
        """data: the bytes of the tokens, one after the other. ends: where each one's bytes end. end_tokens: those that
        end a text. control: those whose bytes are only a name, which no grammar allows.
        """
        texts: list[str] = []
        lengths, tails, inner = np.full(len(ends), -1, np.intp), dict[int, Partial](), dict[int, bytes]()
        apart, begin = {*end_tokens, *control}, 0
        for token, end in enumerate(ends):
            spelt, begin = data[begin:end], end
            if not spelt or token in apart or 0 in spelt:
                continue
            if spelt[0] >> 6 == 2:
                inner[token] = spelt
                continue
            text, partial = _decoded(spelt)
            if text is None:
                continue
            texts.append(text)
            lengths[token] = len(text)
            if partial:
                tails[token] = partial
        points = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32).astype(np.intp)
        starts = np.cumsum(np.maximum(lengths, 0)) - np.maximum(lengths, 0)
        return cls(points, starts, lengths, tails, inner, np.array(end_tokens, np.int32))


def _decoded(spelt: bytes) -> tuple[str | None, Partial | None]:
    """The whole characters, and the unfinished one; no text where the bytes are no characters."""
    try:
        return spelt.decode(), None
    except UnicodeDecodeError as error:
        tail = spelt[error.start :]
        partial = begun(tail[0])
        if partial is None or error.end != len(spelt) or len(tail) > partial.missing:
            return None, None
        for byte in tail[1:]:
            if byte >> 6 != 2:
                return None, None
            partial = Partial(partial.value << 6 | byte & 0x3F, partial.missing - 1)
        return spelt[: error.start].decode(), partial


class TokenTree:
    """The tokens as paths of classes. ends: the node at which each token ends; 0, the root, for those without path."""

    def __init__(self, tokens: SpeltTokens, automaton: Automaton) -> None:
        self._tokens = tokens
        self.ends = np.zeros(tokens.count, np.int32)
        classes = automaton.classes_of(tokens.characters)
        levels = [np.zeros(1, np.intp)]
        counts: list[Indices] = []
        known, width = 1, automaton.classes
        alive, below = np.flatnonzero(tokens.lengths > 0), 0
        while len(alive):
            keys = self.ends[alive].astype(np.int64) * width + classes[tokens.starts[alive] + below]
            found, places = np.unique(keys, return_inverse=True)
            self.ends[alive] = known + places
            parents = found // width - (known - len(levels[-1]))
            counts.append(np.bincount(parents, minlength=len(levels[-1])))
            levels.append((found % width).astype(np.intp))
            known, below = known + len(found), below + 1
            alive = alive[tokens.lengths[alive] > below]
        counts.append(np.zeros(len(levels[-1]), np.intp))
        self._classes = np.concatenate(levels)  # by which a node is reached
        self._children = np.concatenate(counts)
        self._first = 1 + np.cumsum(self._children) - self._children  # child of each node

    def allowed(self, automaton: Automaton, state: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """bool[vocabulary]: the tokens that may come in a state. Raises ModelError."""
        tokens = self._tokens
        if automaton.partial(state).missing:
            found = np.zeros(tokens.count, np.bool_)
            for token, spelt in tokens.inner.items():
                behind = automaton.after(state, spelt)
                found[token] = behind != DEAD and automaton.may_end_inside(behind)
        else:
            states = self._walk(automaton, state)
            found = (states[self.ends] != DEAD) & (tokens.lengths > 0)
            known: dict[tuple[int, Partial], bool] = {}
            for token, partial in tokens.tails.items():
                key = int(states[self.ends[token]]), partial
                if key not in known:
                    known[key] = key[0] != DEAD and automaton.begins(*key)
                found[token] = known[key]
        found[tokens.ends] = automaton.is_complete(state)
        return found

    def _walk(self, automaton: Automaton, state: int) -> Ids:
        """The state at each node of the tree."""
        states = np.full(len(self._classes), DEAD, np.int32)
        states[0] = state
        living = np.zeros(1, np.intp)
        while len(living):
            parents, children = self._below(living)
            following = automaton.step(states[parents], self._classes[children])
            states[children] = following
            living = children[following != DEAD]
        return states

    def _below(self, nodes: Indices) -> tuple[Indices, Indices]:
        """The children of these nodes, and the parent of each."""
        counts = self._children[nodes]
        shift = self._first[nodes] - (np.cumsum(counts) - counts)
        count = int(counts.sum())
        return np.repeat(nodes, counts), np.arange(count, dtype=np.intp) + np.repeat(shift, counts)
