"""The map in CONTRIBUTING.md has one line for each module, names only what exists, and fits into 140 columns."""

import re
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent.parent
MAPPED = ("models", "desktop", "resources", "installer")


def map_lines() -> list[str]:
    """The lines of the map."""
    text = (FOLDER / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return text.partition("## The map")[2].split("```")[1].strip("\n").splitlines()


def map_paths() -> Iterator[str]:
    """The path that each line describes, from the project's folder."""
    folders: list[str] = []
    for line in map_lines():
        depth = (len(line) - len(line.lstrip())) // 2
        name = line.split()[0]
        folders[depth:] = [name.rstrip("/")]
        yield "/".join(folders)


def modules() -> set[str]:
    """The paths of all modules that the map describes."""
    files = [file for folder in MAPPED for file in (FOLDER / folder).rglob("*.py")]
    return {file.relative_to(FOLDER).as_posix() for file in files if file.name != "__init__.py"}


def test_every_module_has_one_line() -> None:
    paths = list(map_paths())
    assert len(paths) == len(set(paths))
    assert modules() - set(paths) == set()


def test_every_line_names_what_exists_and_says_what_it_does() -> None:
    assert [path for path in map_paths() if not (FOLDER / path).exists()] == []
    assert [line for line in map_lines() if not re.fullmatch(r" *\S+ +\S.*", line)] == []


def test_no_line_is_wider_than_140_columns() -> None:
    assert [line for line in map_lines() if len(line) > 140] == []
