"""Reads the licences of all parts of the program.

An installed program has them as files, which its build wrote; in a checkout they come from the installed packages.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from resources import LICENCES
from resources.language import tr

if TYPE_CHECKING:  # imported on first use, to keep the start fast
    from importlib import metadata

OURS = "inkfall"
_NAME = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|AUTHORS)", re.IGNORECASE)
_REQUIREMENT = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class Licence:
    """The name of a part of the program, and the text of its licence."""

    name: str
    text: str


def licences(folder: Path = LICENCES) -> list[Licence]:
    """All licences, ours first, then by name. folder: of an installed program's files."""
    found = [Licence(path.stem, path.read_text(encoding="utf-8")) for path in folder.glob("*.txt")]
    return sorted(found or _of_packages(), key=lambda one: (one.name.lower() != OURS, one.name.lower()))


def _of_packages() -> Iterator[Licence]:
    """The licences of all packages that the program requires, directly or indirectly."""
    from importlib import metadata

    waiting, seen = [OURS], set[str]()
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # required on other systems only
        yield Licence(package.metadata["Name"], _text(package))
        needs = [need for need in package.requires or [] if "extra ==" not in need]
        waiting += [match[0] for need in needs if (match := _REQUIREMENT.match(need))]


def _text(package: "metadata.Distribution") -> str:
    data = package.metadata
    name = next((data[field] for field in ("License-Expression", "License") if field in data), tr("see the package"))
    texts = [f"{data['Name']} {package.version}\n" + tr("Licence: {said}").format(said=name) + "\n"]
    for file in package.files or []:
        if ".dist-info" in str(file) and _NAME.match(file.name):
            texts.append(Path(str(file.locate())).read_text(encoding="utf-8", errors="replace"))
    return "\n\n".join(texts)
