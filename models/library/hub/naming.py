"""Tells by file names which files of a repository are models, their quantisation, and which belong together. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from models.library.downloadable import Downloadable, RemoteFile, Split
from models.library.file_names import is_sound

QUANTISATION = re.compile(
    r"(?<![A-Z0-9])(?P<dynamic>UD-)?(?P<name>"
    r"I?Q[1-8]_K(?:_(?:XXL|XL|L|M|S|XS|XXS|P))?|IQ[1-8]_(?:XXS|XS|S|M|L|NL)(?:_XL)?|Q[1-8]_[01](?:_[48]_[48])?|"
    r"TQ[12]_0|BF16|FP?16|FP?32|MXFP4(?:_MOE)?|NVFP4)(?![A-Z0-9])"
)
SHARD = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.IGNORECASE)
PIECE = re.compile(r"(?P<stem>.+\.gguf)\.part(?P<number>\d{1,4})of(?P<count>\d{1,4})", re.IGNORECASE)
BESIDE = re.compile(  # GGUF files that go with a language model and are none
    r"mmproj|(?:^|/)mtp[-_./]|(?:^|/)(?:lora|adapter)[-_./]|[-_.](?:lora|adapter|vocab)(?:[-_.]f(?:16|32))?\.gguf$"
    r"|(?:^|/)(?:ggml-)?vocab[-_.]",
    re.IGNORECASE,
)
IMATRIX = re.compile("imatrix", re.IGNORECASE)  # an importance matrix, or a model quantised with one
SMALL = 10  # a model is at least this many times larger than its importance matrix
SHA256 = re.compile(r"[0-9a-f]{64}")
MOST_FILES = 1_000  # files of one item

SIZE_LABEL = re.compile(r"(?<![A-Za-z0-9.])(?:(\d+)[xX])?(\d+(?:\.\d+)?)([KkMmBb])(?![A-Za-z0-9])")


def quantisation(name: str) -> str:
    """The last quantisation in a file's path, as in Q4_K_M, UD-IQ2_M, F16; "" if there is none."""
    found = list(QUANTISATION.finditer(name.upper()))
    if not found:
        return ""
    name = re.sub(r"^FP(?=16|32)", "F", found[-1]["name"])
    return f"{found[-1]['dynamic'] or ''}{name}"


def is_model(name: str) -> bool:
    """Whether a file, by its name, is a language model or part of one, and the name is valid on every system."""
    lower = name.lower()
    ends_well = lower.endswith(".gguf") or PIECE.fullmatch(name) is not None
    plain = all(map(is_sound, name.split("/")))
    alone = may_be_imatrix(name) and name.rsplit("/", 1)[-1].lower().startswith("imatrix")
    return ends_well and plain and not alone and BESIDE.search(name) is None


def may_be_imatrix(name: str) -> bool:
    """Whether a file may be an importance matrix, by its name; a name with a quantisation is a model's."""
    file = name.rsplit("/", 1)[-1]
    return IMATRIX.search(file) is not None and not quantisation(file)


@dataclass(frozen=True, slots=True)
class _Part:
    """A file and its number in a set: 1 of 1 for a single file."""

    file: RemoteFile
    stem: str
    split: Split
    number: int
    count: int


def _part(file: RemoteFile) -> _Part:
    for pattern, split in ((SHARD, "shards"), (PIECE, "pieces")):
        if found := pattern.fullmatch(file.name):
            return _Part(file, found["stem"], split, int(found["number"]), int(found["count"]))  # pyright: ignore[reportArgumentType]
    return _Part(file, file.name, "", 1, 1)


def items(repo: str, commit: str, files: Iterable[RemoteFile]) -> tuple[Downloadable, ...]:
    """The items in these files, smallest first. Incomplete sets are left out."""
    named = [file for file in files if is_model(file.name) and file.size > 0]
    largest = max((file.size for file in named if not may_be_imatrix(file.name)), default=0)
    sets: dict[tuple[str, Split, int], dict[int, RemoteFile]] = {}
    for part in (_part(file) for file in named if not (may_be_imatrix(file.name) and file.size * SMALL < largest)):
        sets.setdefault((part.stem, part.split, part.count), {})[part.number] = part.file
    found = [
        Downloadable(repo, commit, quantisation(stem), tuple(parts[number] for number in sorted(parts)), split)
        for (stem, split, count), parts in sets.items()
        if _complete(parts, count)
    ]
    return tuple(sorted(found, key=lambda item: (item.size, item.name)))


def _complete(parts: dict[int, RemoteFile], count: int) -> bool:
    return 1 <= count <= MOST_FILES and set(parts) == set(range(1, count + 1))


def bits_per_weight(item: Downloadable, parameters: int) -> float | None:
    """The average bits a parameter; None if the number of parameters is not known."""
    return item.size * 8 / parameters if parameters > 0 else None


def parameters_in_name(name: str) -> int:
    """The number of parameters in a model's name, as in "Llama-3.1-8B", "8x7B" or "270m"; 0 if it has none.

    Of several sizes the first counts: later ones are active parameters ("30B-A3B") or training tokens ("1.1B-…-3T").
    """
    found = SIZE_LABEL.search(name.rsplit("/", 1)[-1])
    if found is None:
        return 0
    experts, number, unit = found.groups()
    return round(int(experts or 1) * float(number) * 1000 ** " KMB".index(unit.upper()))
