"""The catalogue of recommended base models: read from resources/catalogue.toml and searched by id and name."""

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast, get_args

from resources import CATALOGUE
from resources.language import SPOKEN

Level = Literal["first", "everyday", "large", "expert"]
LEVELS: tuple[Level, ...] = get_args(Level)
REPO = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
QUANTISATION = re.compile(r"[._-](?:i1-|ud-)?(?:i?q\d\w*|tq\d_0|mxfp4\w*|nvfp4|bf16|f16|f32|fp16|fp32)$", re.IGNORECASE)
NUMBERS = {"parameters", "active", "context", "size"}
LISTS = {"also", "chat_twins"}
TRANSLATED = re.compile("good_for_[a-z]+")
USUAL = "Q4_K_M"
SHARD = re.compile(r"-\d{5}-of-\d{5}$")


class CatalogueError(Exception):
    """A table of the catalogue is wrong; the message says which and why. A test reads every table."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of the catalogue. parameters: their number; active: those used for one token. context: tokens it was
    trained for. size: bytes of the recommended file, approximate. 0 or "": not known for sure.
    """

    name: str
    maker: str
    family: str
    level: Level
    parameters: int
    base_model: str
    repo: str
    quantisation: str
    good_for: str
    active: int = 0
    context: int = 0
    licence: str = ""
    also: tuple[str, ...] = ()
    chat_twins: tuple[str, ...] = ()
    file: str = ""
    size: int = 0
    sha256: str = ""
    revision: str = ""
    gated: bool = False

    @property
    def originals(self) -> tuple[str, ...]:
        """Every id that the original model has or had on the hub."""
        return (self.base_model, *self.also)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The entries, in the order of the file (the smallest level first), and licences: names by id."""

    entries: tuple[Entry, ...]
    licences: Mapping[str, str]


def read(path: Path) -> Catalogue:
    """Read and check a catalogue file. Raises CatalogueError."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error
    if set(found) - {"model", "licences"}:
        raise CatalogueError(f"{path.name}: unknown tables {sorted(set(found) - {'model', 'licences'})}")
    licences = cast("dict[str, str]", found.get("licences", {}))
    tables = cast("list[Mapping[str, object]]", found.get("model", []))
    entries = tuple(_entry(table, licences) for table in tables)
    _check_all(entries)
    return Catalogue(entries, MappingProxyType(licences))


def _entry(table: Mapping[str, object], licences: Mapping[str, str]) -> Entry:
    name = table.get("name", "?")
    values: dict[str, Any] = {key: _value(name, key, value) for key, value in _translated(table).items()}
    try:
        entry = Entry(**values)
    except TypeError as error:  # an unknown field, or a missing one
        raise CatalogueError(f"{name}: {error}") from error
    for problem in _problems(entry, licences):
        raise CatalogueError(f"{name}: {problem}")
    return entry


def _translated(table: Mapping[str, object]) -> Mapping[str, object]:
    """A table with `good_for` in the interface's language (good_for_ko), if it has that."""
    untranslated = {key: value for key, value in table.items() if not TRANSLATED.fullmatch(key)}
    return {**untranslated, "good_for": table[own]} if (own := f"good_for_{SPOKEN}") in table else untranslated


def _value(name: object, key: str, value: object) -> object:
    """A value in its field's type. Raises CatalogueError."""
    wanted = list if key in LISTS else int if key in NUMBERS else bool if key == "gated" else str
    if type(value) is not wanted:
        raise CatalogueError(f"{name}: {key} cannot be {value!r}")
    if not isinstance(value, list):
        return value
    items = cast("list[object]", value)
    if not all(isinstance(item, str) for item in items):
        raise CatalogueError(f"{name}: {key} is a list of texts")
    return tuple(items)


