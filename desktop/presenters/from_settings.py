"""Makes the values that rooms take of the settings: the recipe of the next text, the options of a load. No Qt."""

from dataclasses import fields

from desktop.generation.recipe import Recipe
from desktop.settings.fields import Settings
from models.library.load_options import LoadOptions


def load_options(settings: Settings) -> LoadOptions:
    """The options of a load."""
    return LoadOptions(**{one.name: getattr(settings, one.name) for one in fields(LoadOptions)})


def recipe_of(settings: Settings) -> Recipe:
    """The recipe of the next text."""
    return Recipe(settings.sampling, settings.length, settings.seed, settings.top, settings.n_keep)
