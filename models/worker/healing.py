"""Token healing: where typed text ends inside a token that the model would rather write whole, its last token is taken
back, and the first token drawn has to begin with the same bytes and go on.

(Lundberg: The Art of Prompt Design: Prompt Boundaries and Token Healing, 2023; guidance's documentation.) Here nothing
is taken back where the text may well end a token: see `Tail.goes_on`. docs/coin.md has what was measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from models.engine.prefix import Piece, TextPiece, joined
from models.sampling import bias
from models.sampling.coin import Ids
from models.sampling.knobs import Sampling
from models.sampling.stages import Logits
from models.worker.language_model import LanguageModel
from models.worker.spelling import Spelling
from models.worker.tokens import Tokens

TIMES = 4.0  # as likely as the typed token, at least, is a token that is preferred to it


@dataclass(frozen=True, slots=True)
class Healing:
    """What the first token has to begin with. text: as it stands on the page. spelt: the bytes of the token, which may
    have a blank in front that the vocabulary adds. ids: the tokens that begin so and go on.
    """

    text: str
    spelt: bytes
    ids: Ids


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a typed text that may be taken back. text, spelt: as in Healing. typed: the id of the token that
    stands there, or of the first of several that spell one character. head: the prefix without it. banned: tokens that
    bias bans.
    """

    model: LanguageModel
    spelling: Spelling
    text: str
    spelt: bytes
    typed: int
    head: tuple[Piece, ...]
    banned: Ids

    def goes_on(self, logits: Logits) -> bool:
        """Whether a token that begins so and goes on is TIMES as likely as the typed one. logits: behind the head."""
        likelier = np.flatnonzero(logits > logits[self.typed] + math.log(TIMES))
        return any(map(self._is_longer, likelier[np.argsort(-logits[likelier])].tolist()))

    def _is_longer(self, token: int) -> bool:
        spelling = self.model.token_bytes(token)
        if not spelling.startswith(self.spelt) or spelling == self.spelt:
            return False
        return not (token in self.model.control or self.model.ends_text(token) or token in self.banned)

    @property
    def healing(self) -> Healing:
        return Healing(self.text, self.spelt, self.spelling.longer_than(self.spelt))


@dataclass(frozen=True, slots=True)
class Healer:
    """Finds what is to be taken back before a model goes on."""

    model: LanguageModel
    tokens: Tokens
    spelling: Spelling

    def tail(self, pieces: tuple[Piece, ...], sampling: Sampling) -> Tail | None:
        """The last token of the text that the prefix ends with, or the last ones where it ends inside a character. None
        where the prefix ends otherwise, nothing is to be healed, or the tokens show other text than what was typed.
        Raises ModelError.
        """
        last = pieces[-1] if pieces else None
        if not sampling.heals or not self.model.heals or not isinstance(last, TextPiece):
            return None
        found = self._end(last.text, first=len(pieces) == 1)
        if found is None:
            return None
        text, spelt, typed = found
        head = joined((*pieces[:-1], TextPiece(last.text[: -len(text)])))
        if not head and self.model.facts.bos < 0:
            return None
        return Tail(self.model, self.spelling, text, spelt, typed, head, bias.banned(sampling.bias, self.model))

    def _end(self, text: str, *, first: bool) -> tuple[str, bytes, int] | None:
        """The end of a text as Tail has it: text, spelt, typed. first: the text begins the page."""
        known, shown, spelt = self.tokens.of_text(text, first), b"", b""
        for index in reversed(range(len(known.ids))):
            own = self.model.token_bytes(known.ids[index])
            shown, spelt = known.other.get(index, own) + shown, own + spelt
            if _is_whole(shown):
                added = first and index == 0 and spelt == b" " + shown
                same = (spelt == shown or added) and text.endswith(shown.decode())
                return (shown.decode(), spelt, known.ids[index]) if same else None
        return None

    def given(self, text: str, tokens: Iterable[int]) -> Healing | None:
        """The healing of a place that was healed before; None for no text. tokens: some that could be drawn there."""
        if not text:
            return None
        spelt = text.encode("utf-8", "replace")
        if not any(self.model.token_bytes(token).startswith(spelt) for token in tokens):
            spelt = b" " + spelt
        return Healing(text, spelt, self.spelling.longer_than(spelt))


def _is_whole(shown: bytes) -> bool:
    """Whether the bytes are whole characters, and not none."""
    try:
        return bool(shown.decode())
    except UnicodeDecodeError:
        return False