def _problems(entry: Entry, licences: Mapping[str, str]) -> Iterable[str]:
    ids = (entry.repo, entry.base_model, *entry.chat_twins)
    if bad := [one for one in ids if not REPO.fullmatch(one)]:
        yield f"{bad[0]!r} is no id of the hub"
    if entry.level not in LEVELS:
        yield f"there is no level {entry.level!r}"
    if entry.licence and entry.licence not in licences:
        yield f"the licence {entry.licence!r} has no name"
    if not (entry.name and entry.maker and entry.family and entry.quantisation and entry.good_for):
        yield "a text is empty"
    if not 0 < entry.parameters < 10**13 or not 0 <= entry.active < entry.parameters:
        yield "so many parameters cannot be"
    if not 0 <= entry.context <= 1 << 24 or entry.size < 0:
        yield "context and size cannot be"
    if not re.fullmatch(r"[0-9a-f]{64}|", entry.sha256) or not re.fullmatch(r"[0-9a-f]{40}|", entry.revision):
        yield "sha256 or revision is no such number"
    if entry.file and ".gguf" not in entry.file:
        yield f"{entry.file!r} is no GGUF file"


def _check_all(entries: tuple[Entry, ...]) -> None:
    for what in ("name", "repo"):
        values = [str(getattr(entry, what)).lower() for entry in entries]
        if len(set(values)) != len(values):
            raise CatalogueError(f"two models have one {what}")
    if [entry.level for entry in entries] != sorted((entry.level for entry in entries), key=LEVELS.index):
        raise CatalogueError("the models are not in the order of their levels")


@functools.cache
def catalogue() -> Catalogue:
    """The catalogue that the program ships."""
    return read(CATALOGUE)


def entries() -> tuple[Entry, ...]:
    """All models, in the order in which they are shown."""
    return catalogue().entries


def for_repo(repo: str) -> Entry | None:
    """The entry of this repository of GGUF files, or None."""
    return _by_repo().get(repo.lower())


def usual_quantisation(repo: str) -> str:
    """The default quantisation of a repository: the catalogue's choice, else USUAL."""
    entry = for_repo(repo)
    return entry.quantisation if entry else USUAL


def for_original(original: str) -> Entry | None:
    """The first entry with this original model, under any of its ids, or None."""
    return _by_original().get(original.lower())


def pinned(repo: str, file: str, size: int) -> str:
    """The catalogue's sha256 of the file, if its size (bytes) matches too; else ""."""
    entry = for_repo(repo)
    return entry.sha256 if entry and (entry.file, entry.size) == (file, size) else ""


def replaced(repo: str, file: str, sha256: str) -> bool:
    """Whether the file's content is not the one in the catalogue."""
    entry = for_repo(repo)
    return entry is not None and entry.file == file and "" not in (entry.sha256, sha256) and entry.sha256 != sha256


def for_name(file: str) -> Entry | None:
    """The entry that a file is named like, or None. Only a hint: a file can have any name."""
    return _by_name().get(stem(file))


def chat_twin(id_or_file: str) -> Entry | None:
    """The entry whose chat model this is, by the chat model's id or its file's name, or None."""
    return _by_chat_twin().get(id_or_file.lower()) or _by_chat_twin().get(stem(id_or_file))


def licence_name(licence: str) -> str:
    """The name of a licence; its id if it has no name here."""
    return catalogue().licences.get(licence.lower(), licence)


def stem(file: str) -> str:
    """The model's name in a file's or repository's name: lower case, without quantisation and ending."""
    name = re.split(r"[/\\]", file)[-1]
    name = re.sub(r"\.gguf(\.part\d+of\d+)?$", "", name, flags=re.IGNORECASE)
    return QUANTISATION.sub("", SHARD.sub("", name)).lower()


@functools.cache
def _by_repo() -> Mapping[str, Entry]:
    return {entry.repo.lower(): entry for entry in entries()}


@functools.cache
def _by_original() -> Mapping[str, Entry]:
    return {original.lower(): entry for entry in reversed(entries()) for original in entry.originals}


@functools.cache
def _by_name() -> Mapping[str, Entry]:
    files = {stem(entry.file): entry for entry in reversed(entries()) if entry.file}
    return files | {stem(original): entry for entry in reversed(entries()) for original in entry.originals}


@functools.cache
def _by_chat_twin() -> Mapping[str, Entry]:
    return {key: entry for entry in entries() for twin in entry.chat_twins for key in (twin.lower(), stem(twin))}
