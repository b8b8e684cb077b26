"""A reading: what a model said about one token, and which token was drawn.

The one place that says what each field means, and how it is written that a field is not known. llama.cpp's runner
knows everything; a model behind a completions endpoint draws by itself and shows only a part of its distribution. The
page's table (desktop/page/token_table.py), the odds panel, the exports and the terminal take the fields from here, and
each of them must do without any field that may be absent.
"""

from __future__ import annotations  # array[int] can be written in an annotation, not evaluated, before Python 3.12

import math
from array import array
from dataclasses import dataclass, replace

from models.sampling.coin import FIRST_TRY, Retry
from models.sampling.knobs import STAGES

LOOK = -1  # in place of a token's id: a distribution that nothing was drawn from
HEALED = 1 + STAGES.index("healing")  # in Alternatives.cut
_MASKED = bytes(1 + STAGES.index(stage) for stage in ("control", "bias", "banned", "healing"))
UNKNOWN_ID = -2  # in place of a token's id: a token whose bytes are known, but not its id


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The most likely tokens at one position, most likely (raw) first; empty where they are not known. Where healing
    cut tokens, half of them are the most likely that it left. The chosen token is among them (last, if its rank is
    lower), unless the runner lists only the most likely ones: then it may be missing. All fields have the same
    length."""

    ids: array[int]  # type code "i"; negative where an id is not known
    raw: array[float]  # type code "f"; nats, log-softmax of the logits; NaN where not known
    final: array[float]  # type code "f"; nats, after the sampler chain; -inf where cut; NaN where not known
    cut: bytes  # one byte a token: 0 where no stage is known to have cut it, else 1 + the index in knobs.STAGES
    texts: tuple[bytes, ...]  # the bytes of each token; always known

    def without(self, number: int) -> Alternatives:
        """All but the one with that index."""
        rest = number + 1
        return Alternatives(
            self.ids[:number] + self.ids[rest:],
            self.raw[:number] + self.raw[rest:],
            self.final[:number] + self.final[rest:],
            self.cut[:number] + self.cut[rest:],
            self.texts[:number] + self.texts[rest:],
        )


@dataclass(frozen=True, slots=True)
class ChainEffect:
    """What the sampler chain makes of a whole distribution. divergence: the Kullback-Leibler divergence of the final
    distribution from the raw one, Σ final · log2(final / raw) over the tokens left (Kullback and Leibler, On
    Information and Sufficiency, 1951, with the logarithm to base 2)."""

    left: int  # tokens that no stage cut
    held: float  # the raw probability of those, 0 to 1
    divergence: float  # bits, at least 0; 0 where the chain changes nothing

    @classmethod
    def of(cls, left: int, held: float, nats: float) -> ChainEffect:
        """held, nats: the divergence, as computed; their rounding errors are taken off. A millionth is exact enough,
        and takes less of a page's file."""
        return cls(left, min(round(held, 6), 1.0), max(round(nats / math.log(2), 6), 0.0))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model said about one token, and the draw that chose it. Only token and bytes are always known."""

    token: int  # id in the vocabulary, LOOK or UNKNOWN_ID
    bytes: bytes  # of the token; empty for a look
    raw: float  # nats, log-softmax of the logits at temperature 1, before any sampler; NaN for a look, or not known
    rank: int  # by raw, in the whole vocabulary: 1 is the most likely; 0 for a look, or not known
    entropy: float  # bits, of the raw distribution; NaN where not known
    final: float  # nats, after the sampler chain; -inf where the chain cut the token (or would have); NaN as in raw
    draw: float  # the number in [0, 1) that was drawn; NaN where none was, or not known
    low: float  # the chosen token's interval is [low, high), in the order of the candidates on the coin's strip;
    high: float  # both NaN where nothing was drawn, or not known
    alternatives: Alternatives
    gate: float = math.nan  # the draw that decided whether XTC applied to these odds; NaN where the chain has no XTC
    learned: float = math.nan  # by mirostat (mu, bits) or adaptive-p (its mean) before this draw; NaN where nothing was
    retry: Retry = FIRST_TRY  # which draw at its place
    effect: ChainEffect | None = None  # of the chain; None where it is not known, and of text that was only scored

    @property
    def is_look(self) -> bool:
        """Whether it is a distribution that nothing was drawn from."""
        return self.token == LOOK

    @property
    def has_interval(self) -> bool:
        """Whether both ends of the chosen token's interval are known."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    def instead(self, number: int) -> Reading:
        """The reading of the alternative with that index in the token's place; no token was drawn."""
        found = self.alternatives
        raw, final = found.raw[number], found.final[number]
        rank = self.rank if number == self.chosen else 0 if math.isnan(raw) or HEALED in found.cut else number + 1
        return replace(
            self,
            token=found.ids[number] if found.ids[number] >= 0 else UNKNOWN_ID,
            bytes=found.texts[number],
            raw=raw,
            rank=rank,
            final=final,
            draw=math.nan,
            low=math.nan,
            high=math.nan,
            retry=FIRST_TRY,
        )

    @property
    def before(self) -> Reading:
        """The distribution as it was before this draw: a look. A token that is only listed because it was drawn is left
        out."""
        found, nan = self.alternatives, math.nan
        last = len(found.ids) - 1
        if HEALED in found.cut and self.chosen is not None:
            last = self.chosen  # one that healing left as likely has others of those behind it
        only_drawn = self.rank > len(found.ids) > 0 and all(cut in _MASKED for cut in found.cut[last + 1 :])
        listed = found.without(last) if only_drawn else found
        odds = Reading(LOOK, b"", nan, 0, self.entropy, nan, nan, nan, nan, listed, self.gate, self.learned)
        return replace(odds, effect=self.effect)

    def drawn_again(self, flip: Reading) -> Reading:
        """This reading with another draw from the same odds. flip: of that draw, whatever its alternatives are; its
        token takes the place of the last alternative where it is none of them."""
        found = self.alternatives
        if flip.token in found.ids:
            listed = self.instead(found.ids.index(flip.token))
            return replace(listed, draw=flip.draw, low=flip.low, high=flip.high)
        most = max(len(found.ids) - 1, 0)
        others = Alternatives(
            found.ids[:most] + array("i", [flip.token]),
            found.raw[:most] + array("f", [flip.raw]),
            found.final[:most] + array("f", [flip.final]),
            found.cut[:most] + b"\0",
            (*found.texts[:most], flip.bytes),
        )
        kept = {"gate": self.gate, "learned": self.learned, "effect": self.effect}
        return replace(flip, entropy=self.entropy, alternatives=others, **kept)

    @property
    def chosen(self) -> int | None:
        """The index of the token among the alternatives, by its id, or by its bytes where one of the two ids is not
        known; None where it is not among them."""
        found = self.alternatives
        if self.token >= 0 and self.token in found.ids:
            return found.ids.index(self.token)
        for index, (identity, spelt) in enumerate(zip(found.ids, found.texts, strict=True)):
            if spelt == self.bytes and not self.is_look and (identity < 0 or self.token < 0):
                return index
        return None


def without_odds(token: int, data: bytes) -> Reading:
    """A token of which nothing is known but its id and its bytes."""
    nothing = Alternatives(array("i"), array("f"), array("f"), b"", ())
    unknown = math.nan
    return Reading(token, data, unknown, 0, unknown, unknown, unknown, unknown, unknown, nothing)
