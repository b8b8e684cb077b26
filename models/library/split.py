"""Models in several files: llama.cpp's shards, name-00001-of-00009.gguf. Knows names, not contents."""

from pathlib import Path

from models.library.hub.naming import MOST_FILES, SHARD


def parts_of(path: Path) -> tuple[Path, ...]:
    """All files of the model that this one belongs to, in order; none where one of them is missing."""
    parts = parts_named(path)
    return parts if all(part.is_file() for part in parts) else ()


def parts_named(path: Path) -> tuple[Path, ...]:
    """The same by their names, whether they are there or not; none where the numbers make no sense."""
    found = SHARD.fullmatch(path.name)
    if not found:
        return (path,)
    name, total, ending = found["stem"], int(found["count"]), path.name[-5:]
    if not 1 <= int(found["number"]) <= total <= MOST_FILES:
        return ()
    return tuple(path.with_name(f"{name}-{number:05}-of-{total:05}{ending}") for number in range(1, total + 1))


def is_later_part(path: Path) -> bool:
    """Whether it is a shard and not the first: the one that is opened is the first."""
    found = SHARD.fullmatch(path.name)
    return found is not None and int(found["number"]) != 1


def model_name(path: Path) -> str:
    """The file's name without its ending, and without the numbers of a shard."""
    found = SHARD.fullmatch(path.name)
    return found["stem"] if found else path.stem
