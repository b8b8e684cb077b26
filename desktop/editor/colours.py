"""The colours of the page, as one value that the theme gives. Knows no Qt: colours are '#rrggbb' or '#aarrggbb'.

The model's letters are recoloured where they stand (painting.py). That works while, in each of red, green and blue,
every ground is at least as bright as the ink on light paper, and at most as bright on dark paper."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EditorColours:
    """paper: the ground; text: what the writer wrote; ink: what the model wrote; placeholder: the hint on an empty
    page. selection, hovered, pinned: soft boxes under the text, pinned_edge the last one's outline. found: under all
    that a search has found; in_turn, in_turn_edge: the same of the one that it stands at. stale: the dots under
    readings that no longer hold. unseen: laid over text that the model can no longer see; edge: the fine line where it
    sees again. heat: under the least likely tokens; likelier ones get less of it."""

    paper: str
    text: str
    ink: str
    placeholder: str
    selection: str
    hovered: str
    pinned: str
    pinned_edge: str
    found: str
    in_turn: str
    in_turn_edge: str
    stale: str
    unseen: str
    edge: str
    heat: str


LIGHT = EditorColours(
    paper="#fdfcf9",
    text="#1b1a18",
    ink="#23508f",
    placeholder="#77736b",
    selection="#cfe0f7",
    hovered="#e9eef5",
    pinned="#fbe9b7",
    pinned_edge="#d9a521",
    found="#d3eede",
    in_turn="#a9dcbd",
    in_turn_edge="#2f8a58",
    stale="#c9c3b6",
    unseen="#4dfdfcf9",
    edge="#a89f8c",
    heat="#f4ba97",
)

DARK = EditorColours(
    paper="#191a1d",
    text="#ece9e3",
    ink="#9cc2f2",
    placeholder="#8f8c86",
    selection="#2f4a6d",
    hovered="#2a2d33",
    pinned="#4a3f1f",
    pinned_edge="#c79a2b",
    found="#24402f",
    in_turn="#2a5539",
    in_turn_edge="#6cc28f",
    stale="#55534f",
    unseen="#59191a1d",
    edge="#6f6b63",
    heat="#703a22",
)
