"""Words for a probability that differs where it is read again: how a model rounds depends on how many tokens it reads
at once (docs/engine.md). No Qt."""

import math
from dataclasses import dataclass

from desktop.odds import words
from desktop.page.sources import Source
from models.sampling.readings import Reading
from resources.language import tr

REASON = tr(
    "How a model rounds depends a little on how many tokens it reads at once, most of all where it is quantised. "
    "Neither number is wrong."
)


@dataclass(frozen=True, slots=True)
class ReadTwice:
    """The probability of a token at first, and as it was read again. written: the model wrote the token then."""

    first: float
    again: float
    written: bool

    @property
    def differs(self) -> bool:
        """Whether both differ by more than one step of the last digit that is shown: one step may be rounding alone."""
        step = 0.000_1 if max(self.first, self.again) < words.COARSE else 0.001
        return abs(self.first - self.again) > step

    @property
    def note_first(self) -> str:
        """A few words, beside the number of now."""
        return tr("at first: {share}").format(share=words.percent(self.first))

    @property
    def note_again(self) -> str:
        """A few words, beside the first number."""
        return tr("read again: {share}").format(share=words.percent(self.again))

    @property
    def sentence(self) -> str:
        if self.written:
            sentence = tr("Read again: {again}; when it was written: {first}.")
        else:
            sentence = tr("Read again: {again}; at first: {first}.")
        return sentence.format(again=words.percent(self.again), first=words.percent(self.first))

    @property
    def help(self) -> str:
        return f"{self.sentence} {REASON}"


@dataclass(frozen=True, slots=True)
class Recorded:
    """The odds of a place as they were first computed. written: the model wrote a token there then."""

    reading: Reading
    source: Source
    written: bool

    def read_again(self, token: int, raw: float, model: str) -> ReadTwice | None:
        """The probability of a token of these odds, where it differs from that of now. raw: of now, in nats. model: the
        fingerprint of the one that read it; another one's numbers differ for a better reason, and so do those of a
        prefix that was not seen as a whole."""
        if self.source.fingerprint != model or self.source.window or token < 0:
            return None
        found = self.reading.alternatives
        listed = dict(zip(found.ids, found.raw, strict=True)) | {self.reading.token: self.reading.raw}
        twice = ReadTwice(words.probability(listed.get(token, math.nan)), words.probability(raw), self.written)
        return twice if twice.differs else None
