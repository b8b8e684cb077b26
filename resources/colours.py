"""Every colour of the program, for light and dark: the window, the page, the odds, exports and prints.

Colours are '#rrggbb' or '#aarrggbb'. desktop/editor/painting.py recolours the model's letters in place. That works
while, in each of red, green and blue, every background is at least as bright as the ink on light paper, and at most as
bright on dark paper.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Colours:
    """The window. window: behind panels and bars. field: the ground of input fields. button, hover: at rest and under
    the mouse. text, quiet, off: inks, the last for disabled widgets. line: hairlines. edge: around input widgets.
    handle: of scroll bars. accent, on_accent: the selected item, and text upon it. link: in running text.

    The page. paper: the ground; text: the writer's; ink: the model's; placeholder: the hint on an empty page.
    selection, hovered, pinned: soft boxes under the text, pinned_edge the last one's outline. found: under the hits of
    a search; current_hit, current_hit_edge: the box of the current one. stale: the dots under stale readings. unseen:
    laid over text outside the model's context; seen_edge: the fine line where the context begins.

    The page's colours by a measure, at their strongest step; weaker steps are mixed with the paper. heat: of surprisal,
    and of paper and exports. probability, rank, entropy: of those. author: under the model's words. token: the boxes of
    tokens, alternating.

    The odds. ground: behind all. dim: cut tokens. raw: the bar of the model's own probability. final: the bar after
    sampling, and the chosen piece of the strip. on_final: text upon it. second: the bar of a second model. outline:
    around the chosen row. strip: the pieces of the strip, alternating; rest: everything else. warning: a stale reading.
    selected: the row with the cursor.
    """

    name: str
    dark: bool
    window: str
    field: str
    button: str
    hover: str
    text: str
    quiet: str
    off: str
    line: str
    edge: str
    handle: str
    accent: str
    on_accent: str
    link: str
    paper: str
    ink: str
    placeholder: str
    selection: str
    hovered: str
    pinned: str
    pinned_edge: str
    found: str
    current_hit: str
    current_hit_edge: str
    stale: str
    unseen: str
    seen_edge: str
    heat: str
    probability: str
    difference: str  # of two models; as `probability` and its neighbours
    rank: str
    entropy: str
    author: str
    token: tuple[str, str]
    ground: str
    dim: str
    raw: str
    final: str
    on_final: str
    second: str
    outline: str
    strip: tuple[str, ...]
    rest: str
    warning: str
    selected: str


LIGHT = Colours(
    name="light",
    dark=False,
    window="#f6f4ee",
    field="#fdfcf9",
    button="#efece4",
    hover="#e6e2d8",
    text="#1b1a18",
    quiet="#615d55",
    off="#757168",
    line="#dedad0",
    edge="#8d887d",
    handle="#c9c4b8",
    accent="#2f66b3",
    on_accent="#ffffff",
    link="#23508f",
    paper="#fdfcf9",
    ink="#23508f",
    placeholder="#77736b",
    selection="#cfe0f7",
    hovered="#e9eef5",
    pinned="#fbe9b7",
    pinned_edge="#d9a521",
    found="#d3eede",
    current_hit="#a9dcbd",
    current_hit_edge="#2f8a58",
    stale="#c9c3b6",
    unseen="#4dfdfcf9",
    seen_edge="#a89f8c",
    heat="#f4ba97",
    probability="#9fd6d0",
    difference="#cbd39b",
    rank="#d3c0ee",
    entropy="#f0b8cc",
    author="#b9cfe9",
    token=("#efece3", "#e3eaf3"),
    ground="#f6f4ee",
    dim="#68645c",
    raw="#bfb9ac",
    final="#2f66b3",
    on_final="#ffffff",
    second="#b8762e",
    outline="#2f66b3",
    strip=("#b9cce8", "#d3dff0"),
    rest="#e7e3da",
    warning="#8f5312",
    selected="#e4ebf6",
)

DARK = Colours(
    name="dark",
    dark=True,
    window="#202226",
    field="#343942",
    button="#3a3f48",
    hover="#434953",
    text="#ece9e3",
    quiet="#b3b0a9",
    off="#9a9893",
    line="#35383e",
    edge="#7f828a",
    handle="#4a4e56",
    accent="#7aaaf0",
    on_accent="#10131a",
    link="#9cc2f2",
    paper="#191a1d",
    ink="#9cc2f2",
    placeholder="#8f8c86",
    selection="#2f4a6d",
    hovered="#2a2d33",
    pinned="#4a3f1f",
    pinned_edge="#c79a2b",
    found="#24402f",
    current_hit="#2a5539",
    current_hit_edge="#6cc28f",
    stale="#55534f",
    unseen="#59191a1d",
    seen_edge="#6f6b63",
    heat="#703a22",
    probability="#1f5550",
    difference="#424a20",
    rank="#4c3d78",
    entropy="#6d3050",
    author="#3a4d74",
    token=("#2a2b2f", "#273142"),
    ground="#202226",
    dim="#9a9790",
    raw="#5a5e66",
    final="#7aaaf0",
    on_final="#10131a",
    second="#d9a05b",
    outline="#7aaaf0",
    strip=("#3a5274", "#2f415b"),
    rest="#2c2f35",
    warning="#e0a95f",
    selected="#282f3b",
)


def as_styles(colours: Colours, tint: str = "heat") -> str:
    """The colours of an exported page, as CSS custom properties. tint: the field with that of the tokens."""
    named = {"quiet": colours.dim, "card": colours.ground, "mark": colours.pinned, "edge": colours.pinned_edge}
    named |= {name: getattr(colours, name) for name in ("paper", "text", "ink", "line", "raw", "final", "stale")}
    parts = (getattr(colours, tint)[start : start + 2] for start in (1, 3, 5))
    named["heat"] = " ".join(str(int(part, 16)) for part in parts)
    return " ".join(f"--{name}: {value};" for name, value in named.items())
