"""Which draws a generation uses: draw k uses Philox(seed, take, first + k).

A generation that goes on where the last one ended goes on with its coins, so that ten steps spell what one generation
of ten tokens would. Writing again takes the next row (`take`) of the same seed. Knows no engine; chance is injected.
"""

from collections.abc import Callable
from dataclasses import dataclass

from desktop.generation.recipe import Recipe
from desktop.page.sources import Source


@dataclass(frozen=True, slots=True)
class DrawSequence:
    """The draws of one generation."""

    seed: int
    take: int = 0
    first: int = 0


@dataclass(frozen=True, slots=True)
class _Ended:
    """The last generation: its row, how many coins were flipped, the seed that was asked for, where on the page it
    ended.
    """

    draws: DrawSequence
    flipped: int
    asked: int | None
    end: int


class DrawSequences:
    """chance: a seed for a generation that nobody chose one for."""

    def __init__(self, chance: Callable[[], int]) -> None:
        self._chance = chance
        self._last: _Ended | None = None
        self._takes: dict[int, int] = {}  # the highest take that was handed out for each fork

    def next_sequence(self, recipe: Recipe, end: int) -> DrawSequence:
        """For a generation that begins at the page's end."""
        last = self._last
        if last is not None and last.end == end and last.asked == recipe.seed:
            return DrawSequence(last.draws.seed, last.draws.take, last.draws.first + last.flipped)
        return self._fresh(recipe)

    def next_take(self, recipe: Recipe, fork: int, source: Source | None) -> DrawSequence:
        """For one more continuation of that fork, where `source` tells how the one it replaces came to be."""
        if source is None or source.seed is None or recipe.seed not in (None, source.seed):
            return self._fresh(recipe)
        take = max(self._takes.get(fork, 0), source.take) + 1
        self._takes[fork] = take
        return DrawSequence(source.seed, take, source.first)

    def ended(self, draws: DrawSequence, flipped: int, recipe: Recipe, end: int) -> None:
        """A generation is over; the page ends there."""
        self._last = _Ended(draws, flipped, recipe.seed, end)

    def interrupted(self) -> None:
        """The page was changed by someone else: the next generation does not go on where the last one ended."""
        self._last = None

    def _fresh(self, recipe: Recipe) -> DrawSequence:
        return DrawSequence(self._chance() if recipe.seed is None else recipe.seed)
