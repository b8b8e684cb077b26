"""How the next generation is made, as one value; and its text in the panel: seeds, stop strings, changed samplers.

No Qt. models/sampling/knobs.py says what the settings of the chain mean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from models.engine.limits import SEED
from models.sampling.knob_checks import LONGEST_STOP, MOST_STOPS
from models.sampling.knobs import NEUTRAL, Sampling
from resources.language import SOURCE, SPOKEN, tr

DEFAULT_LENGTH = 128  # tokens

_TO_ESCAPE = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\"}
_FROM_ESCAPE = {sign[1]: character for character, sign in _TO_ESCAPE.items()}
_ESCAPE = re.compile(r"\\(?:([ntr\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")


@dataclass(frozen=True, slots=True)
class Recipe:
    """length: tokens, None = endless. seed: None = a new one each time. top: alternatives stored with each token.
    n_keep: how many of the page's first tokens stay in the context when the window slides."""

    sampling: Sampling = field(default_factory=Sampling)
    length: int | None = DEFAULT_LENGTH
    seed: int | None = None
    top: int = 10
    n_keep: int = 0

    def neutral(self) -> "Recipe":
        """The recipe with all samplers off. Stop strings, `ignore_eos` and `n_keep` stay as they are."""
        stops = {"stop": self.sampling.stop, "ignore_eos": self.sampling.ignore_eos}
        return replace(self, sampling=replace(NEUTRAL, **stops))


class SeedError(ValueError):
    """The text is not a seed. The error's text is one sentence for the user."""


def parse_seed(typed: str) -> int | None:
    """The seed in that text, None where it is blank. Spaces, commas and points between digits are ignored. Raises
    SeedError."""
    digits = re.sub(r"[\s,._']", "", typed)
    if not digits:
        return None
    if not re.fullmatch(r"[+-]?[0-9]+", digits):
        raise SeedError(tr("A seed is a whole number, such as 42; leave it empty for a random one."))
    if len(digits) > 24 or int(digits) not in SEED:
        raise SeedError(tr("A seed is a number from 0 to {highest:,}.").format(highest=SEED.high))
    return int(digits)


def parse_stops(typed: str, most: int = MOST_STOPS, longest: int = LONGEST_STOP) -> tuple[str, ...]:
    r"""Stop strings, one per line; `\n`, `\t`, `\r`, `\\` and `\uXXXX` are escapes, any other backslash is literal.
    Drops empty ones, repeated ones, and what is longer or more than the chain takes."""
    stops = (_ESCAPE.sub(_unescaped, line) for line in typed.split("\n"))
    return tuple(dict.fromkeys(stop for stop in stops if 0 < len(stop) <= longest))[:most]


def format_stops(stops: tuple[str, ...]) -> str:
    """The lines that `parse_stops` reads back as these stop strings."""
    return "\n".join("".join(map(_escaped, stop)) for stop in stops)


def off_neutral_words(sampling: Sampling) -> str:
    """`All samplers off`, or `Changed: temperature, top-p`."""
    off = sampling.off_neutral()
    names = [_name_in_sentence(one.metadata) for one in fields(sampling) if one.name in off]
    return tr("Changed: {names}").format(names=", ".join(names)) if names else tr("All samplers off")


def _name_in_sentence(about: Mapping[str, Any]) -> str:
    label, inverted = str(about["label"]), bool(about.get("inverted"))
    if SPOKEN == SOURCE and not label[1:2].isupper():
        label = label[0].lower() + label[1:]  # another language's label stays as it is
    return tr("“{name}” is off").format(name=label) if inverted else label


def _escaped(character: str) -> str:
    if character in _TO_ESCAPE:
        return _TO_ESCAPE[character]
    if character == " " or character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        return _FROM_ESCAPE[escape[1]]
    number = int(escape[2] or escape[3], 16)
    return chr(number) if number < 0x110000 else escape[0]
