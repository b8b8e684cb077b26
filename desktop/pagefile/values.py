"""What is told of a page's file and what may go wrong with it, as values. Knows no SQLite."""

from dataclasses import dataclass

SUFFIX = ".inkfall"


@dataclass(frozen=True, slots=True)
class View:
    """Where a page was left. Positions in UTF-16 units: the caret, the other end of its selection, and the start of the
    line at the top. following: the view followed the page's end."""

    caret: int = 0
    anchor: int = 0
    top: int = 0
    following: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """What a list of pages shows of one. title: empty where the user gave none. line: how the text begins. tokens:
    generated or read by a model. model: the one that wrote last, by its name. Times in seconds since 1970."""

    title: str = ""
    line: str = ""
    words: int = 0
    characters: int = 0
    tokens: int = 0
    model: str = ""
    created: float = 0.0
    modified: float = 0.0


class PageFileError(Exception):
    """A page's file could not be used. Its text is one sentence for the user."""


class NewerFileError(PageFileError):
    """A later program wrote it; it is not touched."""


class DamagedFileError(PageFileError):
    """It cannot be read as a page; what can be recovered, `recovery` finds."""


class ForeignWriteError(PageFileError):
    """Someone else wrote to the file, or put another in its place, while it was open here."""


class DiskFullError(PageFileError):
    """There is no room. The change is not in the file, the file is as it was before."""


class CannotWriteError(PageFileError):
    """The disk refused for another reason: read-only, no permission, a failing device. As DiskFullError otherwise."""
