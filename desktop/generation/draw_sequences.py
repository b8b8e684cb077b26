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
    """The last generation. tokens: how many it drew. recipe_seed: None where the seed was random. end: of its text, a
    position of the page in units."""

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

    def next_sequences(self, recipe: Recipe, at: int, streams: int = 1) -> list[Draws]:
        """The draws of a generation that begins at a position of the page, in units. Its streams have takes of their
        own; the first draws what a single stream draws."""
        last = self._last
        if last is not None and last.end == at and last.recipe_seed == recipe.seed:
            return _takes(Draws(last.draws.seed, last.draws.take, last.draws.first + last.tokens), streams)
        return _takes(self._fresh(recipe), streams)

    def next_takes(self, recipe: Recipe, fork: int, source: Source | None, streams: int = 1) -> list[Draws]:
        """The draws of other continuations at that fork. source: of the continuation that they replace."""
        if source is None or source.seed is None or recipe.seed not in (None, source.seed):
            return _takes(self._fresh(recipe), streams)
        draws = _takes(Draws(source.seed, max(self._takes.get(fork, 0), source.take) + 1, source.first), streams)
        self.taken(fork, draws[-1].take)
        return draws

    def taken(self, fork: int, take: int) -> None:
        """The takes up to that one are used at a fork."""
        self._takes[fork] = max(self._takes.get(fork, 0), take)

    def ended(self, draws: Draws, tokens: int, recipe: Recipe, end: int) -> None:
        """A generation has ended. tokens: how many it drew; its text ends at `end`, a position of the page in units."""
        self._last = _Ended(draws, tokens, recipe.seed, end)

    def interrupted(self) -> None:
        """The page has changed: the next generation does not continue the last one's draws."""
        self._last = None

    def _fresh(self, recipe: Recipe) -> Draws:
        return Draws(self._chance() if recipe.seed is None else recipe.seed)


def _takes(first: Draws, streams: int) -> list[Draws]:
    """The draws of that many streams, from that take on."""
    return [Draws(first.seed, first.take + stream, first.first) for stream in range(streams)]
