"""The open page's work on the disk. Runs on the thread for pages' files, never on the GUI's."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from desktop.open_page.load_page import ReadPage, read_page
from desktop.pagefile import names
from desktop.pagefile.store import Store, create_page
from desktop.pagefile.values import ForeignWriteError


def create_near(path: Path) -> Store:
    """A new file at that path, or with a number behind its name if something exists there."""
    for candidate in names.following(path):
        if not names.lies(candidate):
            with contextlib.suppress(ForeignWriteError):  # another program was faster
                return create_page(candidate)
    raise AssertionError("numbers do not end")


def read_unless(
    open_file: Path | None, choose: Callable[[], Path | None], listed_as: Callable[[Path], Path]
) -> ReadPage | None:
    """Read the file that is chosen. Gives None where none is, or where it is open_file by another name. Raises
    PageFileError."""
    path = choose()
    if path is None:
        return None
    path = listed_as(path)
    try:
        if open_file is not None and path.samefile(open_file):
            return None
    except OSError:
        pass  # one of them does not exist
    return read_page(path)
