"""How the next generation is to be made, as one value; and the writer's words for it: seeds, stop strings, what is off
neutral.

Pure: no Qt, no widgets. What the settings of the chain mean stands in models/sampling/knobs.py."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from models.engine.limits import SEED
from models.sampling.knobs import LONGEST_STOP, MOST_STOPS, NEUTRAL, Sampling
from resources.language import SOURCE, SPOKEN, tr

DEFAULT_LENGTH = 128  # tokens

_WRITTEN = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\"}
_READ = {sign[1]: character for character, sign in _WRITTEN.items()}
_ESCAPE = re.compile(r"\\(?:([ntr\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")


@dataclass(frozen=True, slots=True)
class Recipe:
    """length: tokens, None = endless. seed: None = a new one every time. top: alternatives stored with each token.
    n_keep: how many of the page's first tokens stay in the context when the window slides."""

    sampling: Sampling = field(default_factory=Sampling)
    length: int | None = DEFAULT_LENGTH
    seed: int | None = None
    top: int = 10
    n_keep: int = 0

    def neutral(self) -> "Recipe":
        """The same with all samplers off. Where writing stops, and what stays in the context, is left as it is."""
        kept = {"stop": self.sampling.stop, "ignore_eos": self.sampling.ignore_eos}
        return replace(self, sampling=replace(NEUTRAL, **kept))


class SeedError(ValueError):
    """What was typed is no seed. Its text is one sentence for the writer."""


def seed_from(typed: str) -> int | None:
    """The seed that was typed, None where nothing was. Spaces, commas and points between digits are passed over. Raises
    SeedError."""
    digits = re.sub(r"[\s,._']", "", typed)
    if not digits:
        return None
    if not re.fullmatch(r"[+-]?[0-9]+", digits):
        raise SeedError(tr("A seed is a whole number, such as 42; leave it empty for a random one."))
    if len(digits) > 24 or int(digits) not in SEED:
        raise SeedError(tr("A seed is a number from 0 to {highest:,}.").format(highest=SEED.high))
    return int(digits)


def stops_from(typed: str) -> tuple[str, ...]:
    r"""Stop strings, one a line; `\n`, `\t`, `\r`, `\\` and `\uXXXX` are escapes, any other backslash stands for
    itself. No empty ones, none twice, and no more and no longer ones than the chain takes."""
    read = (_ESCAPE.sub(_character, line) for line in typed.split("\n"))
    return tuple(dict.fromkeys(stop for stop in read if 0 < len(stop) <= LONGEST_STOP))[:MOST_STOPS]


def stops_text(stops: tuple[str, ...]) -> str:
    """The lines that `stops_from` reads back as these stop strings."""
    return "\n".join("".join(map(_escaped, stop)) for stop in stops)


def off_neutral_words(sampling: Sampling) -> str:
    """`neutral`, or `off neutral: temperature, top-p`."""
    off = sampling.off_neutral()
    names = [_name(one.metadata) for one in fields(sampling) if one.name in off]
    return tr("Changed: {names}").format(names=", ".join(names)) if names else tr("All samplers off")


def _name(about: Mapping[str, Any]) -> str:
    label, inverted = str(about["label"]), bool(about.get("inverted"))
    if SPOKEN == SOURCE and not label[1:2].isupper():
        label = label[0].lower() + label[1:]  # within a sentence; another language's label stands as it is
    return tr("“{name}” is off").format(name=label) if inverted else label


def _escaped(character: str) -> str:
    if character in _WRITTEN:
        return _WRITTEN[character]
    if character == " " or character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def _character(escape: re.Match[str]) -> str:
    if escape[1]:
        return _READ[escape[1]]
    number = int(escape[2] or escape[3], 16)
    return chr(number) if number < 0x110000 else escape[0]
