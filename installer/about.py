"""The program's name, authors, version and description for all packages, and the folders where they are made.

The version is pyproject.toml's. Standard library only.
"""

import os
import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "dist"
DIST = ROOT / "dist"
NAME = "Inkfall"
ID = "org.inkfall.Inkfall"  # of AppStream, Flatpak and macOS
SUMMARY = "A page that a base language model writes on"
AUTHORS = "The Inkfall authors"
CONTACT = "authors@inkfall.invalid"  # a placeholder without a mailbox
MAINTAINER = f"{AUTHORS} <{CONTACT}>"
COPYRIGHT = f"{AUTHORS}, MIT licence"
ICON = ROOT / "resources" / "icon.svg"


def version(root: Path = ROOT) -> str:
    """The version of a checkout."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def moment() -> int:
    """The time of every file in the packages, in seconds since 1970: SOURCE_DATE_EPOCH, else that of the last commit,
    so that builds are reproducible."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    command = ["git", "log", "-1", "--format=%ct"]
    return int(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def numbers(version: str) -> tuple[int, int, int, int]:
    """A version as Windows has them: four numbers, without the suffix of a release candidate."""
    found = [int(number) for number in re.findall(r"\d+", version.partition("+")[0])[:3]]
    return (*found, *[0] * (3 - len(found)), 0)[:4]  # type: ignore[return-value]


def fill(words: str, version: str, day: str) -> str:
    """Replace the @NAMES@ in a file of installer/. day: of the release, as in 2026-10-31."""
    values = {"VERSION": version, "DATE": day, "ID": ID, "AUTHORS": AUTHORS, "SUMMARY": SUMMARY}
    for name, value in values.items():
        words = words.replace(f"@{name}@", value)
    return words
