"""The file names of llama.cpp's shards, as in name-00001-of-00009.gguf."""

from pathlib import Path

from models.library.hub.naming import MOST_FILES, SHARD


def parts_of(path: Path) -> tuple[Path, ...]:
    """All files of the model that this file belongs to, in order; none if one of them is missing."""
    parts = parts_named(path)
    return parts if all(part.is_file() for part in parts) else ()


def parts_named(path: Path) -> tuple[Path, ...]:
    """The same by their names, existing or not; none if the numbers are invalid."""
    found = SHARD.fullmatch(path.name)
    if not found:
        return (path,)
    name, total, ending = found["stem"], int(found["count"]), path.name[-5:]
    if not 1 <= int(found["number"]) <= total <= MOST_FILES:
        return ()
    return tuple(path.with_name(f"{name}-{number:05}-of-{total:05}{ending}") for number in range(1, total + 1))


def is_later_part(path: Path) -> bool:
    """Whether it is a shard after the first. Models are opened by their first shard."""
    found = SHARD.fullmatch(path.name)
    return found is not None and int(found["number"]) != 1


def model_name(path: Path) -> str:
    """The file's name without its ending and a shard's numbers."""
    found = SHARD.fullmatch(path.name)
    return found["stem"] if found else path.stem
