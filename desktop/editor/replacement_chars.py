"""Replacement characters for characters that Qt's text document would drop, turn into a paragraph, or lose.

Both are one UTF-16 unit, so positions in the view and on the page agree. The page keeps the real characters. No Qt.
"""

import re

SEPARATOR = "\u2029"  # Qt's paragraph separator, which is how a document spells the page's line feed

_REPLACEMENTS = {
    "\x00": "\u2400",  # ␀
    "\r": "\u240d",  # ␍, since a document makes one paragraph of CR LF and another of a lone CR
    SEPARATOR: "\u00b6",  # ¶
}
_ODD = re.compile(
    "[\x00\r\u2029\ufdd0\ufdd1\ufffc\ud800-\udfff]"
)  # the last: surrogates with no partner, which Qt's strings lose on the way
_UNKNOWN = "\ufffd"


def shown(text: str) -> str:
    """The page's text as the view shows it: of the same length in UTF-16 units, with line feeds unchanged."""
    if _ODD.search(text) is None:
        return text
    return _ODD.sub(lambda odd: _REPLACEMENTS.get(odd[0], _UNKNOWN), text)
