"""A grammar over a model's vocabulary, and where one text stands in it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from models.errors import ModelError
from models.sampling.grammar.automaton import DEAD, Automaton
from models.sampling.grammar.gbnf import GrammarError, parse
from models.sampling.grammar.spelt_tokens import SpeltTokens, TokenTree
from resources.language import tr

Allowed = np.ndarray[tuple[int], np.dtype[np.bool_]]

MOST_KNOWN = 512  # states whose tokens are in memory: 32 KB each for 262,144 tokens
_BROKEN = tr("What was written since the generation began does not fit the grammar: change it, or the grammar.")


class Grammar:
    """A grammar's automaton with the tree of a vocabulary. Threads may share it. Raises ModelError."""

    def __init__(self, text: str, tokens: SpeltTokens) -> None:
        try:
            self._automaton = Automaton(parse(text))
        except GrammarError as error:
            raise ModelError(error.told) from error
        self._tree = TokenTree(tokens, self._automaton)
        self._count = tokens.count
        self._known: dict[int, bytes] = {}
        self._lock = threading.Lock()

    @property
    def start(self) -> int:
        return self._automaton.start

    def is_complete(self, state: int) -> bool:
        """Whether the text may end here."""
        return self._automaton.is_complete(state)

    def after(self, state: int, spelt: bytes) -> int:
        """The state behind these bytes; DEAD where they break the grammar. Raises ModelError."""
        with self._lock:
            return self._automaton.after(state, spelt)

    def allowed(self, state: int) -> Allowed:
        """bool[vocabulary]: the tokens that may come here. Raises ModelError."""
        with self._lock:
            if state in self._known:
                return np.unpackbits(np.frombuffer(self._known[state], np.uint8), count=self._count).view(np.bool_)
            found = self._tree.allowed(self._automaton, state)
            if len(self._known) >= MOST_KNOWN:
                del self._known[next(iter(self._known))]
            self._known[state] = np.packbits(found).tobytes()
            return found


@dataclass(slots=True)
class Cursor:
    """Where one text stands in a grammar. clock: seconds. spelling: the bytes of a token. seconds: what the grammar
    took so far.
    """

    grammar: Grammar
    spelling: Callable[[int], bytes]
    clock: Callable[[], float]
    seconds: float = 0.0
    _states: list[int] = field(default_factory=list[int])  # before the text's first token, and behind each

    @classmethod
    def behind(
        cls, grammar: Grammar, fed: bytes, spelling: Callable[[int], bytes], clock: Callable[[], float]
    ) -> Cursor:
        """The place behind a text. Raises ModelError if the text breaks the grammar."""
        state = grammar.after(grammar.start, fed)
        if state == DEAD:
            raise ModelError(_BROKEN)
        return cls(grammar, spelling, clock, _states=[state])

    @property
    def is_complete(self) -> bool:
        """Whether the text may end here."""
        return self.grammar.is_complete(self._states[-1])

    def allowed(self) -> Allowed:
        """bool[vocabulary]: the tokens that may come next. Raises ModelError."""
        began = self.clock()
        try:
            return self.grammar.allowed(self._states[-1])
        finally:
            self.seconds += self.clock() - began

    def accept(self, token: int) -> None:
        """The text goes on with that token. Raises ModelError."""
        began = self.clock()
        self._states.append(self.grammar.after(self._states[-1], self.spelling(token)))
        self.seconds += self.clock() - began

    def take_back(self, tokens: int) -> None:
        """Forget the last tokens."""
        if tokens:
            del self._states[-tokens:]
