"""Facts of the page as a whole for an export, and how they are worded."""

from dataclasses import dataclass, fields

from desktop.page.sources import Source
from resources.dates import day
from resources.language import tr


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """title: empty where the user gave none. model: name of the one that wrote last. created, modified: seconds since
    1970, 0 where not known."""

    title: str = ""
    model: str = ""
    created: float = 0.0
    modified: float = 0.0


def settings(source: Source) -> str:
    """The settings of a source in words: the knobs that are not neutral, and the seed."""
    sampling = source.sampling
    knobs = {knob.name: knob.metadata["label"] for knob in fields(sampling)}
    values = [f"{knobs[name]}: {_worded(getattr(sampling, name))}" for name in sampling.off_neutral()]
    seed = [] if source.seed is None else [tr("seed {number}").format(number=source.seed)]
    return ", ".join((values or [tr("all samplers off")]) + seed)


def date(seconds: float) -> str:
    """The day of that time, in words; empty for 0. seconds: since 1970."""
    return day(seconds) if seconds else ""


def _worded(value: object) -> str:
    return tr("off") if value is True else str(value)  # the only switch is named after what it removes
