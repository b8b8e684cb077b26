"""What the open page asks of the disk. Runs on its thread, never on the GUI's."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from desktop.open_page.load_page import ReadPage, read_page
from desktop.pagefile import names
from desktop.pagefile.store import Store, create_page
from desktop.pagefile.values import ForeignWriteError


def create_near(path: Path) -> Store:
    """A new file at that path, or with a number behind its name where something lies there."""
    for one in names.following(path):
        if not names.lies(one):
            with contextlib.suppress(ForeignWriteError):  # somebody was faster
                return create_page(one)
    raise AssertionError("numbers do not end")


def read_unless(
    there: Path | None, choose: Callable[[], Path | None], spelt: Callable[[Path], Path]
) -> ReadPage | None:
    """What stands in the file that is chosen; nothing where none is, or it is the open page's own by another name."""
    path = choose()
    if path is None:
        return None
    path = spelt(path)
    try:
        if there is not None and path.samefile(there):
            return None
    except OSError:
        pass  # one of them is not there
    return read_page(path)
