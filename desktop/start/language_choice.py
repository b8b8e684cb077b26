"""Chooses the program's language: the one in the settings, else the system's, if there is a translation.

Must run before any module that translates its sentences is imported. The choice is an environment variable, so that
child processes inherit it (resources/language.py). No Qt.
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
NO_LANGUAGE = ("C", "POSIX")  # locales without a language
PATIENCE = 2.0  # seconds that macOS has to answer


def choose(arguments: Sequence[str] = ()) -> None:
    """Set the language of this process and of its children, unless it is set already. arguments: of the command line;
    with --json, which is for scripts, the language is English.
    """
    if FOR_SCRIPTS in arguments:
        os.environ[CHOICE] = SOURCE
    elif not os.environ.get(CHOICE):
        wanted = (of_settings(app_dirs().config / "settings.json"), *of_system(os.environ))
        os.environ[CHOICE] = first_available(wanted, LANGUAGES)


def first_available(wanted: tuple[str, ...], folder: Path) -> str:
    """The first of the wanted languages that has a translation in the folder (.mo files), else English."""
    for language in filter(None, wanted):
        for name in (language, language.partition("_")[0]):
            if name == SOURCE or (folder / f"{name}.mo").is_file():
                return name
    return SOURCE


def of_settings(file: Path) -> str:
    """The language in the settings' file; empty if there is none or the file cannot be read."""
    language = read_json(file).get("language")
    return language if isinstance(language, str) else ""


def of_system(environment: Mapping[str, str], platform: str = sys.platform) -> tuple[str, ...]:
    """The languages that the system prefers, as in `ko_KR`, best first."""
    locale = next((value for name in VARIABLES if (value := environment.get(name))), "")
    if locale:
        names = [_bare(name) for name in (environment.get("LANGUAGE") or locale).split(":")]
        return () if _bare(locale) in NO_LANGUAGE else tuple(names)  # the same rule as gettext's
    if platform == "win32":
        return tuple(_of_windows())
    return tuple(_of_macos()) if platform == "darwin" else ()


def _bare(name: str) -> str:
    """Return `ko_KR` for `ko_KR.UTF-8@modifier`."""
    return name.partition(".")[0].partition("@")[0]


def _of_windows() -> Iterator[str]:
    import ctypes
    import locale

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 (missing on other systems)
    yield locale.windows_locale.get(kernel.GetUserDefaultUILanguage(), "")


def _of_macos() -> Iterator[str]:
    """Ask macOS for its list, `("ko-KR", "en-KR")` over several lines: Finder sets no locale variables."""
    import subprocess

    try:
        asked = ["defaults", "read", "-g", "AppleLanguages"]
        listed = subprocess.run(asked, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return
    for line in listed.splitlines():
        if name := line.strip('(), "'):
            yield name.replace("-", "_")
