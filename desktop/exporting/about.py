"""What an export says of the page as a whole. Knows no file."""

from dataclasses import dataclass, fields

from desktop.page.sources import Source
from resources.dates import day
from resources.language import tr


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """title: empty where the user gave none. model: the one that wrote last, by its name. Times in seconds since 1970,
    0 where they are not known."""

    title: str = ""
    model: str = ""
    created: float = 0.0
    modified: float = 0.0


def settings(source: Source) -> str:
    """How a model wrote, in words: what is off neutral, and the seed."""
    sampling = source.sampling
    knobs = {knob.name: knob.metadata["label"] for knob in fields(sampling)}
    told = [f"{knobs[name]}: {_said(getattr(sampling, name))}" for name in sampling.off_neutral()] or [
        tr("all samplers off")
    ]
    told += [] if source.seed is None else [tr("seed {number}").format(number=source.seed)]
    return ", ".join(told)


def date(seconds: float) -> str:
    """A day, as a person says it; nothing where it is not known."""
    return day(seconds) if seconds else ""


def _said(value: object) -> str:
    return tr("off") if value is True else str(value)  # the one switch among them is called after what it takes away
