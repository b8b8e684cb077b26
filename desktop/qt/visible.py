"""Makes control characters in names visible, so that a name from outside stays on one line and in order. No Qt.

Marks that writing needs (RLM, LRM, the joiners) stay."""

import re

_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SIGNS = {"\t": "⇥", "\n": "↵"}


def visible(text: str) -> str:
    """Replace control characters, line breaks, direction overrides and isolates, and surrogates (undecodable bytes of
    a file name) by visible signs."""
    return _ODD.sub(_sign, text)


def lines(*parts: str) -> str:
    """Join the non-empty parts, a line each; a line break within a part becomes a sign."""
    return "\n".join(visible(part) for part in parts if part)


def visible_lines(text: str) -> str:
    """Apply `visible` to each line of a text of ours."""
    return "\n".join(map(visible, text.split("\n")))


def _sign(found: re.Match[str]) -> str:
    character = found[0]
    if character in _SIGNS:
        return _SIGNS[character]
    if "\udc80" <= character <= "\udcff":  # a byte that surrogateescape carried through
        return f"<0x{ord(character) - 0xDC00:02X}>"
    return f"<U+{ord(character):04X}>"
