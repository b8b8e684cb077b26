"""Every setting of the program, declared once: its type, default, label, help and bounds.

The file and the dialog are made from these fields. A new setting is one more field here."""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any, cast

from desktop.page.measures import MEASURES, RANK_CLASSES
from models.engine import limits
from models.library.hub.connection import LONGEST_ADDRESS
from models.sampling import knob_checks
from models.sampling.knobs import Sampling
from resources.language import languages, tr


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """The declaration of a field. label: empty for a field that is not in the dialog. low, high: bounds of a number, or
    of a text's length. count: how many numbers a list has. choices: the values a text may have; named: their labels.
    zero: the text that the dialog shows instead of the lowest number. key: the name in the file, where it is not the
    field's."""

    label: str = ""
    help: str = ""
    group: str = ""
    low: float = 0
    high: float = 10_000
    step: float = 1
    count: int = 0
    choices: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    zero: str = ""
    key: str = ""


def within(bounds: limits.Bounds, info: FieldInfo | None = None) -> FieldInfo:
    """Return the declaration with these bounds."""
    return replace(info or FieldInfo(), low=bounds.low, high=bounds.high)


def setting(default: Any, info: FieldInfo | None = None) -> Any:
    """A field of Settings."""
    return field(default=default, metadata={"info": info or FieldInfo()})


APPEARANCE, ODDS = tr("Look"), tr("Odds")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings as one value. Fields without a label are set by the program itself."""

    theme: str = setting(
        "system",
        FieldInfo(
            tr("Theme"),
            tr("Light, dark, or the system's choice."),
            APPEARANCE,
            choices=("system", "light", "dark"),
            named=(tr("System"), tr("Light"), tr("Dark")),
        ),
    )
    language: str = setting(
        "",
        FieldInfo(
            tr("Language"),
            tr("The language of the program; by default the system's. Takes effect at the next start."),
            APPEARANCE,
            choices=("", *languages()),
        ),
    )
    font_family: str = setting(
        "", FieldInfo(tr("Font"), tr("The page's typeface; empty for Inkfall's own choice."), APPEARANCE, high=200)
    )
    font_size: float = setting(
        12.5, FieldInfo(tr("Font size"), tr("The page's text, in points."), APPEARANCE, low=6, high=72, step=0.5)
    )
    column: int = setting(
        74,
        FieldInfo(
            tr("Column width"),
            tr("The average number of characters in a line of the page, whatever the window's width."),
            APPEARANCE,
            high=400,
            zero=tr("as wide as the window"),
        ),
    )
    line_spacing: float = setting(
        1.45,
        FieldInfo(
            tr("Line spacing"),
            tr("The distance from line to line, as a multiple of the font size."),
            APPEARANCE,
            low=1,
            high=3,
            step=0.05,
        ),
    )
    heat: bool = setting(
        False,
        FieldInfo(
            tr("Colours in the text"), tr("Colours every token by a measure, which the View menu has."), APPEARANCE
        ),
    )
    underline: bool = setting(
        False,
        FieldInfo(
            tr("Underline instead of filling"),
            tr("Shows the colours as bars below the letters; the higher the bar, the stronger the step."),
            APPEARANCE,
        ),
    )
    rank_classes: tuple[int, ...] = setting(
        RANK_CLASSES,
        FieldInfo(
            tr("Classes of ranks"),
            tr("The highest rank of each step between the most likely token and the rarest ones."),
            APPEARANCE,
            low=2,
            high=1_000_000,
            count=len(RANK_CLASSES),
        ),
    )
    measure: str = setting("surprisal", FieldInfo(choices=tuple(MEASURES)))  # the last one that coloured the text
    tokens: bool = setting(False)  # the page is shown as token boxes
    top: int = setting(
        10,
        within(
            limits.KEPT_ALTERNATIVES,
            FieldInfo(tr("Alternatives"), tr("How many alternatives are stored with each token."), ODDS),
        ),
    )
    asides: bool = setting(
        True,
        FieldInfo(
            tr("Read my text by itself"),
            tr(
                "Gets odds for your own text: where you put the cursor, and of what you type, once you pause. "
                "What you type is not read on battery, nor with a slow model."
            ),
            ODDS,
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
    sampling: Sampling = field(default_factory=Sampling, metadata={"info": FieldInfo()})
    presets: tuple[str, ...] = setting((), FieldInfo(high=1_000_000))  # of samplers: models/sampling/presets.py
    grammar_typed: str = setting("", FieldInfo(high=1_000_000))  # one with a mistake, which does not apply
    length: int | None = setting(128, within(limits.LENGTH))
    seed: int | None = setting(None, within(limits.SEED))
    n_keep: int = setting(0, within(limits.HEADER, FieldInfo(key="keep")))
    step_speed: int = setting(0, FieldInfo(high=7))  # step mode: an index in SPEEDS (generation/step_bar.py)
    step_hesitates: bool = setting(False)
    step_bits: float = setting(2.0, FieldInfo(high=20))
    geometry: bytes = setting(b"", FieldInfo(high=100_000))
    state: bytes = setting(b"", FieldInfo(high=100_000))
    panel_widths: tuple[str, ...] = setting((), FieldInfo(high=32_768))
    pages_shown: bool = setting(True)
    beside_shown: bool = setting(True)  # the tabbed dock at the right
    beside_tab: str = setting("odds", FieldInfo(choices=("odds", "sampling", "selection")))
    plot_shown: bool = setting(False)
    page: str = setting("", FieldInfo(high=32_768))  # the page that was open last
    starter_terms_seen: bool = setting(False)
    welcome_seen: bool = setting(False)
    pages_folder: str = setting("", FieldInfo(high=32_768))  # where files of each purpose were chosen last
    exports_folder: str = setting("", FieldInfo(high=32_768))
    models_folder: str = setting("", FieldInfo(high=32_768))
    library_geometry: bytes = setting(b"", FieldInfo(high=100_000))
    library_lines: tuple[str, ...] = setting((), FieldInfo(high=32_768))


RECENT = 10  # models that are remembered


def with_recent(recent: tuple[str, ...], path: str) -> tuple[str, ...]:
    """Return the recent models after a model was opened: the newest first, each once, at most RECENT."""
    return (path, *(one for one in recent if one != path))[:RECENT]


def info_of(one: Field[Any]) -> FieldInfo:
    """The declaration of a field of Settings."""
    return cast(FieldInfo, one.metadata["info"])


def info_named(name: str) -> FieldInfo:
    """The declaration of the field of Settings with this name."""
    return info_of(next(one for one in fields(Settings) if one.name == name))


def for_dialog() -> tuple[Field[Any], ...]:
    """The fields that are in the dialog, in order."""
    return tuple(one for one in fields(Settings) if info_of(one).label)


def bounds_of_knob(metadata: Mapping[str, Any]) -> FieldInfo:
    """The bounds of a knob of the sampler chain, as models/sampling/knobs.py declares them."""
    return FieldInfo(
        low=cast(float, metadata.get("low", 0)), high=cast(float, metadata.get("high", knob_checks.LONGEST_STOP))
    )
