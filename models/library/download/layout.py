"""Where an item's files lie in the model folder: `<owner>--<name>/<file>`, and what is there before.

Later shards come first: the name of a first shard, by which a model is listed as installed, is given last.
"""

import contextlib
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from models.library.download.locking import lock
from models.library.download.progress import RefusedError
from models.library.downloadable import Downloadable, RemoteFile
from models.library.file_names import is_sound
from models.library.safe_delete import looked_at, unlink
from resources.language import tr

LONGEST = 200  # bytes of a name, with room for the endings of what lies beside it


@dataclass(frozen=True, slots=True)
class Target:
    """A file that is to be: its path, and the remote files whose bytes it holds, in order."""

    final: Path
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def part(self) -> Path:
        """What there is of it before it is whole and verified."""
        return self.final.with_name(f"{self.final.name}.part")

    @property
    def sidecar(self) -> Path:
        """What is known of the part."""
        return self.final.with_name(f"{self.final.name}.part.json")

    def here(self) -> bool:
        """Whether it is whole. Its size is enough to know: the name is only given to verified bytes."""
        with contextlib.suppress(OSError):
            return self.final.is_file() and self.final.stat().st_size == self.size
        return False


def place(item: Downloadable, folder: Path) -> Path:
    """The path of the file that is opened in the end. Raises RefusedError where its name cannot be a file's."""
    return targets(item, folder)[-1].final


def targets(item: Downloadable, folder: Path) -> tuple[Target, ...]:
    """The files that the item becomes, in the order in which they are to be fetched; the one that is opened comes last.

    Raises RefusedError where a name cannot be a file's.
    """
    room = folder / _checked(item.repo.replace("/", "--"), item)
    if item.split == "pieces":
        parent = PurePosixPath(_checked(item.files[0].name, item)).parent
        return (Target(room / parent / _checked(item.name, item), item.files),)
    found = tuple(Target(room / _checked(file.name, item), (file,)) for file in item.files)
    return (*found[1:], found[0])


def is_here(item: Downloadable, folder: Path) -> bool:
    """Whether all of it is here."""
    return all(target.here() for target in targets(item, folder))


def discard(item: Downloadable, folder: Path) -> None:
    """Delete what there is of an unfinished item in that folder; a finished one stays, and so does one that another
    program is downloading. Raises OSError.
    """
    found = targets(item, folder)
    if any(_is_busy(target.part) for target in found):
        return
    useless = [] if found[-1].here() else [target for target in found if target.here()]  # shards without the first
    unfinished = [path for target in found for path in (target.part, target.sidecar)]
    for path in (*unfinished, *(target.final for target in useless)):
        with contextlib.suppress(FileNotFoundError):
            unlink(looked_at(path, folder))
    with contextlib.suppress(OSError):  # it holds another model
        found[-1].final.parent.rmdir()


def _is_busy(part: Path) -> bool:
    with contextlib.suppress(OSError):
        if stat.S_ISREG(part.lstat().st_mode):
            with part.open("rb") as file:
                return not lock(file)
    return False


def _checked(name: str, item: Downloadable) -> str:
    """A relative path that stays in its folder, on every system."""
    steps = name.split("/")
    if not all(is_sound(step, LONGEST) for step in steps):
        raise RefusedError(
            tr("{repo} names a file that cannot be one here ({name!r:.80}).").format(repo=item.repo, name=name)
        )
    return name
