"""A temperature that belongs to one page: set while the page is open, never saved in the settings.

A temperature that the user chooses meanwhile replaces it. Remembered until the program ends.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from desktop.generation.recipe import Recipe
from desktop.generation.sampling_panel import SamplingPanel


class PageTemperature:
    """Sets the panel's temperature. path: gives the file of the open page, which may not exist yet."""

    def __init__(self, panel: SamplingPanel, path: Callable[[], Path]) -> None:
        self._panel, self._path = panel, path
        self._user_temperature = 0.0  # the user's own temperature, which comes back when the page leaves
        self._page_temperature: float | None = None  # that of the open page, where it has one
        self._by_path: dict[Path, float] = {}

    def set(self, temperature: float) -> None:
        """Give the open page that temperature."""
        self._apply(temperature)

    def leave(self) -> None:
        """The open page is about to leave."""
        if self._has_page_temperature(self._panel.recipe):
            assert self._page_temperature is not None
            self._by_path[self._path()] = self._page_temperature
            self._show(self._user_temperature)
        else:
            self._by_path.pop(self._path(), None)
        self._page_temperature = None

    def arrive(self) -> None:
        """A page was opened."""
        if self._page_temperature is None and (temperature := self._by_path.get(self._path())) is not None:
            self._apply(temperature)

    def to_save(self, recipe: Recipe) -> Recipe:
        """The recipe for the settings: with the user's own temperature."""
        return _with_temperature(recipe, self._user_temperature) if self._has_page_temperature(recipe) else recipe

    def _has_page_temperature(self, recipe: Recipe) -> bool:
        return self._page_temperature is not None and recipe.sampling.temperature == self._page_temperature

    def _apply(self, temperature: float) -> None:
        if not self._has_page_temperature(self._panel.recipe):
            self._user_temperature = self._panel.recipe.sampling.temperature
        self._page_temperature = temperature
        self._show(temperature)

    def _show(self, temperature: float) -> None:
        self._panel.set_recipe(_with_temperature(self._panel.recipe, temperature))


def _with_temperature(recipe: Recipe, temperature: float) -> Recipe:
    return replace(recipe, sampling=replace(recipe.sampling, temperature=temperature))
