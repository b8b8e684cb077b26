"""Which draws a generation uses: token k is drawn with Philox(seed, take, first + k).

A generation that begins where the last one ended continues its draws, so that ten steps give the text of one generation
of ten tokens. Writing again uses the next take of the same seed. Chance is injected.
"""

from collections.abc import Callable
from dataclasses import dataclass

from desktop.generation.recipe import Recipe
from desktop.page.sources import Source
from models.engine.requests import Draws


@dataclass(frozen=True, slots=True)
class _Ended:
    """The last generation. tokens: how many it drew. recipe_seed: None where the seed was random. end: the length of
    the page behind it, in units."""

    draws: Draws
    tokens: int
    recipe_seed: int | None
    end: int


class DrawSequences:
    """chance: gives a seed, for a recipe that has none."""

    def __init__(self, chance: Callable[[], int]) -> None:
        self._chance = chance
        self._last: _Ended | None = None
        self._takes: dict[int, int] = {}  # the highest take so far at each fork

    def next_sequence(self, recipe: Recipe, end: int) -> Draws:
        """The draws of a generation that begins at `end`, the page's end in units."""
        last = self._last
        if last is not None and last.end == end and last.recipe_seed == recipe.seed:
            return Draws(last.draws.seed, last.draws.take, last.draws.first + last.tokens)
        return self._fresh(recipe)

    def next_take(self, recipe: Recipe, fork: int, source: Source | None) -> Draws:
        """The draws of another continuation at that fork. source: of the continuation that it replaces."""
        if source is None or source.seed is None or recipe.seed not in (None, source.seed):
            return self._fresh(recipe)
        take = max(self._takes.get(fork, 0), source.take) + 1
        self._takes[fork] = take
        return Draws(source.seed, take, source.first)

    def ended(self, draws: Draws, tokens: int, recipe: Recipe, end: int) -> None:
        """A generation has ended. tokens: how many it drew; the page ends at `end`."""
        self._last = _Ended(draws, tokens, recipe.seed, end)

    def interrupted(self) -> None:
        """The page has changed: the next generation does not continue the last one's draws."""
        self._last = None

    def _fresh(self, recipe: Recipe) -> Draws:
        return Draws(self._chance() if recipe.seed is None else recipe.seed)
