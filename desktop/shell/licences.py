"""The licences of everything the program consists of, as texts to show.

An installed program carries them as files, which its build wrote; in a checkout they are read from the packages that
are installed. Knows nothing of windows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from resources import LICENCES
from resources.language import tr

if TYPE_CHECKING:  # imported when they are read: a window opens without it
    from importlib import metadata

OURS = "inkfall"
_NAME = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|AUTHORS)", re.IGNORECASE)
_REQUIREMENT = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class Licence:
    """One part of the program: its name, and all that its licence says."""

    name: str
    text: str


def licences(folder: Path = LICENCES) -> list[Licence]:
    """All there are, ours first, then by name."""
    found = [Licence(path.stem, path.read_text(encoding="utf-8")) for path in folder.glob("*.txt")]
    return sorted(found or _of_packages(), key=lambda one: (one.name.lower() != OURS, one.name.lower()))


def _of_packages() -> Iterator[Licence]:
    """Of every package that the program needs, directly or not."""
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
            continue  # of another system
        yield Licence(package.metadata["Name"], _text(package))
        needs = [need for need in package.requires or [] if "extra ==" not in need]
        waiting += [match[0] for need in needs if (match := _REQUIREMENT.match(need))]


def _text(package: "metadata.Distribution") -> str:
    about = package.metadata
    said = next((about[field] for field in ("License-Expression", "License") if field in about), tr("see the package"))
    texts = [f"{about['Name']} {package.version}\n" + tr("Licence: {said}").format(said=said) + "\n"]
    for file in package.files or []:
        if ".dist-info" in str(file) and _NAME.match(file.name):
            texts.append(Path(str(file.locate())).read_text(encoding="utf-8", errors="replace"))
    return "\n\n".join(texts)
