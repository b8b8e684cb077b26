"""The paths of an item's files in the model folder (`<owner>--<name>/<file>`), and of its part files.

Later shards are fetched first: a model counts as installed once its first shard has its name.
"""

import contextlib
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from models.library.download.locking import lock
from models.library.download.progress import RefusedError
from models.library.downloadable import Downloadable, RemoteFile
from models.library.file_names import is_sound
from models.library.safe_delete import entry_of, unlink
from resources.language import tr

LONGEST = 200  # bytes of a name, which leaves room for the endings of part file and sidecar


@dataclass(frozen=True, slots=True)
class Target:
    """A file to make: its path, and the remote files whose bytes it will hold, in order."""

    final: Path
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def part(self) -> Path:
        """The part file, used until the target is complete and verified."""
        return self.final.with_name(f"{self.final.name}.part")

    @property
    def sidecar(self) -> Path:
        """The JSON file with what is known of the part file."""
        return self.final.with_name(f"{self.final.name}.part.json")

    def is_complete(self) -> bool:
        """Whether the final file is complete. Only the size is checked: the name is only given to verified bytes."""
        with contextlib.suppress(OSError):
            return self.final.is_file() and self.final.stat().st_size == self.size
        return False


def final_path(item: Downloadable, folder: Path) -> Path:
    """The path of the file to open in the end. Raises RefusedError if a name is not valid."""
    return targets(item, folder)[-1].final


def targets(item: Downloadable, folder: Path) -> tuple[Target, ...]:
    """The files that the item becomes, in the order to fetch them; the one to open comes last.

    Raises RefusedError if a name is not valid.
    """
    room = folder / _checked(item.repo.replace("/", "--"), item)
    if item.split == "pieces":
        parent = PurePosixPath(_checked(item.files[0].name, item)).parent
        return (Target(room / parent / _checked(item.name, item), item.files),)
    found = tuple(Target(room / _checked(file.name, item), (file,)) for file in item.files)
    return (*found[1:], found[0])


def is_complete(item: Downloadable, folder: Path) -> bool:
    """Whether all files of the item are complete."""
    return all(target.is_complete() for target in targets(item, folder))


def discard(item: Downloadable, folder: Path) -> None:
    """Delete the files of an unfinished item. A finished one stays, and so does one that another process downloads.
    Raises OSError.
    """
    found = targets(item, folder)
    if any(_is_busy(target.part) for target in found):
        return
    useless = (
        [] if found[-1].is_complete() else [target for target in found if target.is_complete()]
    )  # shards without the first
    unfinished = [path for target in found for path in (target.part, target.sidecar)]
    for path in (*unfinished, *(target.final for target in useless)):
        with contextlib.suppress(FileNotFoundError):
            unlink(entry_of(path, folder))
    with contextlib.suppress(OSError):  # the folder holds another model
        found[-1].final.parent.rmdir()


def _is_busy(part: Path) -> bool:
    with contextlib.suppress(OSError):
        if stat.S_ISREG(part.lstat().st_mode):
            with part.open("rb") as file:
                return not lock(file)
    return False


def _checked(name: str, item: Downloadable) -> str:
    """The name, if it is a relative path that is valid on every system. Raises RefusedError."""
    steps = name.split("/")
    if not all(is_sound(step, LONGEST) for step in steps):
        raise RefusedError(
            tr("{repo} names a file that cannot be one here ({name!r:.80}).").format(repo=item.repo, name=name)
        )
    return name
