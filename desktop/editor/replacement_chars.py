"""What is shown for characters that a text document of Qt would swallow, turn into a paragraph, or lose.

Each is one UTF-16 unit and so is its stand-in, so positions agree; the page keeps the truth. Knows no Qt.
"""

import re

SEPARATOR = "\u2029"  # Qt's paragraph separator, which is how a document spells the page's line feed

_STAND_INS = {
    "\x00": "\u2400",  # ␀
    "\r": "\u240d",  # ␍, since a document makes one paragraph of CR LF and another of a lone CR
    SEPARATOR: "\u00b6",  # ¶
}
_ODD = re.compile(
    "[\x00\r\u2029\ufdd0\ufdd1\ufffc\ud800-\udfff]"
)  # the last: surrogates with no partner, which Qt's strings lose on the way
_UNKNOWN = "\ufffd"


def shown(text: str) -> str:
    """The page's text as the view shows it: unit for unit of the same length, line feeds left as they are."""
    if _ODD.search(text) is None:
        return text
    return _ODD.sub(lambda odd: _STAND_INS.get(odd[0], _UNKNOWN), text)
