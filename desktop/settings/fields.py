"""Every setting of the program, said once: its type, default, label, help and bounds. The file, the dialog and a reset
are made from it.

A new setting is one more field here. Knows neither files nor windows."""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any, cast

from models.engine import limits
from models.library.hub.connection import LONGEST_ADDRESS
from models.sampling import knobs
from models.sampling.knobs import Sampling
from resources.language import languages, tr


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What is said of a field. label: empty where it is not for the dialog. low, high: bounds, of numbers or of a
    text's length. choices: the only values a text may have; named: what the dialog calls them. zero: what it says
    instead of the lowest number. key: its name in the file, where that is not the field's."""

    label: str = ""
    help: str = ""
    group: str = ""
    low: float = 0
    high: float = 10_000
    step: float = 1
    choices: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    zero: str = ""
    key: str = ""


def within(bounds: limits.Bounds, about: FieldInfo | None = None) -> FieldInfo:
    """The same with those bounds."""
    return replace(about or FieldInfo(), low=bounds.low, high=bounds.high)


def setting(default: Any, about: FieldInfo | None = None) -> Any:
    """A field of Settings."""
    return field(default=default, metadata={"about": about or FieldInfo()})


LOOK, ODDS = tr("Look"), tr("Odds")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings as one value. Fields without a label are kept by the program itself."""

    theme: str = setting(
        "system",
        FieldInfo(
            tr("Theme"),
            tr("Light, dark, or the system's choice."),
            LOOK,
            choices=("system", "light", "dark"),
            named=(tr("System"), tr("Light"), tr("Dark")),
        ),
    )
    language: str = setting(
        "",
        FieldInfo(
            tr("Language"),
            tr("The language of the program; by default the system's. Takes effect at the next start."),
            LOOK,
            choices=("", *languages()),
        ),
    )
    font_family: str = setting(
        "", FieldInfo(tr("Font"), tr("The page's typeface; empty for Inkfall's own choice."), LOOK, high=200)
    )
    font_size: float = setting(
        12.5, FieldInfo(tr("Font size"), tr("The page's text, in points."), LOOK, low=6, high=72, step=0.5)
    )
    column: int = setting(
        74,
        FieldInfo(
            tr("Column width"),
            tr("The average number of characters in a line of the page, whatever the window's width."),
            LOOK,
            high=400,
            zero=tr("as wide as the window"),
        ),
    )
    line_spacing: float = setting(
        1.45,
        FieldInfo(
            tr("Line spacing"),
            tr("The distance from line to line, as a multiple of the font size."),
            LOOK,
            low=1,
            high=3,
            step=0.05,
        ),
    )
    heat: bool = setting(
        False, FieldInfo(tr("Colour by surprise"), tr("Colours every token by how surprising it was."), LOOK)
    )
    top: int = setting(
        10,
        within(
            limits.KEPT_ALTERNATIVES,
            FieldInfo(tr("Alternatives"), tr("How many alternatives are stored with each token."), ODDS),
        ),
    )
    context: int = setting(0, within(limits.CONTEXT))  # how models are loaded: the library's Hardware tab has these
    threads: int = setting(0, within(limits.THREADS))
    device: str = setting("", FieldInfo(high=500))
    gpu_layers: int = setting(-1, within(limits.GPU_LAYERS))
    cache_type: str = setting("f16", FieldInfo(choices=limits.CACHE_TYPES))
    flash_attention: str = setting("auto", FieldInfo(choices=limits.FLASH_ATTENTION))
    offline: bool = setting(False)  # how the hub is reached: the library's Network tab has these
    endpoint: str = setting("", FieldInfo(high=LONGEST_ADDRESS))
    proxy: str = setting("", FieldInfo(high=LONGEST_ADDRESS))
    recent_models: tuple[str, ...] = setting((), FieldInfo(high=32_768))
    sampling: Sampling = field(default_factory=Sampling, metadata={"about": FieldInfo()})
    length: int | None = setting(128, within(limits.LENGTH))
    seed: int | None = setting(None, within(limits.SEED))
    n_keep: int = setting(0, within(limits.HEADER, FieldInfo(key="keep")))
    geometry: bytes = setting(b"", FieldInfo(high=100_000))
    state: bytes = setting(b"", FieldInfo(high=100_000))
    panel_widths: tuple[str, ...] = setting((), FieldInfo(high=32_768))
    pages_shown: bool = setting(True)
    beside_shown: bool = setting(True)  # the home at the right: odds and sampling
    beside_tab: str = setting("odds", FieldInfo(choices=("odds", "sampling")))
    page: str = setting("", FieldInfo(high=32_768))  # the page that was open last
    starter_terms_seen: bool = setting(False)
    welcome_seen: bool = setting(False)
    pages_folder: str = setting("", FieldInfo(high=32_768))  # where files were chosen last, by what for
    exports_folder: str = setting("", FieldInfo(high=32_768))
    models_folder: str = setting("", FieldInfo(high=32_768))
    library_geometry: bytes = setting(b"", FieldInfo(high=100_000))
    library_lines: tuple[str, ...] = setting((), FieldInfo(high=32_768))


RECENT = 10  # models that are remembered


def with_recent(recent: tuple[str, ...], path: str) -> tuple[str, ...]:
    """The recent models after that one was opened: it first, none twice, the oldest forgotten."""
    return (path, *(one for one in recent if one != path))[:RECENT]


def about(one: Field[Any]) -> FieldInfo:
    """What is said of that field of Settings."""
    return cast(FieldInfo, one.metadata["about"])


def info_named(name: str) -> FieldInfo:
    """The same by the field's name."""
    return about(next(one for one in fields(Settings) if one.name == name))


def for_dialog() -> tuple[Field[Any], ...]:
    """The fields that a person sets, in order."""
    return tuple(one for one in fields(Settings) if about(one).label)


def bounds_of_knob(metadata: Mapping[str, Any]) -> FieldInfo:
    """The bounds of a number of the sampler chain, said in models/sampling/knobs.py."""
    return FieldInfo(
        low=cast(float, metadata.get("low", 0)), high=cast(float, metadata.get("high", knobs.LONGEST_STOP))
    )
