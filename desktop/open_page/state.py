"""The open page and its file, and a page that is closed but not all in its file. Values; they do nothing of
themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desktop.open_page.saving import Saver
from desktop.page.contents import Contents
from desktop.pagefile.delta import Delta
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.values import Facts, View


@dataclass(slots=True, eq=False)
class OpenPageState:
    """The open page and its file. path: where it is, or will be with its first word. there: the file exists.
    borrowed: it stands in a file that cannot be written, and goes on in another with its next word. taken: something of
    it was handed to its saver. former: where it goes on if the file that the user wants it in cannot be written."""

    path: Path
    tracker: Tracker
    facts: Facts
    saver: Saver
    there: bool = False
    borrowed: bool = False
    taken: bool = False
    former: tuple[Path, Saver] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LeftPage:
    """A page that was closed, until all of it is in its file. former: as in OpenPageState. then: what is done with the
    file when it is closed."""

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

    def whole(self) -> Callable[[], Delta | None]:
        """All of it, once: for another file."""
        self.tracker.forget()
        parts = iter([self.tracker.take(self.contents, self.view, self.facts)])
        return lambda: next(parts, None)
