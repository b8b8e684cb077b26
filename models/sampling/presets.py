"""Sampler presets: settings of the coin under a name. Some are built in; the user's own are kept as texts, one each.

A text is a JSON object with `name` and `sampling`, which holds the settings that differ from neutral. What a later
version put in it stays there. Stop strings, `ignore_eos` and healing belong to the text that is written, not to a
preset.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from models.library.outside_json import parse
from models.sampling.knobs import NEUTRAL, TEXTS, Sampling
from resources.language import tr

LONGEST_NAME = 60  # characters
MOST = 1_000
_OF_THE_TEXT = ("stop", "ignore_eos", "no_healing")


@dataclass(frozen=True, slots=True)
class Preset:
    """source: where the numbers come from, as a sentence; "" for the user's own. key: a built-in one's name in the
    terminal, in every language.
    """

    name: str
    sampling: Sampling
    source: str = ""
    key: str = ""

    def applied(self, present: Sampling) -> Sampling:
        """Its settings, with what belongs to the text from the present ones."""
        return replace(self.sampling, **{name: getattr(present, name) for name in _OF_THE_TEXT})


BUILT_IN = (
    Preset(tr("Neutral"), NEUTRAL, tr("The model's own odds: all samplers off."), "neutral"),
    Preset(
        "llama.cpp",
        Sampling(temperature=0.8, top_k=40, top_p=0.95, min_p=0.05),
        tr("The defaults of llama.cpp's programs (common/common.h)."),
        "llama.cpp",
    ),
    Preset(
        "Nucleus",
        Sampling(top_p=0.95),
        tr("Top-p 0.95, from the paper that introduced it: Holtzman et al., arXiv:1904.09751."),
        "nucleus",
    ),
    Preset(
        "Min-p",
        Sampling(temperature=1.5, min_p=0.1),
        tr("A high temperature that min-p 0.1 holds together: Nguyen et al., arXiv:2407.01082."),
        "min-p",
    ),
)


class PresetError(ValueError):
    """A preset cannot have that name. The error's text is one sentence."""


def own(texts: Sequence[str]) -> list[Preset]:
    """The user's presets, in their order. Texts that are none are left out, values that are not allowed are neutral."""
    return [preset for text in texts if (preset := _read(text))]


def found(name: str, texts: Sequence[str]) -> Preset | None:
    """The preset with that name, whatever its capitals; the user's own first."""
    wanted = _plain(name)
    names = (preset for preset in (*own(texts), *BUILT_IN))
    return next((preset for preset in names if wanted in (preset.name.casefold(), preset.key)), None)


def like(sampling: Sampling, texts: Sequence[str], name: str = "") -> Preset | None:
    """The preset that gives these settings, of several the one with that name, else the first; None where none does."""
    giving = [preset for preset in (*BUILT_IN, *own(texts)) if preset.applied(sampling) == sampling]
    return next((preset for preset in giving if preset.name == name), giving[0] if giving else None)


def saved(texts: Sequence[str], name: str, sampling: Sampling) -> tuple[str, ...]:
    """The texts with these settings under a name, in the place of the user's preset of that name if there is one.
    Raises PresetError.
    """
    name = _checked(name)
    fresh = {knob: value for knob, value in asdict(sampling).items() if knob not in _OF_THE_TEXT}
    changed = {knob: value for knob, value in fresh.items() if value != getattr(NEUTRAL, knob)}
    at = _place(texts, name)
    if at is None and len(texts) >= MOST:
        raise PresetError(tr("There are {count:,} presets already.").format(count=len(texts)))
    before: dict[str, Any] = _object(texts[at]) or {} if at is not None else {}
    unknown = {knob: value for knob, value in _settings(before).items() if knob not in asdict(NEUTRAL)}
    text = json.dumps({**before, "name": name, "sampling": {**unknown, **changed}}, ensure_ascii=True)
    return (*texts, text) if at is None else (*texts[:at], text, *texts[at + 1 :])


def renamed(texts: Sequence[str], name: str, new: str) -> tuple[str, ...]:
    """The texts with another name for one of the user's presets. Raises PresetError."""
    new, at = _checked(new), _place(texts, name)
    other = _place(texts, new)
    if at is None or other not in (None, at):
        raise PresetError(tr("There is a preset “{name}” already.").format(name=new))
    text = json.dumps({**(_object(texts[at]) or {}), "name": new}, ensure_ascii=True)
    return (*texts[:at], text, *texts[at + 1 :])


def without(texts: Sequence[str], name: str) -> tuple[str, ...]:
    """The texts without one of the user's presets."""
    at = _place(texts, name)
    return tuple(text for place, text in enumerate(texts) if place != at)


def _plain(name: str) -> str:
    """The name as it is compared: without capitals and needless spaces."""
    return " ".join(name.split()).casefold()


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise PresetError(tr("A preset's name has 1 to {most} characters.").format(most=LONGEST_NAME))
    if any(name.casefold() in (preset.name.casefold(), preset.key) for preset in BUILT_IN):
        raise PresetError(tr("“{name}” is built in: choose another name.").format(name=name))
    return name


def _place(texts: Sequence[str], name: str) -> int | None:
    """The index of the user's preset with that name."""
    wanted = _plain(name)
    presets = ((place, _read(text)) for place, text in enumerate(texts))
    return next((place for place, preset in presets if preset and preset.name.casefold() == wanted), None)


def _read(text: str) -> Preset | None:
    held = _object(text)
    name = held.get("name") if held else None
    if held is None or not isinstance(name, str) or not name:
        return None
    sampling = NEUTRAL
    for knob, value in _settings(held).items():
        if knob in asdict(NEUTRAL) and knob not in _OF_THE_TEXT:
            sampling = _with(sampling, knob, value)
    return Preset(name, sampling)


def _with(sampling: Sampling, knob: str, value: Any) -> Sampling:
    if knob in TEXTS and isinstance(value, list):
        value = tuple(cast("list[Any]", value))
    try:
        return replace(sampling, **{knob: value}).checked()
    except ValueError:
        return sampling


def _settings(held: dict[str, Any]) -> dict[str, Any]:
    found = held.get("sampling")
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _object(text: str) -> dict[str, Any] | None:
    try:
        held = parse(text)
    except ValueError:
        return None
    return cast("dict[str, Any]", held) if isinstance(held, dict) else None
