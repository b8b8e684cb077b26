"""The colours of the odds panel, as one value that the theme gives. Knows no Qt: colours are '#rrggbb'."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OddsColours:
    """ground: behind all. text, quiet: what is read first, and what stands beside it. dim: cut tokens. line: hairlines.
    raw: the bar of the model's own belief. final: the bar of the coin, and the chosen piece of the strip. on_final:
    text upon it. outline: around the chosen row. strip: the pieces of the coin, in turn; rest: everything else.
    warning: what no longer holds. selected: the row with the cursor."""

    ground: str
    text: str
    quiet: str
    dim: str
    line: str
    raw: str
    final: str
    on_final: str
    outline: str
    strip: tuple[str, ...]
    rest: str
    warning: str
    selected: str


LIGHT = OddsColours(
    ground="#f6f4ee",
    text="#1b1a18",
    quiet="#615d55",
    dim="#68645c",
    line="#dedad0",
    raw="#bfb9ac",
    final="#2f66b3",
    on_final="#ffffff",
    outline="#2f66b3",
    strip=("#b9cce8", "#d3dff0"),
    rest="#e7e3da",
    warning="#8f5312",
    selected="#e4ebf6",
)

DARK = OddsColours(
    ground="#202226",
    text="#ece9e3",
    quiet="#b3b0a9",
    dim="#9a9790",
    line="#35383e",
    raw="#5a5e66",
    final="#7aaaf0",
    on_final="#10131a",
    outline="#7aaaf0",
    strip=("#3a5274", "#2f415b"),
    rest="#2c2f35",
    warning="#e0a95f",
    selected="#282f3b",
)
