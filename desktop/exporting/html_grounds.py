"""The backgrounds of tokens in an exported page: by surprisal in fine shades, or by another measure in its steps."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from desktop.exporting.difference_steps import DifferenceSteps
from desktop.page.contents import Contents
from desktop.page.measures import AUTHOR, AUTHOR_STEP, DIFFERENCE, STRENGTHS, Measure, step_of
from desktop.page.surprisal import SHADES, shade, strength
from models.sampling.readings import Reading
from resources.language import tr

_SURPRISAL = tr(
    "The warmer the background, the less likely the token was; a dotted line means that it is outdated: "
    "earlier text was edited."
)


@dataclass(frozen=True, slots=True)
class Grounds:
    """measure: by what, None: by surprisal in fine shades. differing: the steps of a difference."""

    measure: Measure | None = None
    differing: DifferenceSteps | None = None

    @classmethod
    def of(cls, measure: Measure | None, contents: Contents) -> "Grounds":
        """Those for the measure that the page shows: fine shades for surprisal."""
        if measure is None or measure.name == "surprisal":
            return cls()
        return cls(measure, DifferenceSteps(contents, measure) if measure.name == DIFFERENCE else None)

    @property
    def colour(self) -> str:
        """The field of Colours with the strongest one."""
        return self.measure.colour if self.measure else "heat"

    def rules(self) -> str:
        """The CSS of each class, h1 for the weakest."""
        return " ".join(
            f".h{number} {{ background: rgb(var(--heat) / {one:.2g}); }}" for number, one in self._strengths()
        )

    def _strengths(self) -> Iterator[tuple[int, float]]:
        if self.measure is None:
            return ((step, strength(step)) for step in range(1, SHADES))
        return enumerate(STRENGTHS, 1)

    def number(self, readings: Sequence[Reading], generated: bool, start: int) -> int:
        """The number of the class of a run with these readings, which starts at that unit of the page; 0 for none."""
        if self.differing is not None:
            return self.differing.at(start) + 1
        if self.measure is None:
            return shade(bits_of(readings))
        if self.measure.name == AUTHOR:
            return AUTHOR_STEP + 1 if generated else 0
        return step_of(self.measure, readings) + 1

    def words(self) -> str:
        """How to read them."""
        if self.measure is None:
            return _SURPRISAL
        sentence = tr(
            "The background, weakest first: {measure}: {steps}. A dotted line means that it is outdated: "
            "earlier text was edited."
        )
        return sentence.format(measure=self.measure.legend, steps=", ".join(self.measure.labels))


def bits_of(readings: Sequence[Reading]) -> float:
    """The surprisal of a run."""
    return -sum(one.raw for one in readings) / math.log(2)
