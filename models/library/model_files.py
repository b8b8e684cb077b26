"""Reads the header of a model in one or several files, and checks that llama.cpp's shards belong together.

Each fault of a set (a file that is missing, renamed, joined, of another model, or one piece of a file) has its own
sentence.
"""

import re
from dataclasses import replace
from pathlib import Path

from models.library.header import MAGIC, Header, HeaderError, UnusableError, read_header, read_part, shown
from models.library.hub.naming import PIECE, SHARD
from models.library.split import parts_named, parts_of
from resources.language import tr

OTHER_PIECE = re.compile(r".+\.gguf[-._](?:split-|part-?)?(?:[a-z]|[a-z]{2}|\d{1,4})(?:of\d{1,4})?", re.IGNORECASE)


def read_whole(path: str | Path) -> Header:
    """As read_header, with the tensors and the size of all files of a model (each offset is in its own file). Raises
    HeaderError with one sentence, also if a file is missing.
    """
    path = Path(path)
    try:
        header = read_header(path)
    except UnusableError:
        raise
    except HeaderError as error:
        if path.is_file() and (PIECE.fullmatch(path.name) or OTHER_PIECE.fullmatch(path.name)):
            raise UnusableError(
                tr("{name} is one piece of a file: join all of its pieces in their order, then open that.").format(
                    name=shown(path)
                )
            ) from error
        raise
    return header if header.parts == 1 else _joined(header)


def _joined(header: Header) -> Header:
    _check_apart(header)
    _check_names(header)
    parts = [read_part(part) for part in parts_of(header.path)[1:]]
    for number, part in enumerate(parts, 1):
        _check_number(header, part, number)
    tensors = header.tensors + tuple(tensor for part in parts for tensor in part.tensors)
    announced = header.number("split.tensors.count")
    if (announced and announced != len(tensors)) or len({tensor.name for tensor in tensors}) != len(tensors):
        raise UnusableError(
            tr("The {count} files of {name} are not of one model: download all of them from one place.").format(
                count=header.parts, name=shown(header.path)
            )
        )
    return replace(header, tensors=tensors, size=header.size + sum(part.size for part in parts))


def _check_apart(header: Header) -> None:
    """Raises UnusableError if another file was appended to this one."""
    alignment = header.number("general.alignment") or 32
    with header.path.open("rb") as file:
        for position in {header.end, (header.end + alignment - 1) // alignment * alignment}:
            file.seek(position)
            if file.read(len(MAGIC)) == MAGIC:
                raise UnusableError(
                    tr(
                        "{name} was joined out of the {count} files of a model: keep them apart, under their own "
                        "names, and open the first one."
                    ).format(name=shown(header.path), count=header.parts)
                )


def _check_names(header: Header) -> None:
    """Raises UnusableError if the file was renamed, or one of the others is not beside it."""
    found = SHARD.fullmatch(header.path.name)
    if not found or int(found["number"]) != 1 or int(found["count"]) != header.parts:
        stem = found["stem"] if found else header.path.stem
        raise UnusableError(
            tr(
                "{name} is the first of the {count} files of a model and was renamed: call it {right}, and the "
                "others alike."
            ).format(
                name=shown(header.path),
                count=header.parts,
                right=shown(Path(f"{stem}-00001-of-{header.parts:05}.gguf")),
            )
        )
    missing = [part for part in parts_named(header.path) if not part.is_file()]
    if missing:
        raise UnusableError(
            tr("{name} is one of the {count} files of a model, and {missing} is not beside it.").format(
                name=shown(header.path), count=header.parts, missing=shown(missing[0])
            )
        )


def _check_number(header: Header, part: Header, number: int) -> None:
    """Raises UnusableError if the file under that number is another shard, or of no set."""
    announced = part.values.get("split.no", number), part.values.get("split.count", header.parts)
    if announced != (number, header.parts):
        raise UnusableError(
            tr("{part} is not the file that belongs beside {name} under this name: it was renamed.").format(
                part=shown(part.path), name=shown(header.path)
            )
        )
