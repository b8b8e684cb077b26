"""Records the text of every page that was left, and finds texts that are missing: in no file, or in the trash although
the monkey did not put it there."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from desktop.pagefile.unopened import text_of
from desktop.pagefile.values import SUFFIX, PageFileError

TRASH = "trash"


@dataclass(slots=True)
class Left:
    """A page that was left. trashed: the monkey moved it to the trash. action: the action by which it was left."""

    text: str
    path: str
    action: int
    trashed: bool = False


class Ledger:
    """Is notified of what happens to pages; finds what is missing."""

    def __init__(self, text: Callable[[], str], path: Callable[[], Path]) -> None:
        """text, path: return those of the open page."""
        self._text, self._path = text, path
        self.left: list[Left] = []
        self.action = 0
        self.wrong: list[str] = []
        self._came = False  # another page is being opened; `opened` has not said which
        self._overwritten: set[str] = set()

    # ------------------------------------------------------------------------------------------------ what happens

    def leaving(self) -> None:
        if text := self._text():
            path = self._path()
            self.left.append(Left(text, str(path), self.action, trashed=path.parent.name == TRASH))

    def changed(self, cause: str) -> None:
        self._came = self._came or cause == "file"

    def opened(self, path: Path) -> None:
        """Check that the text of an opened page is the one that was left."""
        if not self._came:
            return
        self._came = False
        text, same = self._text(), [one for one in self.left if one.path == str(path)]
        known = next((one for one in reversed(same) if one.text == text), None)
        known = known or next((one for one in self.left if one.text == text), None)
        if known is None and same and not any(one.trashed for one in same):
            self.wrong.append(f"{path.name} was left with {same[-1].text[-60:]!a}, and came with {text[-60:]!a}")
            known = same[-1]
        if known is not None:
            self.left.remove(known)

    def trashed(self, path: Path) -> None:
        """The monkey moved that page to the trash."""
        for one in self.left:
            if one.path == str(path):
                one.trashed = True

    def trashed_open(self) -> None:
        for one in self.left:
            if one.action == self.action:
                one.trashed = True

    def deleted(self) -> None:
        """A page of the trash may have been deleted for good."""
        self.left = [one for one in self.left if not one.trashed]

    # ------------------------------------------------------------------------------------------------ what is missing

    def missing(self, home: Path, scratch: Path) -> list[str]:
        """The pages that were left and whose text is in no file, or in the trash without the monkey's wish."""
        saved, trash = texts(home, scratch)
        found = []
        for one in self.left:
            where = "" if one.text in saved else "in the trash" if one.text in trash else "nowhere"
            if where == "nowhere" or (where and not one.trashed):
                found.append(f"left at {one.action} in {Path(one.path).name}, now {where}: {one.text[-80:]!a}")
        return found

    def write(self, file: Path) -> None:
        file.write_text(json.dumps([asdict(one) for one in self.left]), encoding="utf-8")

    def read(self, file: Path) -> None:
        if file.exists():
            self.left = [Left(**one) for one in json.loads(file.read_text(encoding="utf-8"))]


def texts(home: Path, scratch: Path) -> tuple[set[str], set[str]]:
    """The texts of all pages below home except below scratch: those in folders, and those in the trash."""
    saved: set[str] = set()
    trash: set[str] = set()
    for path in home.rglob(f"*{SUFFIX}*"):
        if path.suffix in ("-wal", "-shm") or path.name.endswith(("-wal", "-shm", ".part")) or not path.is_file():
            continue
        if not path.is_relative_to(scratch):
            try:
                (trash if path.parent.name == TRASH else saved).add(text_of(path))
            except PageFileError:
                continue
    return saved, trash
