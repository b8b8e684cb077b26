"""Which pages there are, and what is done with those that are not open: list, rename, duplicate, trash, restore,
delete.

A person's pages lie in one folder, its trash is a folder inside; pages elsewhere that were opened are remembered. What
cannot be read is listed with a sentence. Knows no Qt and no SQLite; safe to use from several threads.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from desktop.pagefile import names
from desktop.pagefile.values import SUFFIX, Facts, PageFileError
from models.library.json_file import change_json, read_json, texts
from models.library.permissions import make_folder
from resources.language import tr
from resources.reasons import message_of, reason

TRASH = "trash"
VANISHED = tr("The file is no longer there.")


class PageStoreError(Exception):
    """Something could not be done with a page. Its text is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class PageFiles:
    """What the store asks of page files (desktop/pagefile). peek, text_of, set_title and copy raise PageFileError."""

    peek: Callable[[Path], Facts]
    text_of: Callable[[Path], str]
    set_title: Callable[[Path, str], None]
    copy: Callable[[Path, Path], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One page. facts: None where the file cannot be read; problem: the sentence that says why. modified: seconds since
    1970. elsewhere: it does not lie in the folder of pages."""

    path: Path
    facts: Facts | None = None
    problem: str = ""
    modified: float = 0.0
    elsewhere: bool = False
    trashed: bool = False


_Mark = tuple[tuple[int, int], ...]  # when a page's files were written, and how long they are


class PageStore:
    """The pages in `folder`, in its trash, and those elsewhere that `list_file` names."""

    def __init__(
        self, folder: Path, list_file: Path, files: PageFiles, now: Callable[[], datetime] = datetime.now
    ) -> None:
        self.folder, self.trash_folder = folder, folder / TRASH
        self._list_file, self._files, self._now = list_file, files, now
        self._known: dict[Path, tuple[_Mark, Entry]] = {}

    # -------------------------------------------------------------------------------------------- what there is

    def new_path(self, title: str = "") -> Path:
        """Where a new page may lie; nothing does yet, and the folder may not be there either."""
        return names.free(self.folder, names.new_name(title, self._now()))

    def paths(self) -> list[Path]:
        """The pages that are not in the trash, the one written last first. Reads none of them."""
        return _latest_first([*_pages_in(self.folder), *self.elsewhere()])

    def trashed(self) -> list[Path]:
        """The pages in the trash, the one written last first."""
        return _latest_first(_pages_in(self.trash_folder))

    def entries(self) -> Iterator[Entry]:
        """Every page: those outside the trash first, of each kind the one written last first."""
        for path in (*self.paths(), *self.trashed()):
            yield self.entry(path)

    def entry(self, path: Path) -> Entry:
        """What is known of that page. Reads the file, if it was written since it was last read."""
        mark = _mark(path)
        known = self._known.get(path)
        if known is None or known[0] != mark or known[1].facts is None:
            known = self._known[path] = (mark, self._read(path, mark))
        return known[1]

    def _read(self, path: Path, mark: _Mark) -> Entry:
        written = max((time for time, _size in mark), default=0) / 1e9
        facts, problem = None, VANISHED
        if mark:
            try:
                facts = self._files.peek(path)
            except PageFileError as error:
                problem = str(error)
            except Exception as error:  # noqa: BLE001  (a mistake of ours with this file: the others are listed)
                said = message_of(error) or type(error).__name__
                problem = tr("“{name}” could not be read: {reason}.").format(name=path.name, reason=said)
        if facts is not None:
            written, problem = facts.modified or written, ""
        return Entry(path, facts, problem, written, not self.ours(path), path.parent == self.trash_folder)

    def text_of(self, path: Path) -> str:
        """The page's text. Raises PageFileError."""
        return self._files.text_of(path)

    def ours(self, path: Path) -> bool:
        """Whether it lies in the folder of pages or in its trash."""
        return path.parent in (self.folder, self.trash_folder)

    def listed_as(self, path: Path) -> Path:
        """The path as the list has it, however its folder is spelt."""
        path = path.absolute()
        for folder in (self.folder, self.trash_folder):
            try:
                if path.parent == folder or path.parent.samefile(folder):
                    return folder / path.name
            except OSError:
                continue  # one of them is not there
        return path

    # -------------------------------------------------------------------------------------------- pages elsewhere

    def elsewhere(self) -> list[Path]:
        """The pages outside the folder that are remembered, the one opened last first."""
        return [Path(name) for name in texts(read_json(self._list_file), "pages")]

    def remember(self, path: Path) -> None:
        """List that page from now on, if it lies elsewhere. Raises ShelfError."""
        path = self.listed_as(path)
        if not self.ours(path):
            self._list_elsewhere(lambda others: [path, *(other for other in others if other != path)])

    def forget(self, path: Path) -> None:
        """List it no longer. The file stays as it is. Raises ShelfError."""
        self._list_elsewhere(lambda others: [other for other in others if other != path])

    def _list_elsewhere(self, change: Callable[[list[Path]], list[Path]]) -> None:
        def changed(found: dict[str, object]) -> dict[str, object]:
            before = [Path(name) for name in texts(found, "pages")]
            after = change(before)
            return found if after == before else {"pages": [str(path) for path in after]}

        try:
            change_json(self._list_file, changed)
        except OSError as error:
            sentence = tr("The list of pages could not be saved: {reason}.")
            raise PageStoreError(sentence.format(reason=reason(error))) from error

    # -------------------------------------------------------------------------------------------- what is done

    def rename(self, path: Path, title: str) -> None:
        """Give the page that title; its file keeps its name. Raises ShelfError."""
        try:
            self._files.set_title(path, " ".join(title.split()))
        except PageFileError as error:
            raise PageStoreError(str(error)) from error

    def duplicate(self, path: Path) -> Path:
        """Put a copy into the folder of pages; returns where. The page may be open. Raises ShelfError."""
        entry = self.entry(path)
        title = copy_title(entry.facts) if entry.facts else ""
        target = self.new_path(title)
        self._make(self.folder)
        try:
            self._files.copy(path, target)
            self._files.set_title(target, title)
        except PageFileError as error:
            raise PageStoreError(str(error)) from error
        return target

    def trash(self, path: Path) -> Path:
        """Move a page of ours, which is not open, to the trash; returns where it is now. Raises ShelfError."""
        return self._moved(path, self.trash_folder)

    def restore(self, path: Path) -> Path:
        """Take it out of the trash; returns where it is now. Raises ShelfError."""
        return self._moved(path, self.folder)

    def delete(self, path: Path) -> None:
        """Delete a page in the trash for good. Raises ShelfError."""
        if path.parent != self.trash_folder:
            raise PageStoreError(tr("“{name}” is not in the trash, and was not deleted.").format(name=path.name))
        try:
            for one in (path, *names.companions(path)):
                one.unlink(missing_ok=True)
        except OSError as error:
            sentence = tr("“{name}” could not be deleted: {reason}.")
            raise PageStoreError(sentence.format(name=path.name, reason=reason(error))) from error

    def _moved(self, path: Path, folder: Path) -> Path:
        if not self.ours(path):
            sentence = tr("“{name}” lies outside the folder of pages, and was not moved.")
            raise PageStoreError(sentence.format(name=path.name))
        self._make(folder)
        target = names.free(folder, path.stem)
        # What SQLite left beside the file goes first: a page must never lie there without its newest text.
        pairs = [*zip(names.companions(path), names.companions(target), strict=True), (path, target)]
        done: list[tuple[Path, Path]] = []
        try:
            for old, new in pairs:
                if old.exists() or old == path:
                    old.rename(new)
                    done.append((old, new))
        except OSError as error:
            for old, new in reversed(done):
                new.rename(old)
            sentence = tr("“{name}” could not be moved: {reason}.")
            raise PageStoreError(sentence.format(name=path.name, reason=reason(error))) from error
        return target

    def _make(self, folder: Path) -> None:
        try:
            make_folder(folder)
        except OSError as error:
            sentence = tr("The folder of pages could not be made: {reason}.")
            raise PageStoreError(sentence.format(reason=reason(error))) from error


def copy_title(facts: Facts) -> str:
    """What a copy of that page is called."""
    name = facts.title or " ".join(facts.line.split())[:40].strip()
    return tr("Copy of {name}").format(name=name) if name else ""


def _pages_in(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.name.endswith(SUFFIX) and not path.name.startswith(".")]
    except OSError:
        return []  # it is not there yet, or may not be read: then it holds no page for us


def _latest_first(paths: list[Path]) -> list[Path]:
    unique = dict.fromkeys(paths)
    written = {path: max((time for time, _size in _mark(path)), default=0) for path in unique}
    return sorted(unique, key=lambda path: written[path], reverse=True)


def _mark(path: Path) -> _Mark:
    """Tells one state of a page's files from another; empty where there is no file."""
    return tuple(found for one in (path, path.with_name(f"{path.name}-wal")) if (found := _stat(one)))


def _stat(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size
