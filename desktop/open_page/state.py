"""The open page's file, and a page that left but is not all in its file: values that do nothing by themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desktop.open_page.saving import Saver
from desktop.page.contents import Contents
from desktop.pagefile.delta import Delta
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.values import Facts, PageFileError, View
from resources.language import tr


@dataclass(slots=True, eq=False)
class OpenPageState:
    """The open page's file. path: where it is, or will be with the first word. has_file: the file exists, or the page
    is about to be written to it. read_only: the page was read from a file that cannot be written, and continues in
    another one at its next change. taken: its saver has taken some of it. former: the file in which it continues if
    the file that the user wants it in cannot be written, and that file's saver."""

    path: Path
    tracker: Tracker
    saver: Saver
    has_file: bool = False
    read_only: bool = False
    taken: bool = False
    former: tuple[Path, Saver] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LeftPage:
    """A page that was replaced by another one, until all of it is in its file. former: as in OpenPageState. then: is
    called with the file when it is closed."""

    tracker: Tracker
    contents: Contents
    view: View
    facts: Facts
    former: tuple[Path, Saver] | None = None
    then: Callable[[Path], None] | None = None

    @property
    def empty(self) -> bool:
        """Whether it has neither a title nor text, in no branch either."""
        path = self.contents.path
        return not (self.facts.title or len(path.chunks) or path.forks)

    def all_once(self) -> Callable[[], Delta | None]:
        """A function that gives all of the page as a delta, for another file, and then None."""
        self.tracker.forget()
        deltas = iter([self.tracker.take(self.contents, self.view, self.facts)])
        return lambda: next(deltas, None)


def stays_in(error: PageFileError, path: Path) -> str:
    """The message that a page could not be moved, and stays in that file."""
    stays = tr("Your page stays in “{name}”.").format(name=path.name)
    return f"{error} {stays}"
