"""What the settings say to the rooms: how the next text is made, how models are loaded. Pure, and knows no window."""

from dataclasses import fields

from desktop.generation.recipe import Recipe
from desktop.settings.fields import Settings
from models.library.load_options import LoadOptions


def load_options(settings: Settings) -> LoadOptions:
    """How the settings say that a model is loaded."""
    return LoadOptions(**{one.name: getattr(settings, one.name) for one in fields(LoadOptions)})


def recipe_of(settings: Settings) -> Recipe:
    return Recipe(settings.sampling, settings.length, settings.seed, settings.top, settings.n_keep)
