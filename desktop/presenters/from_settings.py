"""From the settings to the values that rooms take: how the next text is made, how models are loaded. No Qt."""

from dataclasses import fields

from desktop.generation.recipe import Recipe
from desktop.settings.fields import Settings
from models.library.load_options import LoadOptions


def load_options(settings: Settings) -> LoadOptions:
    """How a model is loaded."""
    return LoadOptions(**{one.name: getattr(settings, one.name) for one in fields(LoadOptions)})


def recipe_of(settings: Settings) -> Recipe:
    """How the next text is made."""
    return Recipe(settings.sampling, settings.length, settings.seed, settings.top, settings.n_keep)
