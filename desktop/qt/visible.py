"""Names from outside in one line: characters that would break it, or turn its order round, are shown. Knows no Qt.

Marks that writing needs (RLM, LRM, the joiners) stay."""

import re

_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SIGNS = {"\t": "⇥", "\n": "↵"}


def visible(text: str) -> str:
    """The text with every control character, line break, override and isolate of direction, and byte of a file name
    that is no text, as a sign that can be seen."""
    return _ODD.sub(_sign, text)


def lines(*parts: str) -> str:
    """The parts that say something, a line each: none of them can begin another."""
    return "\n".join(visible(part) for part in parts if part)


def visible_lines(text: str) -> str:
    """The same as `visible` for a text of ours in several lines."""
    return "\n".join(map(visible, text.split("\n")))


def _sign(found: re.Match[str]) -> str:
    character = found[0]
    if character in _SIGNS:
        return _SIGNS[character]
    if "\udc80" <= character <= "\udcff":  # a byte that surrogateescape carried through
        return f"<0x{ord(character) - 0xDC00:02X}>"
    return f"<U+{ord(character):04X}>"
