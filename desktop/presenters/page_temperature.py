"""A temperature that belongs to one page: put on with the page, taken off when it leaves, never kept in the settings.

A temperature that the user chooses meanwhile is theirs, and stays. Remembered until the program ends.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from desktop.generation.recipe import Recipe
from desktop.generation.sampling_panel import SamplingPanel


class PageTemperature:
    """Sets the panel's temperature; `path` gives the open page's file, or where it will be."""

    def __init__(self, panel: SamplingPanel, path: Callable[[], Path]) -> None:
        self._panel, self._path = panel, path
        self._own = 0.0  # the user's own temperature, which comes back
        self._worn: float | None = None  # the open page's
        self._of_pages: dict[Path, float] = {}

    def set(self, temperature: float) -> None:
        """The open page has that temperature from now on."""
        self._wear(temperature)

    def leave(self) -> None:
        """The open page is about to leave."""
        if self._holds(self._panel.recipe):
            assert self._worn is not None
            self._of_pages[self._path()] = self._worn
            self._put(self._own)
        else:
            self._of_pages.pop(self._path(), None)
        self._worn = None

    def arrive(self) -> None:
        """A page was opened."""
        if self._worn is None and (temperature := self._of_pages.get(self._path())) is not None:
            self._wear(temperature)

    def lasting(self, recipe: Recipe) -> Recipe:
        """The recipe as the settings keep it: with the user's own temperature."""
        return _with_temperature(recipe, self._own) if self._holds(recipe) else recipe

    def _holds(self, recipe: Recipe) -> bool:
        return self._worn is not None and recipe.sampling.temperature == self._worn

    def _wear(self, temperature: float) -> None:
        if not self._holds(self._panel.recipe):
            self._own = self._panel.recipe.sampling.temperature
        self._worn = temperature
        self._put(temperature)

    def _put(self, temperature: float) -> None:
        self._panel.set_recipe(_with_temperature(self._panel.recipe, temperature))


def _with_temperature(recipe: Recipe, temperature: float) -> Recipe:
    return replace(recipe, sampling=replace(recipe.sampling, temperature=temperature))
