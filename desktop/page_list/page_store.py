"""Which pages exist, and what can be done with those that are not open: list, rename, duplicate, trash, restore,
delete.

The user's pages lie in one folder, and the trash is a folder inside it; pages that were opened elsewhere are
remembered. A file that cannot be read is listed with a sentence. Imports neither Qt nor SQLite; thread-safe.
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
    """The functions of desktop/pagefile that the store calls. Each raises PageFileError."""

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


_FileTimes = tuple[tuple[int, int], ...]  # of a page's files: modified, in ns since 1970; size, in bytes


class PageStore:
    """The pages in `folder`, in its trash, and those elsewhere that `list_file` names."""

    def __init__(
        self, folder: Path, list_file: Path, files: PageFiles, now: Callable[[], datetime] = datetime.now
    ) -> None:
        self.folder, self.trash_folder = folder, folder / TRASH
        self._list_file, self._files, self._now = list_file, files, now
        self._known: dict[Path, tuple[_FileTimes, Entry]] = {}

    # -------------------------------------------------------------------------------------------- which pages exist

    def new_path(self, title: str = "") -> Path:
        """A path for a new page: no file is there yet, and the folder may not exist either."""
        return names.free(self.folder, names.new_name(title, self._now()))

    def paths(self) -> list[Path]:
        """The pages that are not in the trash, the one written last first. Reads none of them."""
        return _latest_first([*_pages_in(self.folder), *self.elsewhere()])

    def trashed(self) -> list[Path]:
        """The pages in the trash, the one written last first."""
        return _latest_first(_pages_in(self.trash_folder))

    def entries(self) -> Iterator[Entry]:
        """Every page: those outside the trash, then those in it; in each group the one written last first."""
        for path in (*self.paths(), *self.trashed()):
            yield self.entry(path)

    def entry(self, path: Path) -> Entry:
        """That page's entry. Reads the file only if it was written since it was last read."""
        times = _file_times(path)
        known = self._known.get(path)
        if known is None or known[0] != times or known[1].facts is None:
            known = self._known[path] = (times, self._read_entry(path, times))
        return known[1]

    def _read_entry(self, path: Path, times: _FileTimes) -> Entry:
        written = max((time for time, _size in times), default=0) / 1e9
        facts, problem = None, VANISHED
        if times:
            try:
                facts = self._files.peek(path)
            except PageFileError as error:
                problem = str(error)
            except Exception as error:  # noqa: BLE001  (a bug of ours with this file: the others are listed)
                why = message_of(error) or type(error).__name__
                problem = tr("“{name}” could not be read: {reason}.").format(name=path.name, reason=why)
        if facts is not None:
            written, problem = facts.modified or written, ""
        return Entry(path, facts, problem, written, not self.in_folder(path), path.parent == self.trash_folder)

    def text_of(self, path: Path) -> str:
        """The page's text. Raises PageFileError."""
        return self._files.text_of(path)

    def in_folder(self, path: Path) -> bool:
        """Whether it is in the folder of pages or in its trash."""
        return path.parent in (self.folder, self.trash_folder)

    def listed_as(self, path: Path) -> Path:
        """The path as the list has it, however its folder is spelt."""
        path = path.absolute()
        for folder in (self.folder, self.trash_folder):
            try:
                if path.parent == folder or path.parent.samefile(folder):
                    return folder / path.name
            except OSError:
                continue  # one of them does not exist
        return path

    # -------------------------------------------------------------------------------------------- pages elsewhere

    def elsewhere(self) -> list[Path]:
        """The pages outside the folder that are remembered, the one opened last first."""
        return [Path(name) for name in texts(read_json(self._list_file), "pages")]

    def remember(self, path: Path) -> None:
        """List that page from now on, if it is outside the folder of pages. Raises PageStoreError."""
        path = self.listed_as(path)
        if not self.in_folder(path):
            self._list_elsewhere(lambda others: [path, *(other for other in others if other != path)])

    def forget(self, path: Path) -> None:
        """List a page outside the folder no longer. Its file stays as it is. Raises PageStoreError."""
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

    # -------------------------------------------------------------------------------------------- changes

    def rename(self, path: Path, title: str) -> None:
        """Give the page another title; the name of its file stays. Raises PageStoreError."""
        try:
            self._files.set_title(path, " ".join(title.split()))
        except PageFileError as error:
            raise PageStoreError(str(error)) from error

    def duplicate(self, path: Path) -> Path:
        """Put a copy into the folder of pages. Returns its path. The page may be open. Raises PageStoreError."""
        entry = self.entry(path)
        title = copy_title(entry.facts) if entry.facts else ""
        target = self.new_path(title)
        self._make_folder(self.folder)
        try:
            self._files.copy(path, target)
            self._files.set_title(target, title)
        except PageFileError as error:
            raise PageStoreError(str(error)) from error
        return target

    def trash(self, path: Path) -> Path:
        """Move a page of the folder, which is not open, to the trash. Returns its new path. Raises PageStoreError."""
        return self._move(path, self.trash_folder)

    def restore(self, path: Path) -> Path:
        """Move a page out of the trash. Returns its new path. Raises PageStoreError."""
        return self._move(path, self.folder)

    def delete(self, path: Path) -> None:
        """Delete a page in the trash for good; it is not open. Raises PageStoreError."""
        if path.parent != self.trash_folder:
            raise PageStoreError(tr("“{name}” is not in the trash, and was not deleted.").format(name=path.name))
        try:
            for file in (path, *names.companions(path)):
                file.unlink(missing_ok=True)
        except OSError as error:
            sentence = tr("“{name}” could not be deleted: {reason}.")
            raise PageStoreError(sentence.format(name=path.name, reason=reason(error))) from error

    def _move(self, path: Path, folder: Path) -> Path:
        if not self.in_folder(path):
            sentence = tr("“{name}” lies outside the folder of pages, and was not moved.")
            raise PageStoreError(sentence.format(name=path.name))
        self._make_folder(folder)
        target = names.free(folder, path.stem)
        # SQLite's files beside the page go first: the page must never be there without its newest text.
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

    def _make_folder(self, folder: Path) -> None:
        try:
            make_folder(folder)
        except OSError as error:
            sentence = tr("The folder of pages could not be made: {reason}.")
            raise PageStoreError(sentence.format(reason=reason(error))) from error


def copy_title(facts: Facts) -> str:
    """The title of a copy of that page; "" where the page has neither title nor text."""
    name = facts.title or " ".join(facts.line.split())[:40].strip()
    return tr("Copy of {name}").format(name=name) if name else ""


def _pages_in(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.name.endswith(SUFFIX) and not path.name.startswith(".")]
    except OSError:
        return []  # it does not exist yet, or may not be read


def _latest_first(paths: list[Path]) -> list[Path]:
    unique = dict.fromkeys(paths)
    written = {path: max((time for time, _size in _file_times(path)), default=0) for path in unique}
    return sorted(unique, key=lambda path: written[path], reverse=True)


def _file_times(path: Path) -> _FileTimes:
    """Changes when a page's file or its log is written; empty where there is no file."""
    return tuple(found for file in (path, path.with_name(f"{path.name}-wal")) if (found := _stat(file)))


def _stat(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size
