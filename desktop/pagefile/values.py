"""Facts about a page's file, and the errors of using it, as values. Imports no SQLite."""

from dataclasses import dataclass

SUFFIX = ".inkfall"


@dataclass(frozen=True, slots=True)
class View:
    """Caret and scroll position of a page. Positions in UTF-16 units: the caret, the other end of its selection, and
    the start of the line at the top. following: the view followed the page's end."""

    caret: int = 0
    anchor: int = 0
    top: int = 0
    following: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a page for the list of pages. title: "" where the user gave none. line: the first line of the text.
    tokens: how many were generated, or read by a model. model: the name of the model that wrote last. Times in
    seconds since 1970."""

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
    """A later version of Inkfall wrote the file; it is not touched."""


class DamagedFileError(PageFileError):
    """The file cannot be read as a page; recovery.py finds what can be recovered."""


class ForeignWriteError(PageFileError):
    """Another program wrote to the file, or replaced it, while it was open here."""


class DiskFullError(PageFileError):
    """The disk is full. The change is not in the file; the file is as it was before."""


class CannotWriteError(PageFileError):
    """The disk refused for another reason: read-only, no permission, a failing device. Otherwise as DiskFullError."""
