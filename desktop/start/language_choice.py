"""Which language the program speaks: what the settings say, else what the system prefers, of those that there are.

Chosen before anything that speaks is imported, and handed to it, and to child processes, in the environment
(resources/language.py). Knows no Qt; a settings file that cannot be read says nothing.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from models.library.app_dirs import app_dirs
from models.library.json_file import read_json
from resources import LANGUAGES

CHOICE = "INKFALL_LANGUAGE"
SOURCE = "en"
FOR_SCRIPTS = "--json"
VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts
UNSPOKEN = ("C", "POSIX")  # locales without a language
PATIENCE = 2.0  # seconds


def choose(arguments: Sequence[str] = ()) -> None:
    """Settle the language of this process and of its children; one that is settled stays. arguments: of a command; what
    a script reads is English.
    """
    if FOR_SCRIPTS in arguments:
        os.environ[CHOICE] = SOURCE
    elif not os.environ.get(CHOICE):
        wanted = (of_settings(app_dirs().config / "settings.json"), *of_system(os.environ))
        os.environ[CHOICE] = spoken(wanted, LANGUAGES)


def spoken(wanted: tuple[str, ...], folder: Path) -> str:
    """The first of the wanted languages that there is; English is always there."""
    for language in filter(None, wanted):
        for name in (language, language.partition("_")[0]):
            if name == SOURCE or (folder / f"{name}.mo").is_file():
                return name
    return SOURCE


def of_settings(file: Path) -> str:
    """The language that the user has chosen; empty where that is left to the system."""
    said = read_json(file).get("language")
    return said if isinstance(said, str) else ""


def of_system(environment: Mapping[str, str], platform: str = sys.platform) -> tuple[str, ...]:
    """What the system prefers, as in `ko_KR`, best first."""
    place = next((value for name in VARIABLES if (value := environment.get(name))), "")
    if place:
        names = [_bare(name) for name in (environment.get("LANGUAGE") or place).split(":")]
        return () if _bare(place) in UNSPOKEN else tuple(names)  # as gettext has it
    if platform == "win32":
        return tuple(_of_windows())
    return tuple(_of_macos()) if platform == "darwin" else ()


def _bare(name: str) -> str:
    """ko_KR of ko_KR.UTF-8@modifier."""
    return name.partition(".")[0].partition("@")[0]


def _of_windows() -> Iterator[str]:
    import ctypes
    import locale

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009, there is none elsewhere
    yield locale.windows_locale.get(kernel.GetUserDefaultUILanguage(), "")


def _of_macos() -> Iterator[str]:
    """A program that Finder starts has no variables: the system's own list, `("ko-KR", "en-KR")` over lines."""
    import subprocess

    try:
        asked = ["defaults", "read", "-g", "AppleLanguages"]
        listed = subprocess.run(asked, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return
    for line in listed.splitlines():
        if name := line.strip('(), "'):
            yield name.replace("-", "_")
