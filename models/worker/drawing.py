"""Draws the tokens of one stream, and takes tokens back that would complete a banned string.

The first token of the string is then kept from being drawn at its place, and another draw is made there. A draw is
never used twice: a place that is drawn again has a further number (sampling/coin.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from models.engine.requests import Draws, Replayed
from models.errors import ModelError
from models.sampling.chain import Chain, Steering
from models.sampling.coin import FIRST_TRY, Retry
from models.sampling.pending_reading import PendingReading
from models.sampling.stages import Logits
from models.worker.banned_strings import BannedStrings, StreamText
from models.worker.healing import Healing
from models.worker.language_model import LanguageModel
from models.worker.snapshots import State
from models.worker.tokens import PageTokens
from resources.language import tr

MOST_TRIES = 256  # draws at one place
MOST_HELD = 64  # tokens: each costs a copy of its odds
_TOO_MANY = tr("No way around the banned strings was found here in {count:,} draws.")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place that can be gone back to. token: drawn there, from these logits. steering: of the chain before it. begin:
    the first place that was held before it, or this one. state: of a model that cannot truncate, before it.
    """

    token: int
    logits: Logits
    steering: Steering
    begin: int
    state: State | None = None


class Drawing:
    """The draws of one stream. place: tokens drawn, and not taken back. back: tokens taken back by the last `draw`.
    held: the last tokens of the stream that may still be taken back. is_over: the grammar ended the text.
    """

    def __init__(
        self,
        chain: Chain,
        model: LanguageModel,
        draws: Draws,
        *,
        banned: BannedStrings,
        page: PageTokens,
        ends: bool,
        healing: Healing | None = None,
        replayed: Replayed | None = None,
        sequence: int = 0,
    ) -> None:
        """page: the prefix. ends: an end-of-text token ends the stream. healing: of the first token. sequence: of the
        model, which the stream writes. replayed: the tokens to take whatever is drawn.
        """
        self.place = self.back = self.held = 0
        self.is_over = False
        self._chain, self._model, self._draws, self._ends, self._replayed = chain, model, draws, ends, replayed
        self._sequence = sequence
        self._healed = healing.spelt if healing else b""  # what the first token spells of the writer's text
        self._text = None
        if banned.strings and replayed is None:
            before = range(max(0, len(page.ids) - 4 * banned.longest), len(page.ids))
            self._text = StreamText(banned, [*(page.shown(index, model) for index in before), self._healed])
        self._settled = 0  # the first place that can be gone back to
        self._begin: int | None = None  # the first place that is held
        self._marks: dict[int, Mark] = {}
        self._numbers: dict[int, int] = {}  # how often a place was drawn before, where it was
        self._banned: dict[int, tuple[int, ...]] = {}  # the tokens banned at a place

    def draw(self, logits: Logits, go_back: Callable[[int, State | None], None]) -> PendingReading | None:
        """Draw the next token; None: the model ends the text here. go_back: drops so many of the last tokens from the
        model, which had that state before them. Raises ModelError.
        """
        self.back = 0
        if self._replayed is None and self._chain.is_over:
            self.is_over = True
            return None
        while True:
            steering = self._chain.steering if self._text else None
            flip = self._flip(logits)
            if self._ends and self._replayed is None and self._model.ends_text(flip.token):
                return None
            if self._text and steering:
                here = Mark(flip.token, logits, steering, self.place if self._begin is None else self._begin)
                begin = self._text.feed(self._spelt(flip.token))
                if begin is not None:
                    logits = self._take_back(max(begin, self._settled), here, go_back)
                    continue
                self._hold(here, self._text.begins)
            self._chain.accept(flip.token)
            self.place += 1
            return flip

    def settle(self) -> None:
        """The tokens so far stay: the model cannot go back to them any more."""
        self._settled, self.held, self._begin = self.place, 0, None
        self._marks = {}

    def _spelt(self, token: int) -> bytes:
        """What the token adds to the text."""
        return self._model.token_bytes(token)[0 if self.place else len(self._healed) :]

    def _flip(self, logits: Logits) -> PendingReading:
        place = self.place
        again = self._replayed.ids[place] if self._replayed else -1
        return self._chain.flip(logits, self._draws.first + place, again, self._retry(place))

    def _retry(self, place: int) -> Retry:
        if self._replayed:
            return self._replayed.retries[place] if self._replayed.retries else FIRST_TRY
        number = self._numbers.get(place, 0)
        return Retry(number, self._banned.get(place, ())) if number else FIRST_TRY

    def _hold(self, here: Mark, begin: int | None) -> None:
        """Remember the places from which on the text may begin a banned string; begin: the first one. A place that is
        gone back to may in turn end what may begin one before it: these are held too.
        """
        marks = {**self._marks, self.place: here}
        while begin is not None and (earlier := marks[max(begin, self._settled)].begin) < begin:
            begin = earlier
        self._settled = max(self._settled, self.place + 1 - MOST_HELD)
        begin = self.place + 1 if begin is None else max(begin, self._settled)
        self.held = self.place + 1 - begin
        self._begin = begin if self.held else None
        self._marks = {place: mark for place, mark in self._marks.items() if place >= begin}
        if self.held:
            state = None if self._model.truncates else self._model.state(self._sequence)
            self._marks[self.place] = replace(here, logits=here.logits.copy(), state=state)

    def _take_back(self, begin: int, here: Mark, go_back: Callable[[int, State | None], None]) -> Logits:
        """Go back to the place where a banned string begins. here: its last token, just drawn. Returns the logits
        there.
        """
        assert self._text
        taken = self.place - begin
        mark = self._marks[begin] if taken else here
        if taken:
            go_back(taken, mark.state)
        self._chain.take_back(taken, mark.steering)
        self._text.take_back(begin)
        for place in range(begin, self.place + 1):
            self._numbers[place] = self._numbers.get(place, 0) + 1
            if place > begin:
                self._banned.pop(place, None)
                self._marks.pop(place, None)
        self._banned[begin] = (*self._banned.get(begin, ()), mark.token)
        if len(self._banned[begin]) >= MOST_TRIES:
            raise ModelError(_TOO_MANY.format(count=MOST_TRIES))
        self.place, self.back = begin, self.back + taken
        self._begin = mark.begin if mark.begin < begin else None
        return mark.logits
