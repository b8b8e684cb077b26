"""Who and what the packages say the program is, once for all of them. The version is pyproject.toml's.

Knows nothing of any package's format.
"""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = "Inkfall"
ID = "org.inkfall.Inkfall"  # of AppStream, Flatpak and macOS
SUMMARY = "A page that a base language model writes on"
AUTHORS = "The Inkfall authors"
CONTACT = "authors@inkfall.invalid"  # a placeholder: nobody reads it
MAINTAINER = f"{AUTHORS} <{CONTACT}>"
COPYRIGHT = f"{AUTHORS}, MIT licence"
ICON = ROOT / "resources" / "icon.svg"


def version(root: Path = ROOT) -> str:
    """Of this checkout."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def numbers(version: str) -> tuple[int, int, int, int]:
    """A version as Windows has them: four numbers, without what a release candidate adds."""
    found = [int(number) for number in re.findall(r"\d+", version.partition("+")[0])[:3]]
    return (*found, *[0] * (3 - len(found)), 0)[:4]  # type: ignore[return-value]


def fill(words: str, version: str, day: str) -> str:
    """A file of installer/ with what stands between @ signs in it filled in. day: of the release, 2026-10-31."""
    values = {"VERSION": version, "DATE": day, "ID": ID, "AUTHORS": AUTHORS, "SUMMARY": SUMMARY}
    for name, value in values.items():
        words = words.replace(f"@{name}@", value)
    return words
