"""The monkey's inputs: characters, texts, compositions and file names that often break programs."""

from collections.abc import Iterator

CHARACTERS = (*"abc .,\n\t", "é", "한", "ן", "ש", "😀", "\u200d", "\u200f", "\u0301", "ﷺ", "\u2028", "\u00a0", "𝒳")
COMPOSITIONS = (
    ("k", "か", "かn", "かん", "漢"),
    ("ㅎ", "하", "한", "한ㄱ"),
    ("´",),
    ("n", "ni", "nih", "你", ""),
    ("a" * 40,),
)
HOSTILE = (
    "\x00",
    "a\x00b\x00c",
    "\ud800",
    "x\udfffy\ud83d",
    "line\u2028line\u2029line\x85line\x0bline\x0cline",
    "👩‍👩‍👧‍👦" * 20,
    "שלום \u202eabc\u202c עולם \u2066x\u2069",
    "y" * 100_000,
    "word " * 20_000,
    "\n" * 3_000,
    "crlf\r\nlone\rcr\n",
    "<h1>not a heading</h1><img src='x'>",
    "e" + "\u0301" * 500,
    "\ufffc\ufdd0\ufffe\uffff",
    "tab\tbell\x07esc\x1b[2J\x9b",
    "many lines\n" * 200,
    "",
)
FOUND = (
    *("a", "e", "the", " ", "한", "😀", "\\n", "^"),
    *("\\w+", "(a)(b)?", "(", "\\1", "[^", "x*", "m\\d+", "(?:a{50}){50}"),
)
INSTEAD = ("", "X", "\\1", "\\g<9>", "a\nb", "😀", "aa")
TITLES = (
    *("A title", "", "  ", "x" * 300, "한글", "\n"),
    *("a/b\\c:d*?", "..", "CON", "<b>bold</b>", "\u202eevil", "&amp && [*]"),
)
LEFT_ALONE = ("quit", "open_starter")  # actions of their own, and what takes a quarter of a gigabyte


def numbers(listed: str = "") -> Iterator[int]:
    """Parse `3,7-9` as 3, 7, 8, 9."""
    for part in filter(None, listed.split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)
