"""What the settings say to the rooms: how the next text is made, how models are loaded. Pure, and knows no window."""

from dataclasses import fields

from desktop.generation.recipe import Recipe
from desktop.library.choices import Choices
from desktop.settings.fields import Settings
from models.engine.requests import LoadOptions


def load_options(settings: Settings) -> LoadOptions:
    """How the settings say that a model is loaded."""
    return LoadOptions(
        context=settings.context,
        threads=settings.threads,
        gpu_layers=settings.gpu_layers,
        device=settings.device,
        cache_type=settings.cache_type,
        flash_attention=settings.flash_attention,
    )


def recipe_of(settings: Settings) -> Recipe:
    return Recipe(settings.sampling, settings.length, settings.seed, settings.top, settings.keep)


def choices_of(settings: Settings) -> Choices:
    """The same as the library's page shows it."""
    return Choices(**{one.name: getattr(settings, one.name) for one in fields(Choices)})
