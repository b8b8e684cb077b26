"""Makes the invisible parts of a token visible: white space, control characters, bytes that are no text."""

import re
import unicodedata

LONGEST = 120  # characters of a token that are shown; an ellipsis stands for the rest
_SIGNS = {" ": "␣", "\t": "⇥", "\n": "↵", "\r": "␍", "\x7f": "␡", "\u00a0": "⍽"}
_HIDDEN = {"Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs"}  # Unicode categories drawn as nothing, or as a box
_JOINERS = {"\u200c", "\u200d"}  # visible through their neighbours: in Persian words, emoji families
WHITE_SPACE = "␣⇥↵␍"
_RUN = re.compile(rf"([{WHITE_SPACE}])\1{{6,}}")


def visible(token: bytes) -> str:
    """The token as text in which every character is visible; bytes that are not UTF-8 become `<0xE2>`."""
    text = token.decode("utf-8", errors="surrogateescape")
    shown = "".join(_visible_character(text, place) for place in range(min(len(text), 4 * LONGEST)))
    shown = _RUN.sub(lambda run: f"{run[1]}×{len(run[0])}", shown)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def hexadecimal(token: bytes, most: int = 16) -> str:
    """The bytes in pairs of digits, `e2 96 81`; an ellipsis after the first `most`."""
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
