"""What the eye would miss in a token, made visible: white space, controls, bytes that are no text.

Pure: no Qt, no colours, no model.
"""

import re
import unicodedata

LONGEST = 120  # characters of one token that are ever shown; the rest is an ellipsis
_SIGNS = {" ": "␣", "\t": "⇥", "\n": "↵", "\r": "␍", "\x7f": "␡", "\u00a0": "⍽"}
_HIDDEN = {"Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs"}  # Unicode categories that draw nothing, or a box
_JOINERS = {"\u200c", "\u200d"}  # they shape their neighbours: Persian words, emoji families
_RUN = re.compile(r"([␣⇥↵␍])\1{6,}")


def visible(token: bytes) -> str:
    """The token as text in which every character can be seen; bytes that are no UTF-8 become `<0xE2>`."""
    text = token.decode("utf-8", errors="surrogateescape")
    shown = "".join(_visible_character(text, place) for place in range(min(len(text), 4 * LONGEST)))
    shown = _RUN.sub(lambda run: f"{run[1]}×{len(run[0])}", shown)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def hexadecimal(token: bytes, most: int = 16) -> str:
    """The bytes in pairs of digits, `e2 96 81`; an ellipsis behind the first `most`."""
    return token[:most].hex(" ") + (" …" if len(token) > most else "")


def _visible_character(text: str, place: int) -> str:
    character = text[place]
    if character in _SIGNS:
        return _SIGNS[character]
    if "\udc80" <= character <= "\udcff":  # a byte that surrogateescape carried through
        return f"<0x{ord(character) - 0xDC00:02X}>"
    if character < " ":
        return chr(0x2400 + ord(character))
    category = unicodedata.category(character)
    if category in _HIDDEN and not (character in _JOINERS and 0 < place < len(text) - 1):
        return f"<U+{ord(character):04X}>"
    return "◌" + character if category == "Mn" and place == 0 and not _selector(character) else character


def _selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f"
